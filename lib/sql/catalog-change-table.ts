/** CREATE, ALTER and DROP TABLE. */
import type { AlterTable, CreateTable, DropTable } from './ast.ts';
import { databaseFor, refuse, replaced, withDatabase, without } from './catalog-edit.ts';
import { alteredTable } from './catalog-alter.ts';
import { catalogTable, type CatalogTable } from './catalog-table.ts';
import { objectAt, pathText, permanentAt, samePath, tableNames, tablePath, temporaryAt, type Catalogs, type TablePath } from './catalog.ts';
import { checkAltered, checkDefinition } from './check-definition.ts';
import { didYouMean, positionOf } from './diagnostic.ts';
import { checkIcebergChange, checkIcebergTable } from './iceberg-table.ts';

export function createTable(catalogs: Catalogs, statement: CreateTable): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const table = catalogTable(statement, baseOf(catalogs, statement));
  checkDefinition(statement, table);
  return statement.temporary
    ? createTemporary(catalogs, statement, { path, table })
    : createPermanent(catalogs, statement, path, table);
}

/** The table behind LIKE. */
function baseOf(catalogs: Catalogs, { like, source }: CreateTable): CatalogTable | null {
  if (like === null) return null;
  const path = tablePath(catalogs, like.table, source);
  const found = objectAt(catalogs, path);
  const { line, column } = positionOf(source, like.table.span);
  const of = `Source table '${pathText(path)}' of the LIKE clause`;
  if (found === undefined) throw refuse({ source }, like.table, `${of} not found in the catalog, at line ${line}, column ${column}`, nearestTable(catalogs, path));
  if (found.kind === 'view') throw refuse({ source }, like.table, `${of} can not be a VIEW, at line ${line}, column ${column}`);
  return found.table;
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

/** Flink's CREATE TABLE … LIKE and ALTER TABLE leave all that they do not name as it is. */
export function alterTable(catalogs: Catalogs, statement: AlterTable): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const found = permanentAt(catalogs, path);
  if (found?.kind === 'view') throw refuse(statement, statement.name, 'ALTER TABLE for a VIEW is not allowed', 'Write ALTER VIEW.');
  if (found === undefined || temporaryAt(catalogs, path) !== undefined) {
    if (statement.ifExists) return catalogs;
    throw refuse(statement, statement.name, `Table ${pathText(path)} doesn't exist or is a temporary table.`, nearestTable(catalogs, path));
  }
  return withAltered(catalogs, statement, path, found.table);
}

function withAltered(catalogs: Catalogs, statement: AlterTable, path: TablePath, table: CatalogTable): Catalogs {
  const { catalog, database } = databaseFor(catalogs, statement, path);
  const { change, source } = statement;
  if (catalog.type === 'iceberg') checkIcebergChange(statement);
  if (change.kind !== 'rename') {
    const altered = alteredTable(table, change, statement);
    checkAltered(statement, altered);
    return withDatabase(catalogs, catalog, { ...database, tables: replaced(database.tables, altered) });
  }
  const to = { ...path, table: tablePath(catalogs, change.to, source).table };
  if (permanentAt(catalogs, to) !== undefined) throw refuse(statement, change.to, alreadyThere(to));
  return withDatabase(catalogs, catalog, { ...database, tables: [...without(database.tables, path.table), { ...table, name: to.table }] });
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
