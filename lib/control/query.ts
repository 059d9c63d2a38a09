/**
 * Queries over results and savepoints, answered by DuckDB in memory: it reads the files of the tables, and never the store's own file,
 * whose locks this process would lose when any of its descriptors closes.
 */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { SluiceError } from '../core/errors.ts';
import type { Row } from '../core/types.ts';
import { resultColumn, type ResultTable } from './table.ts';
import { sizeOf } from './value-size.ts';
import { tokenize } from '../sql/lexer.ts';
import { createScanView, directoriesOf, type ScannedTable } from './duckdb-scans.ts';
import { typeOfDuckDb, valueOfDuckDb } from './duckdb-values.ts';
import { accessOf, qualified, quoteName, quoteText, viewOf, type DatabaseName, type FileTable, type ReadableTable } from './duckdb-views.ts';
import { locateTables, type OpenDirectory } from './table-files.ts';

export interface QueryScope {
  readonly databases: readonly DatabaseName[];
  readonly tables: readonly FileTable[];
  /** Tables of Iceberg catalogs; absent: none. */
  readonly scans?: readonly ScannedTable[];
  /** Where unqualified names are looked up. */
  readonly current: DatabaseName;
  readonly openDirectory: OpenDirectory;
  /** `tables`: nothing but their directories can be read, for a process that has the store open. */
  readonly access: 'tables' | 'files';
  /** Ends the query, which then fails. */
  readonly signal?: AbortSignal;
  /** A result with more is refused; absent: it may be as large as memory. */
  readonly resultMax?: ResultMax;
}

export interface ResultMax {
  readonly rows: number;
  /** About those that the rows hold in memory. */
  readonly bytes: number;
}

/** No extension is fetched from the network behind the user's back. */
const CONFIG = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };

/**
 * The table function `savepoint('PATH', 'operator', 'state')`: the lines of one state. PATH is what `sluice savepoint` prints, or the
 * path of its `_metadata`.
 */
const SAVEPOINT = `CREATE TEMP MACRO savepoint(path, operator, state) AS TABLE SELECT * FROM read_json(
  regexp_replace(regexp_replace(path, '^file:/+', '/'), '/+(_metadata)?$', '') || '/' || operator || '.' || state || '.*.ndjson*',
  format = 'newline_delimited')`;

/** Runs one statement. Whatever DuckDB refuses is QUERY_FAILED with its message; a table that cannot be listed or read is a StoreError. */
export async function runQuery(sql: string, scope: QueryScope): Promise<ResultTable> {
  const { tables, remove } = await locateTables(sql, scope.tables, scope.openDirectory);
  try {
    return await queried(sql, { ...scope, tables });
  } finally {
    await remove();
  }
}

type ReadableScope = QueryScope & { readonly tables: readonly ReadableTable[] };

async function queried(sql: string, scope: ReadableScope): Promise<ResultTable> {
  const instance = await DuckDBInstance.create(':memory:', CONFIG);
  const connection = await instance.connect();
  const { signal } = scope;
  const interrupt = (): void => connection.interrupt();
  try {
    await prepareScope(connection, scope);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', interrupt);
    return await read(connection, withDoubleQuotes(sql), scope.resultMax);
  } catch (cause) {
    throw signal?.aborted === true ? new SluiceError('QUERY_FAILED', { message: 'the query was canceled', cause }) : failed(cause);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
  }
}

async function prepareScope(connection: DuckDBConnection, scope: ReadableScope): Promise<void> {
  const { databases, tables, scans = [], current } = scope;
  await connection.run("SET TimeZone = 'UTC'");
  for (const catalog of new Set(databases.map((d) => d.catalog))) await connection.run(`ATTACH IF NOT EXISTS ':memory:' AS ${quoteName(catalog)}`);
  for (const { catalog, database } of databases) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${qualified(catalog, database)}`);
  for (const table of tables) await connection.run(viewOf(table));
  for (const table of scans) await createScanView(connection, table);
  await connection.run(SAVEPOINT);
  await connection.run(`USE ${qualified(current.catalog, current.database)}`);
  if (scope.access === 'tables') await restrict(connection, [...tables.flatMap(accessOf), ...scans.flatMap(directoriesOf)]);
}

async function restrict(connection: DuckDBConnection, readable: readonly string[]): Promise<void> {
  const directories = [...new Set(readable)];
  await connection.run(`SET allowed_directories = [${directories.map(quoteText).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
}

async function read(connection: DuckDBConnection, sql: string, max: ResultMax | undefined): Promise<ResultTable> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw new SluiceError('QUERY_FAILED', { message: `one query at a time, not ${statements.count}` });
  const statement = await statements.prepare(0);
  const result = max === undefined ? await statement.run() : await statement.stream();
  const names = result.deduplicatedColumnNames();
  const types = result.columnTypes();
  const rows: Row[] = [];
  let bytes = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const more = chunk.getRows().map((row) => types.map((type, i) => valueOfDuckDb(type, row[i] ?? null)));
    bytes += max === undefined ? 0 : sizeOf(more);
    rows.push(...more);
    if (max !== undefined) requireRoom(rows.length, bytes, max);
  }
  return { columns: types.map((type, i) => resultColumn(names[i] ?? '', typeOfDuckDb(type))), rows };
}

function requireRoom(rows: number, bytes: number, max: ResultMax): void {
  if (rows <= max.rows && bytes <= max.bytes) return;
  const most = rows > max.rows ? `${max.rows} rows` : `${max.bytes} bytes`;
  throw new SluiceError('QUERY_FAILED', { message: `the result has more than ${most}`, hint: 'take fewer rows or columns, with WHERE or LIMIT, or group them' });
}

/** Names in backticks, as Flink writes them, become names in double quotes, as DuckDB does. */
export function withDoubleQuotes(sql: string): string {
  let out = '';
  let copied = 0;
  for (const { kind, value, span } of tokenize(sql)) {
    if (kind !== 'quoted') continue;
    out += sql.slice(copied, span.start) + quoteName(value);
    copied = span.end;
  }
  return out + sql.slice(copied);
}

/** What a user may have meant, by what DuckDB says. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/Table with name .* does not exist/, 'queries read tables that jobs write as files; see them with SHOW TABLES'],
  [/No files found that match the pattern ".*savepoint-/, 'the savepoint, the operator or the state has another name, or the state is empty'],
];

function failed(cause: unknown): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const message = (cause instanceof Error ? cause.message : String(cause)).replace('Failed to extract statements: ', '');
  const hint = HINTS.find(([pattern]) => pattern.test(message))?.[1];
  return new SluiceError('QUERY_FAILED', { message, cause, ...(hint === undefined ? {} : { hint }) });
}
