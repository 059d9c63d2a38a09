/** Tables of Iceberg catalogs as DuckDB sees them: a view over the data files of one snapshot, without the rows that it deletes. */
import type { TableScan } from '../ports/table-catalog.ts';
import { duckDbType, emptyColumn, qualified, quoteName, quoteText, withoutWildcards } from './duckdb-views.ts';

/** A file of a table, by its location and where DuckDB finds it. */
export interface LocalFile {
  readonly location: string;
  readonly path: string;
}

export interface ScannedTable {
  readonly catalog: string;
  readonly database: string;
  readonly name: string;
  readonly columns: TableScan['columns'];
  readonly files: readonly LocalFile[];
  readonly positionDeletes: readonly LocalFile[];
}

/** The directories that DuckDB must be allowed to open, also as patterns. */
export function directoriesOf({ files, positionDeletes }: ScannedTable): string[] {
  const directories = new Set([...files, ...positionDeletes].map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
  return [...directories].flatMap((directory) => [directory, withoutWildcards(directory)]);
}

/** Columns are found by field id: renamed ones are the same, and older files lack newer ones. */
export function viewOfScan(table: ScannedTable): string {
  const { columns, files, positionDeletes } = table;
  const head = `CREATE OR REPLACE VIEW ${qualified(table.catalog, table.database, table.name)} AS SELECT`;
  if (files.length === 0) return `${head} ${columns.map(emptyColumn).join(', ')} WHERE false`;
  const fields = columns.map(({ id, name, type }) => `${id}: {name: ${quoteText(name)}, type: ${quoteText(duckDbType(type))}, default_value: NULL}`);
  const scan = `read_parquet(${listOf(files)}, schema = MAP {${fields.join(', ')}}, filename = '${FILE}', file_row_number = true)`;
  const list = columns.map(({ name }) => `rows.${quoteName(name)}`).join(', ');
  return `${head} ${list} FROM ${scan} AS rows${positionDeletes.length === 0 ? '' : withoutDeleted(files, positionDeletes)}`;
}

/** The column that DuckDB adds; no column of a table is called so. */
const FILE = '__sluice_file';

const listOf = (files: readonly LocalFile[]): string => `[${files.map(({ path }) => quoteText(withoutWildcards(path))).join(', ')}]`;

/** Delete files name data files by location. */
function withoutDeleted(files: readonly LocalFile[], deletes: readonly LocalFile[]): string {
  const places = files.map(({ location, path }) => `(${quoteText(location)}, ${quoteText(path)})`).join(', ');
  return ` WHERE NOT EXISTS (SELECT 1 FROM read_parquet(${listOf(deletes)}) AS deleted JOIN (VALUES ${places}) AS places(location, path) ON places.location = deleted.file_path
    WHERE places.path = rows.${FILE} AND deleted.pos = rows.file_row_number)`;
}
