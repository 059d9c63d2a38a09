/** Tables of the catalogs as the planner needs them; what a catalog adds to them; paths that mean the same everywhere. */
import { assert } from '../core/errors.ts';
import { withoutOptions } from '../core/s3-url.ts';
import type { CreateCatalog, CreateTable, Option, QualifiedName, Statement } from './ast.ts';
import { tableDefinition, type CatalogTable } from './catalog-table.ts';
import { named, pathText, resolveObject, resolveSink, resolveTable, type Catalogs, type CatalogView, type TablePath } from './catalog.ts';
import { sqlError } from './diagnostic.ts';
import { CREATE_TABLE, icebergTableOptions } from './iceberg-options.ts';
import { parseStatement } from './parse.ts';
import type { PlanContext, Table, View } from './plan-context.ts';

/** Where things lie that name no place. */
export interface Surroundings {
  /** Directory of the filesystem catalogs that name none, without a slash at the end; a directory per catalog. */
  readonly warehouse: string;
  /** The absolute path of a path or `file:` URL that a user wrote. */
  readonly resolvePath: (path: string) => string;
}

/** Whether tables of external catalogs are there, or only what a script says of them. */
export type Existence = 'seen' | 'scripted';

/** Views over views, each of which is planned whenever one above it is made. */
const VIEWS_MAX = 50;

/** What statements over these catalogs are planned in; names are those of `source`. */
export const planContext = (catalogs: Catalogs, source: string, { warehouse, resolvePath }: Surroundings, options: PlanContext['options'], existence: Existence = 'seen'): PlanContext =>
  contextIn({ catalogs, warehouse, resolvePath, options, existence, views: [], tables: new Map(), planned: new Map() }, source);

/** `views`: those that are being planned, from the outermost to the innermost. */
interface PlanningIn extends Surroundings {
  readonly catalogs: Catalogs;
  readonly options: PlanContext['options'];
  readonly existence: Existence;
  readonly views: readonly string[];
  /** Those that were named already, by path. */
  readonly tables: Map<string, Table>;
  readonly planned: PlanContext['planned'];
}

function contextIn(planning: PlanningIn, source: string): PlanContext {
  const { catalogs, warehouse, options, existence } = planning;
  const planned = (path: TablePath, table: CatalogTable): Table => {
    const known = planning.tables.get(pathText(path)) ?? made(path, table);
    planning.tables.set(known.path, known);
    return known;
  };
  const made = (path: TablePath, table: CatalogTable): Table => {
    const withOptions = optionsOf(catalogs, path, table, warehouse);
    const isThere = existence === 'seen' && named(catalogs.catalogs, path.catalog)?.type === 'iceberg';
    return plannedTable(path, table, isThere ? { ...withOptions, [CREATE_TABLE]: 'false' } : withOptions);
  };
  return {
    options,
    resolvePath: planning.resolvePath,
    planned: planning.planned,
    table: (name, within = source) => {
      const { path, table } = resolveTable(catalogs, name, within);
      return planned(path, table);
    },
    sink: (name, within = source) => {
      const { path, table } = resolveSink(catalogs, name, within);
      return planned(path, table);
    },
    view: (name, within = source) => {
      const found = resolveObject(catalogs, name, within);
      return found.kind === 'view' ? viewIn(planning, found, { name, source: within }) : null;
    },
  };
}

/** Neither can be made: what makes a view is planned with it. */
function viewIn(planning: PlanningIn, { path, view }: { readonly path: TablePath; readonly view: CatalogView }, at: { readonly name: QualifiedName; readonly source: string }): View {
  const text = pathText(path);
  if (planning.views.includes(text)) throw sqlError('SQL_VALIDATE', at.source, at.name.span, `The view ${text} reads itself`, 'Give it another query by ALTER VIEW … AS.');
  const catalogs = { ...planning.catalogs, currentCatalog: view.catalog, currentDatabase: view.database };
  if (planning.views.length >= VIEWS_MAX) throw sqlError('SQL_UNSUPPORTED', at.source, at.name.span, `Views over views, deeper than ${VIEWS_MAX} levels`, 'Write what the lower ones give into a table, and read that.');
  const statement = parseStatement(view.query);
  assert(statement.kind === 'query', 'a view is a query');
  const context = contextIn({ ...planning, catalogs, views: [...planning.views, text] }, view.query);
  return { path: text, name: path.table, columns: view.columns, query: statement.query, context, source: view.query };
}

function plannedTable(path: TablePath, table: CatalogTable, options: Readonly<Record<string, string>>): Table {
  const { columns, watermark, source } = tableDefinition([path.catalog, path.database, path.table], table);
  const { partitionedBy, primaryKey } = table;
  return { path: pathText(path), name: path.table, connector: options['connector'] ?? '', columns, watermark, primaryKey: primaryKey?.columns ?? [], partitionedBy, options, source };
}

/** A table of a filesystem catalog without a connector is one of files, in a directory of its own; one of an Iceberg catalog says where that is. */
export function optionsOf(catalogs: Catalogs, path: TablePath, { options }: CatalogTable, warehouse: string): Readonly<Record<string, string>> {
  const catalog = named(catalogs.catalogs, path.catalog);
  if (catalog === undefined || options['connector'] !== undefined) return options;
  if (catalog.type === 'iceberg') return icebergTableOptions(catalog, { ...path, warehouse }, options);
  if (catalog.type !== 'filesystem') return options;
  const root = catalog.options['warehouse'] ?? `${warehouse}/${encodeURIComponent(path.catalog)}`;
  const directory = [path.database, path.table].map(encodeURIComponent).join('/');
  return { connector: 'filesystem', path: below(root, directory), format: 'json', ...options };
}

/** Addresses in S3 may end with options: `s3://BUCKET/PREFIX?region=R`. */
function below(root: string, directory: string): string {
  const { place, options } = withoutOptions(root);
  return `${place.replace(/\/+$/, '')}/${directory}${options}`;
}

/** The statement with the paths that it stores made absolute: other processes work in other directories. */
export function withAbsolutePaths<S extends Statement>(statement: S, { resolvePath }: Surroundings): S {
  const absolute = (options: readonly Option[], isPath: (key: string) => boolean): Option[] =>
    options.map((option) => (isPath(option.key.value) ? { ...option, value: { ...option.value, value: resolvePath(option.value.value) } } : option));
  if (statement.kind === 'create-table' || statement.kind === 'create-catalog') return { ...statement, options: absolute(statement.options, storedPath(statement)) };
  if (statement.kind !== 'alter-table' || statement.change.kind !== 'set') return statement;
  return { ...statement, change: { ...statement.change, options: absolute(statement.change.options, isTablePath) } };
}

const isTablePath = (key: string): boolean => key === 'path';

/** The `warehouse` of a REST catalog is a name that only its server understands. */
function storedPath({ kind, options }: CreateTable | CreateCatalog): (key: string) => boolean {
  const isRest = options.some(({ key, value }) => key.value === 'catalog-type' && value.value === 'rest');
  return (key) => (kind === 'create-table' && isTablePath(key)) || (key === 'warehouse' && !isRest);
}
