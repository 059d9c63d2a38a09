/** Tables of the catalogs as DuckDB sees them: a database per catalog, a schema per database, a view per table. */
import type { Column, SqlType } from '../core/types.ts';

/** A table whose rows lie in files, one JSON object a line. */
export interface FileTable {
  readonly catalog: string;
  readonly database: string;
  readonly name: string;
  readonly columns: readonly Column[];
  /** A path or `file:` URL. */
  readonly directory: string;
}

export interface DatabaseName {
  readonly catalog: string;
  readonly database: string;
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const qualified = (...names: readonly string[]): string => names.map(quoteName).join('.');

/** The path that a user's `file:` URL or path means to DuckDB. */
export const localPath = (url: string): string => (/^file:\//i.test(url) ? decodeURIComponent(url.replace(/^file:\/+/i, '/')) : url);

const directoryOf = (table: FileTable): string => localPath(table.directory).replace(/\/+$/, '');

/** Matches the table's files; temporary ones end otherwise. */
export const filesOf = (table: FileTable): string => `${withoutWildcards(directoryOf(table))}/*.ndjson`;

/** What DuckDB must be allowed to open for the table: the directory, also as a pattern. */
export const accessOf = (table: FileTable): string[] => [directoryOf(table), withoutWildcards(directoryOf(table))];

/** A directory may contain the characters of patterns. */
export const withoutWildcards = (path: string): string => path.replace(/[[*?]/g, '[$&]');

/** An empty or missing directory is an empty table, which has its columns all the same. */
export function viewOf(table: FileTable, isEmpty: boolean): string {
  const head = `CREATE OR REPLACE VIEW ${qualified(table.catalog, table.database, table.name)} AS SELECT`;
  if (isEmpty) return `${head} ${table.columns.map(emptyColumn).join(', ')} WHERE false`;
  const texts = table.columns.map((column) => `${quoteName(column.name)}: 'VARCHAR'`).join(', ');
  const source = `read_json(${quoteText(filesOf(table))}, format = 'newline_delimited', columns = {${texts}})`;
  return `${head} ${table.columns.map(typedColumn).join(', ')} FROM ${source}`;
}

export const emptyColumn = ({ name, type }: Column): string => `CAST(NULL AS ${duckDbType(type)}) AS ${quoteName(name)}`;

/** Read as text and cast, so that no number goes through a double. */
function typedColumn({ name, type }: Column): string {
  const text = quoteName(name);
  const isBytes = type.kind === 'BINARY' || type.kind === 'VARBINARY';
  return `${isBytes ? `from_base64(${text})` : `CAST(${text} AS ${duckDbType(type)})`} AS ${text}`;
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
