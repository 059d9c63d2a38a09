/**
 * Catalogs, databases and tables as immutable values that are JSON as they stand. `default_catalog` lives as long as the
 * session; the others are kept by whoever gave them to `newCatalogs`.
 */
import type { SluiceError } from '../core/errors.ts';
import type { Identifier, QualifiedName } from './ast.ts';
import type { CatalogTable } from './catalog-table.ts';
import { didYouMean, sqlError } from './diagnostic.ts';

export const DEFAULT_CATALOG = 'default_catalog';
export const DEFAULT_DATABASE = 'default_database';

/** `generic_in_memory` is lost with the session; `filesystem` keeps its tables as files; of `iceberg` only the definition is kept here, its databases and tables are where it says. */
export type CatalogType = 'generic_in_memory' | 'filesystem' | 'iceberg';
export const CATALOG_TYPES: readonly CatalogType[] = ['filesystem', 'generic_in_memory', 'iceberg'];

export interface Database {
  readonly name: string;
  readonly comment: string | null;
  readonly options: Readonly<Record<string, string>>;
  readonly tables: readonly CatalogTable[];
}

export interface Catalog {
  readonly name: string;
  readonly type: CatalogType;
  readonly comment: string | null;
  /**
   * The WITH clause. `warehouse` is the directory of a filesystem catalog; without it, one inside the data directory is
   * meant.
   */
  readonly options: Readonly<Record<string, string>>;
  /** The database that USE CATALOG goes to. */
  readonly defaultDatabase: string;
  readonly databases: readonly Database[];
}

export interface TablePath {
  readonly catalog: string;
  readonly database: string;
  readonly table: string;
}

/** A table of the session alone; it hides a permanent one with the same path. */
export interface TemporaryTable {
  readonly path: TablePath;
  readonly table: CatalogTable;
}

/** All that names can mean in a session. */
export interface Catalogs {
  readonly catalogs: readonly Catalog[];
  readonly temporaryTables: readonly TemporaryTable[];
  readonly currentCatalog: string;
  readonly currentDatabase: string;
}

/** The catalogs of a new session: the default one, which is current, and those that were kept. */
export function newCatalogs(kept: readonly Catalog[] = []): Catalogs {
  return {
    catalogs: [newCatalog(DEFAULT_CATALOG, 'generic_in_memory', DEFAULT_DATABASE), ...kept],
    temporaryTables: [],
    currentCatalog: DEFAULT_CATALOG,
    currentDatabase: DEFAULT_DATABASE,
  };
}

/** A catalog with its default database and nothing else. */
export function newCatalog(name: string, type: CatalogType, defaultDatabase: string): Catalog {
  const database = { name: defaultDatabase, comment: null, options: {}, tables: [] };
  return { name, type, comment: null, options: {}, defaultDatabase, databases: [database] };
}

export const named = <T extends { readonly name: string }>(items: readonly T[], name: string): T | undefined =>
  items.find((item) => item.name === name);

export const databaseAt = (catalogs: Catalogs, catalog: string, database: string): Database | undefined =>
  named(named(catalogs.catalogs, catalog)?.databases ?? [], database);

/** The table of a path, a temporary one first. */
export function tableAt(catalogs: Catalogs, path: TablePath): CatalogTable | undefined {
  return (
    temporaryAt(catalogs, path)?.table ?? named(databaseAt(catalogs, path.catalog, path.database)?.tables ?? [], path.table)
  );
}

export const temporaryAt = (catalogs: Catalogs, path: TablePath): TemporaryTable | undefined =>
  catalogs.temporaryTables.find((temporary) => samePath(temporary.path, path));

export const samePath = (a: TablePath, b: TablePath): boolean =>
  a.catalog === b.catalog && a.database === b.database && a.table === b.table;

/** `catalog.database.table`, for people. */
export const pathText = ({ catalog, database, table }: TablePath): string => `${catalog}.${database}.${table}`;

/** The path that a name of one to three parts means, whether a table is there or not. */
export function tablePath(catalogs: Catalogs, name: QualifiedName, source: string): TablePath {
  const [table = '', database, catalog] = name.parts.map((part) => part.name).reverse();
  if (name.parts.length > 3) throw tooLong(name, source, 'catalog.database.table');
  return {
    catalog: catalog ?? catalogs.currentCatalog,
    database: database ?? catalogs.currentDatabase,
    table,
  };
}

/** The catalog and database that a name of one or two parts means, whether they are there or not. */
export function databasePath(catalogs: Catalogs, name: QualifiedName, source: string): Omit<TablePath, 'table'> {
  const [database = '', catalog] = name.parts.map((part) => part.name).reverse();
  if (name.parts.length > 2) throw tooLong(name, source, 'catalog.database');
  return { catalog: catalog ?? catalogs.currentCatalog, database };
}

const tooLong = (name: QualifiedName, source: string, form: string): SluiceError =>
  sqlError('SQL_VALIDATE', source, name.span, `the name has more parts than ${form}`);

/** The table that a name means; `source` is the text that the spans of the name refer to. */
export function resolveTable(
  catalogs: Catalogs,
  name: QualifiedName,
  source: string,
): { readonly path: TablePath; readonly table: CatalogTable } {
  const path = tablePath(catalogs, name, source);
  const table = tableAt(catalogs, path);
  if (table !== undefined) return { path, table };
  throw notFound(catalogs, name, path, source);
}

/** Points at the first part of the name that means nothing. */
function notFound(catalogs: Catalogs, name: QualifiedName, path: TablePath, source: string): SluiceError {
  const part = (back: number): Identifier => name.parts.at(-1 - back) ?? name.parts[0];
  const refuse = (at: Identifier, message: string, known: readonly string[]): SluiceError =>
    sqlError('SQL_VALIDATE', source, at.span, message, didYouMean(at.name, known));
  const catalog = named(catalogs.catalogs, path.catalog);
  if (catalog === undefined) return refuse(part(2), `Catalog ${path.catalog} does not exist.`, catalogNames(catalogs));
  if (named(catalog.databases, path.database) === undefined) {
    const message = `Database ${path.database} does not exist in Catalog ${path.catalog}.`;
    return refuse(part(1), message, catalog.databases.map((database) => database.name));
  }
  const message = `Object '${path.table}' not found in ${path.catalog}.${path.database}`;
  return refuse(part(0), message, tableNames(catalogs, path.catalog, path.database));
}

/** For SHOW CATALOGS; sorted. */
export const catalogNames = (catalogs: Catalogs): string[] => catalogs.catalogs.map(({ name }) => name).sort();

/** For SHOW DATABASES; sorted. */
export const databaseNames = (catalogs: Catalogs, catalog: string = catalogs.currentCatalog): string[] =>
  (named(catalogs.catalogs, catalog)?.databases ?? []).map(({ name }) => name).sort();

/** For SHOW TABLES: permanent and temporary tables; sorted. */
export function tableNames(
  catalogs: Catalogs,
  catalog: string = catalogs.currentCatalog,
  database: string = catalogs.currentDatabase,
): string[] {
  const permanent = databaseAt(catalogs, catalog, database)?.tables ?? [];
  const temporary = catalogs.temporaryTables.filter(({ path }) => path.catalog === catalog && path.database === database);
  return [...new Set([...permanent.map(({ name }) => name), ...temporary.map(({ path }) => path.table)])].sort();
}
