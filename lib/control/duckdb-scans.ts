/** Tables of Iceberg catalogs as DuckDB sees them: a view over the data files of one snapshot, without the rows that it deletes. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { SluiceError } from '../core/errors.ts';
import type { ScannedFile, TableScan } from '../ports/table-catalog.ts';
import { duckDbType, emptyColumn, qualified, quoteName, quoteText, withoutWildcards } from './duckdb-views.ts';

/** A file of a table where DuckDB finds it. */
export interface LocalFile extends ScannedFile {
  readonly path: string;
}

export interface ScannedTable {
  readonly catalog: string;
  readonly database: string;
  readonly name: string;
  readonly columns: TableScan['columns'];
  readonly files: readonly LocalFile[];
  /** Paths. */
  readonly positionDeletes: readonly string[];
}

/** The directories that DuckDB must be allowed to open, also as patterns. */
export function directoriesOf({ files, positionDeletes }: ScannedTable): string[] {
  const paths = [...files.map(({ path }) => path), ...positionDeletes];
  const directories = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))));
  return [...directories].flatMap((directory) => [directory, withoutWildcards(directory)]);
}

/** Makes the view of a table. Throws OPTION_INVALID for files whose columns cannot be found, which would all be NULL, and for columns that DuckDB cannot tell apart. */
export async function createScanView(connection: DuckDBConnection, table: ScannedTable): Promise<void> {
  requireDistinctNames(table);
  await connection.run(viewOfScan(table, table.files.length === 0 ? new Map() : await idsByFile(connection, table)));
}

/** Names mean the same to DuckDB in letters of either case. */
function requireDistinctNames({ columns, catalog, database, name }: ScannedTable): void {
  const folded = columns.map((column) => column.name.toLowerCase());
  const again = folded.findIndex((each, i) => folded.indexOf(each) < i);
  if (again < 0) return;
  const names = [folded.indexOf(folded[again] ?? ''), again].map((i) => `'${columns[i]?.name}'`).join(' and ');
  throw new SluiceError('OPTION_INVALID', { message: `Iceberg table '${catalog}.${database}.${name}' has the columns ${names}, which a query here cannot tell apart`, hint: 'Rename one of them, or query it with another engine.' });
}

/** Ids of the columns that each file has, by its path. */
type FieldIds = ReadonlyMap<string, ReadonlySet<number>>;

async function idsByFile(connection: DuckDBConnection, { files, catalog, database, name }: ScannedTable): Promise<FieldIds> {
  const reader = await connection.runAndReadAll(`SELECT file_name, field_id FROM parquet_schema(${listOf(files.map(({ path }) => path))}) WHERE field_id IS NOT NULL`);
  const ids = new Map<string, Set<number>>(files.map(({ path }) => [path, new Set()]));
  for (const [path, id] of reader.getRows()) ids.get(String(path))?.add(Number(id));
  const without = files.find(({ path }) => ids.get(path)?.size === 0);
  if (without === undefined) return ids;
  throw new SluiceError('OPTION_INVALID', {
    message: `Iceberg table '${catalog}.${database}.${name}' has a file without field ids (${without.location}), so that its columns are not found: it was imported`,
    hint: 'Rewrite the files of the table (rewrite_data_files), or query it with another engine.',
  });
}

/**
 * Columns are found by field id: renamed ones are the same, and older files lack newer ones. Below the view they are called by their ids, so that
 * no name of theirs is one that DuckDB adds.
 */
function viewOfScan(table: ScannedTable, ids: FieldIds): string {
  const { columns, files, positionDeletes } = table;
  const head = `CREATE OR REPLACE VIEW ${qualified(table.catalog, table.database, table.name)} AS SELECT`;
  if (files.length === 0) return `${head} ${columns.map(emptyColumn).join(', ')} WHERE false`;
  const fields = columns.map(({ id, type }) => `${id}: {name: '${id}', type: ${quoteText(duckDbType(type))}, default_value: NULL}`);
  const scan = `read_parquet(${listOf(files.map(({ path }) => path))}, schema = MAP {${fields.join(', ')}}, filename = '${FILE}'${positionDeletes.length === 0 ? '' : ', file_row_number = true'})`;
  const partitioned = columns.filter(({ id }) => files.some((file) => lacks(file, id, ids)));
  const list = columns.map((column) => valueOf(column, partitioned.includes(column)));
  const joined = partitioned.length === 0 ? '' : joinPartitions(files, partitioned, ids);
  return `${head} ${list.join(', ')} FROM ${scan} AS rows${joined}${positionDeletes.length === 0 ? '' : withoutDeleted(files, positionDeletes)}`;
}

type ScannedColumn = TableScan['columns'][number];

const lacks = ({ path, partition }: LocalFile, id: number, ids: FieldIds): boolean => partition.has(id) && ids.get(path)?.has(id) !== true;

function valueOf({ id, name, type }: ScannedColumn, isPartitioned: boolean): string {
  const value = isPartitioned ? `COALESCE(rows."${id}", CAST(partitions."${id}" AS ${duckDbType(type)}))` : `rows."${id}"`;
  return `${value} AS ${quoteName(name)}`;
}

/** Of the files that lack columns, which have a value in the manifest. */
function joinPartitions(files: readonly LocalFile[], columns: readonly ScannedColumn[], ids: FieldIds): string {
  const lacking = files.filter((file) => columns.some(({ id }) => lacks(file, id, ids)));
  const textOf = (value: string | null): string => (value === null ? 'CAST(NULL AS VARCHAR)' : quoteText(value));
  const rows = lacking.map((file) => `(${[file.path, ...columns.map(({ id }) => (lacks(file, id, ids) ? (file.partition.get(id) ?? null) : null))].map(textOf).join(', ')})`);
  return ` LEFT JOIN (VALUES ${rows.join(', ')}) AS partitions(${[FILE, ...columns.map(({ id }) => `"${id}"`)].join(', ')}) ON partitions.${FILE} = rows.${FILE}`;
}

/** What DuckDB calls the path of the file of a row. */
const FILE = 'file';

const listOf = (paths: readonly string[]): string => `[${paths.map((path) => quoteText(withoutWildcards(path))).join(', ')}]`;

/** Delete files name data files by location. */
function withoutDeleted(files: readonly LocalFile[], deletes: readonly string[]): string {
  const places = files.map(({ location, path }) => `(${quoteText(location)}, ${quoteText(path)})`).join(', ');
  return ` WHERE NOT EXISTS (SELECT 1 FROM read_parquet(${listOf(deletes)}) AS deleted JOIN (VALUES ${places}) AS places(location, path) ON places.location = deleted.file_path
    WHERE places.path = rows.${FILE} AND deleted.pos = rows.file_row_number)`;
}
