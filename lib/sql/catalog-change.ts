/** CREATE, DROP and USE: each makes new catalogs from the old ones, or says in Flink's words why it cannot. */
import type { SluiceError } from '../core/errors.ts';
import type {
  AlterTable,
  AlterView,
  CreateCatalog,
  CreateDatabase,
  CreateTable,
  CreateView,
  DropCatalog,
  DropDatabase,
  DropTable,
  DropView,
  Span,
  Statement,
  UseCatalog,
  UseDatabase,
} from './ast.ts';
import { optionRecord } from './catalog-table.ts';
import { alterTable, createTable, dropTable } from './catalog-change-table.ts';
import { alterView, createView, dropView, type ViewSession } from './catalog-change-view.ts';
import { catalogFor, databaseFor, refuse, withCatalog, without } from './catalog-edit.ts';
import {
  CATALOG_TYPES,
  catalogNames,
  databaseAt,
  databaseNames,
  databasePath,
  named,
  newCatalog,
  type Catalogs,
  type CatalogType,
  type Database,
  type TablePath,
} from './catalog.ts';
import { didYouMean, sqlError } from './diagnostic.ts';
import { checkIcebergCatalog } from './iceberg-options.ts';

export type CatalogStatement =
  | AlterTable
  | AlterView
  | CreateCatalog
  | CreateDatabase
  | CreateTable
  | CreateView
  | DropCatalog
  | DropDatabase
  | DropTable
  | DropView
  | UseCatalog
  | UseDatabase;

/** True for statements that `changeCatalogs` takes. */
export const isCatalogStatement = (statement: Statement): statement is CatalogStatement =>
  /^(create|alter|drop|use)-/.test(statement.kind);

/** The catalogs after the statement; the same value if IF [NOT] EXISTS made it do nothing. */
export function changeCatalogs(catalogs: Catalogs, statement: CatalogStatement, session: ViewSession = { warehouse: '', resolvePath: (path) => path, options: {} }): Catalogs {
  switch (statement.kind) {
    case 'create-catalog':
      return createCatalog(catalogs, statement);
    case 'create-database':
      return createDatabase(catalogs, statement);
    case 'create-table':
      return createTable(catalogs, statement);
    case 'create-view':
      return createView(catalogs, statement, session);
    case 'alter-view':
      return alterView(catalogs, statement, session);
    case 'drop-view':
      return dropView(catalogs, statement);
    case 'alter-table':
      return alterTable(catalogs, statement);
    case 'drop-catalog':
      return dropCatalog(catalogs, statement);
    case 'drop-database':
      return dropDatabase(catalogs, statement);
    case 'drop-table':
      return dropTable(catalogs, statement);
    case 'use-catalog':
      return useCatalog(catalogs, statement);
    case 'use-database':
      return useDatabase(catalogs, statement);
  }
}

function createCatalog(catalogs: Catalogs, statement: CreateCatalog): Catalogs {
  const { name } = statement.name;
  if (named(catalogs.catalogs, name) !== undefined) {
    if (statement.ifNotExists) return catalogs;
    throw refuse(statement, statement.name, `Catalog ${name} already exists.`);
  }
  const options = optionRecord(statement.options);
  const type = catalogType(statement);
  if (type === 'iceberg') checkIcebergCatalog(options, name);
  const created = newCatalog(name, type, options['default-database'] ?? 'default');
  const catalog = { ...created, options, comment: statement.comment?.value ?? null };
  return { ...catalogs, catalogs: [...catalogs.catalogs, catalog] };
}

function catalogType(statement: CreateCatalog): CatalogType {
  const option = statement.options.find(({ key }) => key.value === 'type');
  const known = `Known types: ${CATALOG_TYPES.map((type) => `'${type}'`).join(', ')}.`;
  if (option === undefined) throw optionInvalid(statement, statement.name.span, "the option 'type' is missing", known);
  const found = CATALOG_TYPES.find((type) => type === option.value.value);
  if (found !== undefined) return found;
  throw optionInvalid(statement, option.value.span, `'${option.value.value}' is not a type of catalog`, known);
}

const optionInvalid = (statement: CreateCatalog, span: Span, message: string, hint: string): SluiceError =>
  sqlError('OPTION_INVALID', statement.source, span, message, hint);

function dropCatalog(catalogs: Catalogs, statement: DropCatalog): Catalogs {
  const { name } = statement.name;
  if (named(catalogs.catalogs, name) === undefined) {
    if (statement.ifExists) return catalogs;
    throw refuse(statement, statement.name, `Catalog ${name} does not exist.`, didYouMean(name, catalogNames(catalogs)));
  }
  if (name === catalogs.currentCatalog) {
    const hint = 'USE another CATALOG first.';
    throw refuse(statement, statement.name, 'Cannot drop a catalog which is currently in use.', hint);
  }
  const temporaryTables = catalogs.temporaryTables.filter(({ path }) => path.catalog !== name);
  const temporaryViews = catalogs.temporaryViews.filter(({ path }) => path.catalog !== name);
  return { ...catalogs, temporaryTables, temporaryViews, catalogs: without(catalogs.catalogs, name) };
}

function useCatalog(catalogs: Catalogs, statement: UseCatalog): Catalogs {
  const { name } = statement.name;
  const catalog = named(catalogs.catalogs, name);
  if (catalog !== undefined) return { ...catalogs, currentCatalog: name, currentDatabase: catalog.defaultDatabase };
  const message = `A catalog with name [${name}] does not exist.`;
  throw refuse(statement, statement.name, message, didYouMean(name, catalogNames(catalogs)));
}

function createDatabase(catalogs: Catalogs, statement: CreateDatabase): Catalogs {
  const path = databasePath(catalogs, statement.name, statement.source);
  const catalog = catalogFor(catalogs, statement, path.catalog);
  if (named(catalog.databases, path.database) !== undefined) {
    if (statement.ifNotExists) return catalogs;
    const message = `Database ${path.database} already exists in Catalog ${path.catalog}.`;
    throw refuse(statement, statement.name, message);
  }
  const comment = statement.comment?.value ?? null;
  const database = { name: path.database, comment, options: optionRecord(statement.options), tables: [] };
  return withCatalog(catalogs, { ...catalog, databases: [...catalog.databases, database] });
}

function dropDatabase(catalogs: Catalogs, statement: DropDatabase): Catalogs {
  const path = databasePath(catalogs, statement.name, statement.source);
  if (statement.ifExists && databaseAt(catalogs, path.catalog, path.database) === undefined) return catalogs;
  const { catalog, database } = databaseFor(catalogs, statement, path);
  refuseDropInUse(catalogs, statement, path, database);
  return withCatalog(catalogs, { ...catalog, databases: without(catalog.databases, path.database) });
}

function refuseDropInUse(
  catalogs: Catalogs,
  statement: DropDatabase,
  path: Omit<TablePath, 'table'>,
  database: Database,
): void {
  if (path.catalog === catalogs.currentCatalog && path.database === catalogs.currentDatabase) {
    throw refuse(statement, statement.name, 'Cannot drop a database which is currently in use.', 'USE another one first.');
  }
  if (statement.cascade || database.tables.length + (database.views?.length ?? 0) === 0) return;
  const message = `Database ${path.database} in catalog ${path.catalog} is not empty.`;
  throw refuse(statement, statement.name, message, 'CASCADE drops its tables, too.');
}

function useDatabase(catalogs: Catalogs, statement: UseDatabase): Catalogs {
  const path = databasePath(catalogs, statement.name, statement.source);
  catalogFor(catalogs, statement, path.catalog);
  if (databaseAt(catalogs, path.catalog, path.database) !== undefined) {
    return { ...catalogs, currentCatalog: path.catalog, currentDatabase: path.database };
  }
  const message = `A database with name [${path.database}] does not exist in the catalog: [${path.catalog}].`;
  throw refuse(statement, statement.name, message, didYouMean(path.database, databaseNames(catalogs, path.catalog)));
}
