/** CREATE, ALTER and DROP TABLE. */
import type { AlterTable, CreateTable, DropTable } from './ast.ts';
import { databaseFor, refuse, replaced, withDatabase, without } from './catalog-edit.ts';
import { catalogTable, optionRecord, type CatalogTable } from './catalog-table.ts';
import { pathText, permanentAt, samePath, tableNames, tablePath, temporaryAt, type Catalogs, type TablePath } from './catalog.ts';
import { didYouMean } from './diagnostic.ts';
import { checkIcebergOptions, checkIcebergTable } from './iceberg-table.ts';

export function createTable(catalogs: Catalogs, statement: CreateTable): Catalogs {
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
  const { catalog, database } = databaseFor(catalogs, statement, path);
  if (catalog.type === 'iceberg') checkIcebergTable(statement);
  if (permanentAt(catalogs, path) === undefined) return withDatabase(catalogs, catalog, { ...database, tables: [...database.tables, table] });
  if (statement.ifNotExists) return catalogs;
  throw refuse(statement, statement.name, alreadyThere(path), 'CREATE TABLE IF NOT EXISTS leaves the table that is there.');
}

/** Flink's TableAlreadyExistException. */
export const alreadyThere = ({ catalog, database, table }: TablePath): string => `Table (or view) ${database}.${table} already exists in Catalog ${catalog}.`;

/** The options of a table: those that are SET, without those that are RESET. */
export function alteredOptions(options: Readonly<Record<string, string>>, { set, reset }: Pick<AlterTable, 'set' | 'reset'>): Record<string, string> {
  const gone = new Set(reset.map(({ value }) => value));
  return { ...Object.fromEntries(Object.entries(options).filter(([key]) => !gone.has(key))), ...optionRecord(set) };
}

export function alterTable(catalogs: Catalogs, statement: AlterTable): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const found = permanentAt(catalogs, path);
  if (found?.kind === 'view') throw refuse(statement, statement.name, 'ALTER TABLE for a VIEW is not allowed', 'Write ALTER VIEW.');
  if (found === undefined || temporaryAt(catalogs, path) !== undefined) {
    if (statement.ifExists) return catalogs;
    throw refuse(statement, statement.name, `Table ${pathText(path)} doesn't exist or is a temporary table.`, nearestTable(catalogs, path));
  }
  const { catalog, database } = databaseFor(catalogs, statement, path);
  if (catalog.type === 'iceberg') checkIcebergOptions(statement, statement.set, statement.reset);
  const altered = { ...found.table, options: alteredOptions(found.table.options, statement) };
  return withDatabase(catalogs, catalog, { ...database, tables: replaced(database.tables, altered) });
}

export function dropTable(catalogs: Catalogs, statement: DropTable): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const isTemporary = temporaryAt(catalogs, path)?.kind === 'table';
  if (statement.temporary && isTemporary) {
    return { ...catalogs, temporaryTables: catalogs.temporaryTables.filter((other) => !samePath(other.path, path)) };
  }
  if (isTemporary) {
    const message = `Temporary table with identifier '${pathText(path)}' exists. Drop it first before removing the permanent table.`;
    throw refuse(statement, statement.name, message);
  }
  if (!statement.temporary && permanentAt(catalogs, path)?.kind === 'table') return dropPermanent(catalogs, statement, path);
  if (statement.ifExists) return catalogs;
  const what = statement.temporary ? 'Temporary table' : 'Table';
  throw refuse(statement, statement.name, `${what} with identifier '${pathText(path)}' does not exist.`, nearestTable(catalogs, path));
}

function dropPermanent(catalogs: Catalogs, statement: DropTable, path: TablePath): Catalogs {
  const { catalog, database } = databaseFor(catalogs, statement, path);
  return withDatabase(catalogs, catalog, { ...database, tables: without(database.tables, path.table) });
}

const nearestTable = (catalogs: Catalogs, path: TablePath): string | undefined => didYouMean(path.table, tableNames(catalogs, path.catalog, path.database));
