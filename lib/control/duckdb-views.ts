/** Tables of the catalogs as DuckDB sees them: a database per catalog, a schema per database, a view per table. */
import type { CsvFormat } from '../core/format/csv-format.ts';
import type { TableFormat } from '../core/table-files.ts';
import type { Column, SqlType } from '../core/types.ts';

/** A table whose rows lie in files. */
export interface FileTable {
  readonly catalog: string;
  readonly database: string;
  readonly name: string;
  readonly columns: readonly Column[];
  /** A path, a `file:` URL, or an address in S3. */
  readonly directory: string;
  readonly format: TableFormat;
  /** Names of the columns that are in the paths of the files, and not in the files. */
  readonly partitionedBy: readonly string[];
  /** The name of the partition of NULL. */
  readonly nullName: string;
}

export interface TableFile {
  /** Absolute, on this machine. */
  readonly path: string;
  /** Values of `partitionedBy`. */
  readonly partition: readonly (string | null)[];
}

/** A table with the files that count. */
export interface ReadableTable extends FileTable {
  readonly files: readonly TableFile[];
}

export interface DatabaseName {
  readonly catalog: string;
  readonly database: string;
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const qualified = (...names: readonly string[]): string => names.map(quoteName).join('.');

/** What DuckDB must be allowed to open for the table: the directories of its files, also as patterns. */
export const accessOf = ({ files }: ReadableTable): string[] => [...new Set(files.map(({ path }) => path.replace(/\/[^/]*$/, '')))].flatMap((directory) => [directory, withoutWildcards(directory)]);

/** Paths are patterns to DuckDB. */
export const withoutWildcards = (path: string): string => path.replace(/[[*?]/g, '[$&]');

/** No column of a table has this name: it holds a character that DuckDB takes, and nobody types. */
const FILE = '\u{1}file';

/** A table without files is empty, and has its columns all the same. */
export function viewOf(table: ReadableTable): string {
  const head = `CREATE OR REPLACE VIEW ${qualified(table.catalog, table.database, table.name)} AS SELECT`;
  if (table.files.length === 0) return `${head} ${table.columns.map(emptyColumn).join(', ')} WHERE false`;
  const values = table.columns.map((column) => typedColumn(column, isText(table, column))).join(', ');
  return `${head} ${values} FROM ${sourceOf(table)}${partitionsOf(table)}`;
}

export const emptyColumn = ({ name, type }: Column): string => `CAST(NULL AS ${duckDbType(type)}) AS ${quoteName(name)}`;

/** What is read as text is cast, so that no number goes through a double; bytes are text in base64. */
function typedColumn({ name, type }: Column, isText: boolean): string {
  const column = quoteName(name);
  const isBytes = isText && (type.kind === 'BINARY' || type.kind === 'VARBINARY');
  return `${isBytes ? `from_base64(${column})` : `CAST(${column} AS ${duckDbType(type)})`} AS ${column}`;
}

const isText = ({ format, partitionedBy }: FileTable, { name }: Column): boolean => format.kind !== 'parquet' || partitionedBy.includes(name);

/** Folders that look like partitions are no columns by themselves. */
function sourceOf(table: ReadableTable): string {
  const { format, partitionedBy } = table;
  const stored = table.columns.filter(({ name }) => !partitionedBy.includes(name));
  const files = `[${table.files.map(({ path }) => quoteText(withoutWildcards(path))).join(', ')}]`;
  const options = `filename = ${quoteText(FILE)}, hive_partitioning = false`;
  const texts = `columns = {${stored.map(({ name }) => `${quoteName(name)}: 'VARCHAR'`).join(', ')}}`;
  if (format.kind === 'json') return `read_json(${files}, format = 'newline_delimited', ${texts}, ${options})`;
  if (format.kind === 'csv') return `read_csv(${files}, ${csvOptions(format.csv)}, ${texts}, ${options})`;
  // A column that has been added to the table is in no older file.
  return `(SELECT ${stored.map(emptyColumn).join(', ')}, '' AS ${quoteName(FILE)} WHERE false UNION ALL BY NAME SELECT * FROM read_parquet(${files}, union_by_name = true, ${options}))`;
}

/** Bytes of a line; DuckDB's own limit is 2 MB. */
const LINE_BYTES_MAX = 32 * 2 ** 20;

/**
 * The line end is told, since DuckDB would take it from the first row, be it within quotes. Columns that have been added to the table are missing in older
 * files, and padding needs one thread per file. Only without its strict mode does DuckDB read escapes outside of quotes.
 */
const csvOptions = ({ delimiter, quote, escape, nullLiteral }: CsvFormat): string =>
  [
    `auto_detect = false, header = false, allow_quoted_nulls = false, new_line = '\\n', null_padding = true, parallel = false, max_line_size = ${LINE_BYTES_MAX}`,
    ...(quote === null && escape !== null ? ['strict_mode = false'] : []),
    `delim = ${quoteText(delimiter)}`,
    `quote = ${quoteText(quote ?? '')}`,
    `escape = ${quoteText(escape ?? quote ?? '')}`,
    `nullstr = ${quoteText(nullLiteral)}`,
  ].join(', ');

function partitionsOf({ files, partitionedBy }: ReadableTable): string {
  if (partitionedBy.length === 0) return '';
  const rows = files.map(({ path, partition }) => `(${[path, ...partition].map((value) => (value === null ? 'CAST(NULL AS VARCHAR)' : quoteText(value))).join(', ')})`);
  const file = quoteName(`${FILE} of partition`);
  return ` JOIN (VALUES ${rows.join(', ')}) AS partitions(${[file, ...partitionedBy.map(quoteName)].join(', ')}) ON ${quoteName(FILE)} = ${file}`;
}

export function duckDbType(type: SqlType): string {
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'INT':
      return 'INTEGER';
    case 'BINARY':
    case 'VARBINARY':
      return 'BLOB';
    case 'TIMESTAMP':
      return timestampType(type.precision);
    case 'TIMESTAMP_LTZ':
      return 'TIMESTAMPTZ';
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DATE':
    case 'TIME':
      return type.kind;
    default:
      return 'VARCHAR';
  }
}

function timestampType(precision: number): string {
  if (precision === 0) return 'TIMESTAMP_S';
  if (precision <= 3) return 'TIMESTAMP_MS';
  return precision <= 6 ? 'TIMESTAMP' : 'TIMESTAMP_NS';
}
