/** CREATE, DROP and USE: each makes new catalogs from the old ones, or says in Flink's words why it cannot. */
import type { SluiceError } from '../core/errors.ts';
import type {
  AlterTable,
  CreateCatalog,
  CreateDatabase,
  CreateTable,
  DropCatalog,
  DropDatabase,
  DropTable,
  Span,
  Statement,
  UseCatalog,
  UseDatabase,
} from './ast.ts';
import { catalogTable, optionRecord, type CatalogTable } from './catalog-table.ts';
import {
  CATALOG_TYPES,
  catalogNames,
  databaseAt,
  databaseNames,
  databasePath,
  named,
  newCatalog,
  pathText,
  samePath,
  tableNames,
  tablePath,
  temporaryAt,
  type Catalog,
  type Catalogs,
  type CatalogType,
  type Database,
  type TablePath,
} from './catalog.ts';
import { didYouMean, sqlError } from './diagnostic.ts';
import { checkIcebergCatalog } from './iceberg-options.ts';
import { checkIcebergTable, checkIcebergOptions } from './iceberg-table.ts';

export type CatalogStatement =
  | AlterTable
  | CreateCatalog
  | CreateDatabase
  | CreateTable
  | DropCatalog
  | DropDatabase
  | DropTable
  | UseCatalog
  | UseDatabase;

/** True for statements that `changeCatalogs` takes. */
export const isCatalogStatement = (statement: Statement): statement is CatalogStatement =>
  /^(create|alter|drop|use)-/.test(statement.kind);

/** The catalogs after the statement; the same value if IF [NOT] EXISTS made it do nothing. */
export function changeCatalogs(catalogs: Catalogs, statement: CatalogStatement): Catalogs {
  switch (statement.kind) {
    case 'create-catalog':
      return createCatalog(catalogs, statement);
    case 'create-database':
      return createDatabase(catalogs, statement);
    case 'create-table':
      return createTable(catalogs, statement);
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

const refuse = ({ source }: CatalogStatement, { span }: { readonly span: Span }, message: string, hint?: string): SluiceError =>
  sqlError('SQL_VALIDATE', source, span, message, hint);

const without = <T extends { readonly name: string }>(items: readonly T[], name: string): T[] =>
  items.filter((item) => item.name !== name);

/** Puts the item into the place of the one with its name. */
const replaced = <T extends { readonly name: string }>(items: readonly T[], item: T): T[] =>
  items.map((old) => (old.name === item.name ? item : old));

const withCatalog = (catalogs: Catalogs, catalog: Catalog): Catalogs => ({
  ...catalogs,
  catalogs: replaced(catalogs.catalogs, catalog),
});

function withDatabase(catalogs: Catalogs, catalog: Catalog, database: Database): Catalogs {
  return withCatalog(catalogs, { ...catalog, databases: replaced(catalog.databases, database) });
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
  return { ...catalogs, temporaryTables, catalogs: without(catalogs.catalogs, name) };
}

function useCatalog(catalogs: Catalogs, statement: UseCatalog): Catalogs {
  const { name } = statement.name;
  const catalog = named(catalogs.catalogs, name);
  if (catalog !== undefined) return { ...catalogs, currentCatalog: name, currentDatabase: catalog.defaultDatabase };
  const message = `A catalog with name [${name}] does not exist.`;
  throw refuse(statement, statement.name, message, didYouMean(name, catalogNames(catalogs)));
}

/** The catalog that a statement works in. */
function catalogFor(catalogs: Catalogs, statement: CatalogStatement, name: string): Catalog {
  const catalog = named(catalogs.catalogs, name);
  if (catalog !== undefined) return catalog;
  const hint = didYouMean(name, catalogNames(catalogs));
  throw refuse(statement, statement.name, `Catalog ${name} does not exist.`, hint);
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
  const catalog = catalogFor(catalogs, statement, path.catalog);
  const database = named(catalog.databases, path.database);
  if (database === undefined) {
    const message = `Database ${path.database} does not exist in Catalog ${path.catalog}.`;
    throw refuse(statement, statement.name, message, didYouMean(path.database, databaseNames(catalogs, path.catalog)));
  }
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
  if (statement.cascade || database.tables.length === 0) return;
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

function createTable(catalogs: Catalogs, statement: CreateTable): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const table = catalogTable(statement);
  return statement.temporary
    ? createTemporary(catalogs, statement, { path, table })
    : createPermanent(catalogs, statement, path, table);
}

function createTemporary(
  catalogs: Catalogs,
  statement: CreateTable,
  created: Catalogs['temporaryTables'][number],
): Catalogs {
  if (temporaryAt(catalogs, created.path) === undefined) {
    return { ...catalogs, temporaryTables: [...catalogs.temporaryTables, created] };
  }
  if (statement.ifNotExists) return catalogs;
  throw refuse(statement, statement.name, `Temporary table '${pathText(created.path)}' already exists.`);
}

function createPermanent(catalogs: Catalogs, statement: CreateTable, path: TablePath, table: CatalogTable): Catalogs {
  const catalog = catalogFor(catalogs, statement, path.catalog);
  const database = named(catalog.databases, path.database);
  if (database === undefined) {
    const message = `Database ${path.database} does not exist in Catalog ${path.catalog}.`;
    throw refuse(statement, statement.name, message, didYouMean(path.database, databaseNames(catalogs, path.catalog)));
  }
  if (catalog.type === 'iceberg') checkIcebergTable(statement);
  if (named(database.tables, path.table) === undefined) {
    return withDatabase(catalogs, catalog, { ...database, tables: [...database.tables, table] });
  }
  if (statement.ifNotExists) return catalogs;
  const message = `Table (or view) ${path.database}.${path.table} already exists in Catalog ${path.catalog}.`;
  throw refuse(statement, statement.name, message, 'CREATE TABLE IF NOT EXISTS leaves the table that is there.');
}

/** The options of a table: those that are SET, without those that are RESET. */
export function alteredOptions(options: Readonly<Record<string, string>>, { set, reset }: Pick<AlterTable, 'set' | 'reset'>): Record<string, string> {
  const gone = new Set(reset.map(({ value }) => value));
  return { ...Object.fromEntries(Object.entries(options).filter(([key]) => !gone.has(key))), ...optionRecord(set) };
}

function alterTable(catalogs: Catalogs, statement: AlterTable): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const altered = <T extends CatalogTable>(table: T): T => ({ ...table, options: alteredOptions(table.options, statement) });
  if (temporaryAt(catalogs, path) !== undefined) {
    return { ...catalogs, temporaryTables: catalogs.temporaryTables.map((each) => (samePath(each.path, path) ? { ...each, table: altered(each.table) } : each)) };
  }
  const catalog = named(catalogs.catalogs, path.catalog);
  const database = databaseAt(catalogs, path.catalog, path.database);
  const table = named(database?.tables ?? [], path.table);
  if (catalog === undefined || database === undefined || table === undefined) return noTable(catalogs, statement, path);
  if (catalog.type === 'iceberg') checkIcebergOptions(statement, statement.set, statement.reset);
  return withDatabase(catalogs, catalog, { ...database, tables: replaced(database.tables, altered(table)) });
}

function dropTable(catalogs: Catalogs, statement: DropTable): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const isTemporary = temporaryAt(catalogs, path) !== undefined;
  if (statement.temporary && isTemporary) {
    return { ...catalogs, temporaryTables: catalogs.temporaryTables.filter((other) => !samePath(other.path, path)) };
  }
  if (isTemporary) {
    const message = `Temporary table with identifier '${pathText(path)}' exists. Drop it first before removing the permanent table.`;
    throw refuse(statement, statement.name, message);
  }
  return statement.temporary ? noTable(catalogs, statement, path) : dropPermanent(catalogs, statement, path);
}

function dropPermanent(catalogs: Catalogs, statement: DropTable, path: TablePath): Catalogs {
  const catalog = named(catalogs.catalogs, path.catalog);
  const database = databaseAt(catalogs, path.catalog, path.database);
  if (catalog === undefined || database === undefined) return noTable(catalogs, statement, path);
  if (named(database.tables, path.table) === undefined) return noTable(catalogs, statement, path);
  return withDatabase(catalogs, catalog, { ...database, tables: without(database.tables, path.table) });
}

function noTable(catalogs: Catalogs, statement: DropTable | AlterTable, path: TablePath): Catalogs {
  if (statement.ifExists) return catalogs;
  const what = statement.kind === 'drop-table' && statement.temporary ? 'Temporary table' : 'Table';
  const hint = didYouMean(path.table, tableNames(catalogs, path.catalog, path.database));
  throw refuse(statement, statement.name, `${what} with identifier '${pathText(path)}' does not exist.`, hint);
}
