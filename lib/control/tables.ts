/** Tables of the catalogs as the planner and DuckDB need them; what a catalog adds to them; paths that mean the same everywhere. */
import type { Column } from '../core/types.ts';
import type { Option, Statement } from '../sql/ast.ts';
import { tableDefinition, type CatalogColumn, type CatalogTable } from '../sql/catalog-table.ts';
import { databaseAt, named, pathText, resolveTable, type Catalogs, type TablePath } from '../sql/catalog.ts';
import type { PlanContext, Table } from '../sql/plan-context.ts';
import type { DatabaseName, FileTable } from './duckdb-views.ts';

/** Where things lie that name no place. */
export interface Surroundings {
  /** Directory of the filesystem catalogs that name none; absolute. */
  readonly warehouse: string;
  /** The absolute path of a path or `file:` URL that a user wrote. */
  readonly resolvePath: (path: string) => string;
}

/** What statements over these catalogs are planned in; names are those of `source`. */
export function planContext(catalogs: Catalogs, source: string, { warehouse }: Surroundings, options: PlanContext['options']): PlanContext {
  return {
    options,
    table: (name) => {
      const { path, table } = resolveTable(catalogs, name, source);
      return plannedTable(path, table, optionsOf(catalogs, path, table, warehouse));
    },
  };
}

function plannedTable(path: TablePath, table: CatalogTable, options: Readonly<Record<string, string>>): Table {
  const { columns, watermark, source } = tableDefinition([path.catalog, path.database, path.table], table);
  return { path: pathText(path), name: path.table, connector: options['connector'] ?? '', columns, watermark, options, source };
}

/** A table of a filesystem catalog without a connector is one of files, in a directory of its own. */
export function optionsOf(catalogs: Catalogs, path: TablePath, { options }: CatalogTable, warehouse: string): Readonly<Record<string, string>> {
  const catalog = named(catalogs.catalogs, path.catalog);
  if (catalog?.type !== 'filesystem' || options['connector'] !== undefined) return options;
  const root = catalog.options['warehouse'] ?? `${warehouse}/${encodeURIComponent(path.catalog)}`;
  const directory = [path.database, path.table].map(encodeURIComponent).join('/');
  return { connector: 'filesystem', path: `${root}/${directory}`, format: 'json', ...options };
}

/** All databases, also those without a table that can be queried. */
export const databasesOf = ({ catalogs }: Catalogs): DatabaseName[] =>
  catalogs.flatMap((catalog) => catalog.databases.map((database) => ({ catalog: catalog.name, database: database.name })));

/** All tables whose rows lie in files. */
export function fileTables(catalogs: Catalogs, warehouse: string): FileTable[] {
  return databasesOf(catalogs).flatMap(({ catalog, database }) =>
    (databaseAt(catalogs, catalog, database)?.tables ?? []).flatMap((table): FileTable[] => {
      const { connector, path } = optionsOf(catalogs, { catalog, database, table: table.name }, table, warehouse);
      const isFiles = connector === 'filesystem' && path !== undefined;
      return isFiles ? [{ catalog, database, name: table.name, columns: table.columns.flatMap(storedColumn), directory: path }] : [];
    }),
  );
}

const storedColumn = (column: CatalogColumn): Column[] =>
  column.kind === 'physical' ? [{ name: column.name, type: column.type, nullable: column.nullable }] : [];

/** The statement with the paths that it stores made absolute: other processes work in other directories. */
export function withAbsolutePaths<S extends Statement>(statement: S, { resolvePath }: Surroundings): S {
  if (statement.kind !== 'create-table' && statement.kind !== 'create-catalog') return statement;
  const stored = statement.kind === 'create-table' ? 'path' : 'warehouse';
  const options = statement.options.map((option): Option => {
    return option.key.value === stored ? { ...option, value: { ...option.value, value: resolvePath(option.value.value) } } : option;
  });
  return { ...statement, options };
}
