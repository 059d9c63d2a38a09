/**
 * Catalogs, databases and tables as immutable values that are JSON as they stand. `default_catalog` lives as long as the
 * session; the others are kept by whoever gave them to `newCatalogs`.
 */
import type { SluiceError } from '../core/errors.ts';
import type { QualifiedName } from './ast.ts';
import type { CatalogTable } from './catalog-table.ts';
import { didYouMean, sqlError } from './diagnostic.ts';

const DEFAULT_CATALOG = 'default_catalog';
const DEFAULT_DATABASE = 'default_database';

/** `generic_in_memory` is lost with the session; `filesystem` keeps its tables as files; of `iceberg` only the definition is kept here, its databases and tables are where it says. */
export type CatalogType = 'generic_in_memory' | 'filesystem' | 'iceberg';
export const CATALOG_TYPES: readonly CatalogType[] = ['filesystem', 'generic_in_memory', 'iceberg'];

export interface Database {
  readonly name: string;
  readonly comment: string | null;
  readonly options: Readonly<Record<string, string>>;
  readonly tables: readonly CatalogTable[];
  /** Absent: none. */
  readonly views?: readonly CatalogView[];
}

/** A query with a name. Its names mean what they meant where it was created. */
export interface CatalogView {
  readonly name: string;
  /** null, of views that were kept before all had names: those of the query. */
  readonly columns: readonly string[] | null;
  /** As written, with columns in the place of wildcards: what its tables get later is not part of the view. */
  readonly query: string;
  readonly comment: string | null;
  /** Current catalog and database when it was created. */
  readonly catalog: string;
  readonly database: string;
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

export interface TemporaryView {
  readonly path: TablePath;
  readonly view: CatalogView;
}

/** A table or a view: both share their names. */
export type CatalogObject = { readonly kind: 'table'; readonly table: CatalogTable } | { readonly kind: 'view'; readonly view: CatalogView };

/** All that names can mean in a session. */
export interface Catalogs {
  readonly catalogs: readonly Catalog[];
  readonly temporaryTables: readonly TemporaryTable[];
  readonly temporaryViews: readonly TemporaryView[];
  readonly currentCatalog: string;
  readonly currentDatabase: string;
}

/** The catalogs of a new session: the default one, which is current, and those that were kept. */
export function newCatalogs(kept: readonly Catalog[] = []): Catalogs {
  return {
    catalogs: [newCatalog(DEFAULT_CATALOG, 'generic_in_memory', DEFAULT_DATABASE), ...kept],
    temporaryTables: [],
    temporaryViews: [],
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

/** What is at a path, temporary objects first. */
export const objectAt = (catalogs: Catalogs, path: TablePath): CatalogObject | undefined => temporaryAt(catalogs, path) ?? permanentAt(catalogs, path);

/** What is at a path for this session alone. */
export function temporaryAt(catalogs: Catalogs, path: TablePath): CatalogObject | undefined {
  const table = catalogs.temporaryTables.find((temporary) => samePath(temporary.path, path));
  if (table !== undefined) return { kind: 'table', table: table.table };
  const view = catalogs.temporaryViews.find((temporary) => samePath(temporary.path, path));
  return view === undefined ? undefined : { kind: 'view', view: view.view };
}

/** What is at a path for everybody. */
export function permanentAt(catalogs: Catalogs, path: TablePath): CatalogObject | undefined {
  const database = databaseAt(catalogs, path.catalog, path.database);
  const table = named(database?.tables ?? [], path.table);
  if (table !== undefined) return { kind: 'table', table };
  const view = named(database?.views ?? [], path.table);
  return view === undefined ? undefined : { kind: 'view', view };
}

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
export function resolveTable(catalogs: Catalogs, name: QualifiedName, source: string): { readonly path: TablePath; readonly table: CatalogTable } {
  const found = resolveObject(catalogs, name, source);
  if (found.kind === 'table') return found;
  throw sqlError('SQL_VALIDATE', source, name.span, `${pathText(found.path)} is a view, and a table is needed here`);
}

/** The table that an INSERT means; Flink looks for it with words of its own. */
export function resolveSink(catalogs: Catalogs, name: QualifiedName, source: string): { readonly path: TablePath; readonly table: CatalogTable } {
  const path = tablePath(catalogs, name, source);
  const found = objectAt(catalogs, path);
  if (found?.kind === 'table') return { path, table: found.table };
  const text = [path.catalog, path.database, path.table].map((part) => `\`${part}\``).join('.');
  const message = `Cannot find table '${text}' in any of the catalogs [${catalogNames(catalogs).join(', ')}], nor as a temporary table.`;
  const hint = found === undefined ? didYouMean(path.table, tableNames(catalogs, path.catalog, path.database)) : 'It is a view, which cannot be written.';
  throw sqlError('SQL_VALIDATE', source, name.span, message, hint);
}

/** The table or view that a name means. */
export function resolveObject(catalogs: Catalogs, name: QualifiedName, source: string): CatalogObject & { readonly path: TablePath } {
  const path = tablePath(catalogs, name, source);
  const found = objectAt(catalogs, path);
  if (found !== undefined) return { ...found, path };
  throw notFound(catalogs, name, path, source);
}

/** In the words of Calcite's IdentifierNamespace; a name that differs in its case alone is what was meant. */
function notFound(catalogs: Catalogs, name: QualifiedName, path: TablePath, source: string): SluiceError {
  const refuse = (message: string, at: string, known: readonly string[]): SluiceError =>
    sqlError('SQL_VALIDATE', source, name.span, message, didYouMean(at, known));
  const catalog = named(catalogs.catalogs, path.catalog);
  if (catalog === undefined) return refuse(`Object '${path.catalog}' not found`, path.catalog, catalogNames(catalogs));
  const databases = catalog.databases.map((database) => database.name);
  if (!databases.includes(path.database)) return refuse(`Object '${path.database}' not found`, path.database, databases);
  const known = tableNames(catalogs, path.catalog, path.database);
  const within = `Object '${path.table}' not found within '${path.catalog}.${path.database}'`;
  const meant = known.find((other) => other.toLowerCase() === path.table.toLowerCase());
  if (meant !== undefined) return sqlError('SQL_VALIDATE', source, name.span, `${within}; did you mean '${meant}'?`);
  return refuse(name.parts.length === 1 ? `Object '${path.table}' not found` : within, path.table, known);
}

/** For SHOW CATALOGS; sorted. */
export const catalogNames = (catalogs: Catalogs): string[] => catalogs.catalogs.map(({ name }) => name).sort();

/** For SHOW DATABASES; sorted. */
export const databaseNames = (catalogs: Catalogs, catalog: string = catalogs.currentCatalog): string[] =>
  (named(catalogs.catalogs, catalog)?.databases ?? []).map(({ name }) => name).sort();

/** For SHOW TABLES: permanent and temporary tables and views; sorted. */
export function tableNames(catalogs: Catalogs, catalog: string = catalogs.currentCatalog, database: string = catalogs.currentDatabase): string[] {
  const permanent = databaseAt(catalogs, catalog, database)?.tables ?? [];
  const temporary = catalogs.temporaryTables.filter(({ path }) => path.catalog === catalog && path.database === database);
  const tables = [...permanent.map(({ name }) => name), ...temporary.map(({ path }) => path.table)];
  return [...new Set([...tables, ...viewNames(catalogs, catalog, database)])].sort();
}

/** For SHOW VIEWS; sorted. */
export function viewNames(catalogs: Catalogs, catalog: string = catalogs.currentCatalog, database: string = catalogs.currentDatabase): string[] {
  const permanent = databaseAt(catalogs, catalog, database)?.views ?? [];
  const temporary = catalogs.temporaryViews.filter(({ path }) => path.catalog === catalog && path.database === database);
  return [...new Set([...permanent.map(({ name }) => name), ...temporary.map(({ path }) => path.table)])].sort();
}

/** The queries of all views, which may name tables of any catalog. */
export const viewTexts = ({ catalogs, temporaryViews }: Catalogs): string[] => [
  ...catalogs.flatMap(({ databases }) => databases.flatMap(({ views = [] }) => views.map(({ query }) => query))),
  ...temporaryViews.map(({ view }) => view.query),
];
