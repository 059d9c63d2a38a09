/** Queries read what the `filesystem` sink writes: every format, partitions, manifests, and objects in a bucket. */
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFilesystemSink } from '../../lib/adapters/filesystem/open.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import type { FileTable } from '../../lib/control/duckdb-views.ts';
import { runQuery } from '../../lib/control/query.ts';
import { locateTables } from '../../lib/control/table-files.ts';
import { jobId } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { DEFAULT_PARTITION, extensionOf, manifestKey, tableFormatOf } from '../../lib/core/table-files.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP3, type Column, type Row, type SqlType, type Value } from '../../lib/core/types.ts';
import { openDirectory } from '../../lib/place/directories.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { emission, sinkNode } from '../contracts/sink.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { useTestCredentials } from '../servers/listening.ts';
import { startS3, type S3Server } from '../servers/s3.ts';

useTestCredentials();

const JOB = jobId('0123456789abcdef0123456789abcdef');
const column = (name: string, type: SqlType): Column => ({ name, type, nullable: true });
const directoryOf = (url: string): Blob => openDirectory(url, nodeRuntime);

interface Written {
  readonly node: SinkNode;
  readonly blob: Blob;
  emit(f: number, rows: readonly Row[]): Promise<void>;
  query(sql: string, columns?: readonly Column[]): Promise<readonly Row[]>;
}

/** The table `t`. */
function written(columns: readonly Column[], options: SinkNode['options'], partitionedBy: readonly string[] = [], path = `${temporaryDirectory()}/a [1]*`): Written {
  const node = { ...sinkNode('filesystem', { path, ...options }), columns, partitionedBy };
  const sink = openFilesystemSink({ job: JOB, node, openDirectory: directoryOf });
  const tableWith = (of: readonly Column[]): FileTable => ({
    catalog: 'c', database: 'd', name: 't', columns: of, directory: path, format: tableFormatOf(options), partitionedBy, nullName: options['partition.default-name'] ?? DEFAULT_PARTITION,
  });
  const current = { catalog: 'c', database: 'd' };
  return {
    node,
    blob: directoryOf(path),
    emit: async (f, rows) => void (await (await sink).emit({ ...emission(0, f, null, []), rows })),
    query: async (sql, of = columns) => (await runQuery(sql, { databases: [current], tables: [tableWith(of)], current, openDirectory: directoryOf, access: 'tables' })).rows,
  };
}

const TEN = Date.UTC(2026, 10, 20, 10);
const TYPES: readonly (readonly [SqlType, Value])[] = [
  [BOOLEAN, false],
  [{ kind: 'TINYINT' }, -128],
  [{ kind: 'SMALLINT' }, -32768],
  [INT, -2147483648],
  [BIGINT, -9_223_372_036_854_775_808n],
  [{ kind: 'FLOAT' }, Math.fround(0.1)],
  [DOUBLE, 1e300],
  [DOUBLE, -Infinity],
  [{ kind: 'DECIMAL', precision: 10, scale: 2 }, -1250n],
  [{ kind: 'DECIMAL', precision: 38, scale: 0 }, 10n ** 37n],
  [{ kind: 'DECIMAL', precision: 38, scale: 9 }, 1n],
  [STRING, 'é, "x"\n\\'],
  [STRING, ''],
  [STRING, ' null '],
  [{ kind: 'VARBINARY', length: 2147483647 }, Uint8Array.of(0, 255, 61)],
  [{ kind: 'DATE' }, -1],
  [{ kind: 'TIME', precision: 3 }, 36_000_001],
  [TIMESTAMP3, TEN + 1],
  [{ kind: 'TIMESTAMP', precision: 6 }, BigInt(TEN) * 1_000_000n + 1000n],
  [{ kind: 'TIMESTAMP', precision: 9 }, BigInt(TEN) * 1_000_000n + 1n],
  [{ kind: 'TIMESTAMP_LTZ', precision: 6 }, BigInt(TEN) * 1_000_000n + 1000n],
];
const ALL = TYPES.map(([type], i) => column(`c ${i}`, type));
const VALUES: Row = TYPES.map(([, value]) => value);
const NULLS: Row = TYPES.map(() => null);

/** Views of DuckDB compare bytes and numbers as they are. */
const plain = (rows: readonly Row[]): unknown => rows.map((row) => row.map((value) => (value instanceof Uint8Array ? [...value] : value)));

describe.each(['json', 'csv', 'parquet'])('%s', (format) => {
  test('every type comes back as it was, and NULL', async () => {
    const table = written(ALL, { format });
    await table.emit(1, [VALUES, NULLS]);
    expect(plain(await table.query('SELECT * FROM t'))).toEqual(plain([VALUES, NULLS]));
  });

  test('rows of partitions have their columns, of every type; each file counts once', async () => {
    const bytes = TYPES.findIndex(([type]) => type.kind === 'VARBINARY');
    const empty = TYPES.findIndex(([, value]) => value === '');
    const names = ALL.flatMap(({ name }, i) => (i === bytes || i === empty ? [] : [name]));
    const table = written([column('v', INT), ...ALL], { format }, names);
    await table.emit(1, [[1, ...VALUES], [2, ...NULLS], [3, ...VALUES]]);
    await table.emit(2, [[4, ...VALUES]]);
    expect(plain(await table.query('SELECT * FROM t ORDER BY v'))).toEqual(plain([[1, ...VALUES], [2, ...NULLS], [3, ...VALUES], [4, ...VALUES]]));
    expect(await table.query('SELECT count(*) FROM T WHERE "c 3" = -2147483648')).toEqual([[3n]]);
  });

  test('files of a FIRE whose manifest is missing do not count', async () => {
    const table = written([column('v', INT), column('k', INT)], { format }, ['k']);
    for (const f of [1, 2]) await table.emit(f, [[10 * f, 0], [10 * f + 1, 1]]);
    const [manifest] = await table.blob.list(manifestKey(`${JOB}-out-g0-f2`), { after: '', limit: 1 });
    await table.blob.remove(manifest?.key ?? '');
    expect(await table.query('SELECT v, k FROM t ORDER BY v')).toEqual([[10, 0], [11, 1]]);
  });

  test('files that somebody has removed do not count, the others of their FIRE do', async () => {
    const table = written([column('v', INT), column('k', INT)], { format }, ['k']);
    await table.emit(1, [[10, 0], [11, 1], [12, 2]]);
    await table.blob.remove(`k=1/${JOB}-out-g0-f1-2.${extensionOf(tableFormatOf({ format }))}`);
    expect(await table.query('SELECT v, k FROM t ORDER BY v')).toEqual([[10, 0], [12, 2]]);
  });

  test('a table without files is empty, and has its columns', async () => {
    expect(await written(ALL, { format }).query('SELECT count("c 0") FROM t')).toEqual([[0n]]);
  });

  test('a single column of NULL is a row', async () => {
    const table = written([column('v', STRING)], { format });
    await table.emit(1, [[null], ['a'], [null], ['']]);
    expect(await table.query('SELECT v FROM t')).toEqual([[null], ['a'], [null], ['']]);
  });
});

test.each(['json', 'csv', 'parquet'])('%s: texts of any kind, whichever row is the first', async (format) => {
  const texts = ['line 1\r\nline 2', '\r\n', '\r', '"', "\\'"];
  for (const first of [...texts, 'x'.repeat(3_000_000)]) {
    const rows: Row[] = [[1, first, 'z'], ...texts.map((text, i): Row => [i + 2, text, text])];
    const table = written([column('i', INT), column('v', STRING), column('w', STRING)], { format });
    await table.emit(1, rows);
    const [read, ...others] = await table.query('SELECT * FROM t');
    expect(read?.[1] === first).toBe(true);
    expect(others).toEqual(rows.slice(1));
  }
});

test.each(['json', 'csv', 'parquet'])('%s: half of a surrogate pair is no text, and breaks none', async (format) => {
  const table = written([column('v', STRING)], { format });
  await table.emit(1, [['a\ud83d'], ['\udcfflower']]);
  expect(await table.query('SELECT * FROM t')).toEqual([['a\ufffd'], ['\ufffdlower']]);
});

test.each(['json', 'csv', 'parquet'])('%s: decimals without whole digits', async (format) => {
  const types = [7, 9, 18, 38].map((precision): SqlType => ({ kind: 'DECIMAL', precision, scale: precision }));
  const table = written(types.map((type, i) => column(`c${i}`, type)), { format });
  const rows: Row[] = [types.map(() => 1n), types.map(() => -12n), types.map(() => 0n)];
  await table.emit(1, rows);
  expect(await table.query('SELECT * FROM t')).toEqual(rows);
});

test.each(['json', 'csv', 'parquet'])('%s: NaN is found, as the largest number that it is, and -0 keeps its sign', async (format) => {
  const table = written([column('f', DOUBLE), column('g', { kind: 'FLOAT' })], { format });
  await table.emit(1, [[1, 1], [NaN, NaN], [-0, -0], [2, 2]]);
  for (const where of ["f = 'NaN'", 'isnan(f)', 'f > 100', 'g > 100']) expect(await table.query(`SELECT count(*) FROM t WHERE ${where}`)).toEqual([[1n]]);
  const zero = format === 'json' ? 0 : -0; // DuckDB reads -0 in JSON as a whole number
  expect(await table.query('SELECT * FROM t WHERE f = 0')).toEqual([[zero, zero]]);
});

test('csv without quotes, with an escape character', async () => {
  const table = written([column('s', STRING), column('i', INT)], { format: 'csv', 'csv.disable-quote-character': 'true', 'csv.escape-character': '\\', 'csv.null-literal': 'n/a' });
  const rows: Row[] = [['a,b', 1], ['back\\slash', 2], ['two\nlines', 3], ['"', null], [null, 5]];
  await table.emit(1, rows);
  expect(await table.query('SELECT * FROM t')).toEqual(rows);
});

test.each(['json', 'csv', 'parquet'])('%s: a column that was added later is NULL in older files', async (format) => {
  const table = written([column('v', INT)], { format });
  await table.emit(1, [[1], [2]]);
  const added = [column('v', INT), column('added', STRING)];
  const later = written(added, { format }, [], table.node.options['path']);
  await later.emit(2, [[3, 'two\nlines']]);
  expect(await later.query('SELECT * FROM t')).toEqual([[1, null], [2, null], [3, 'two\nlines']]);
});

test('csv with characters of its own', async () => {
  const columns = [column('s', STRING), column('n', { kind: 'DECIMAL', precision: 10, scale: 2 })];
  const rows = [["it's\t\\", 1250n], [null, null], ['n/a', 100_000n], ['', 0n]] as const;
  for (const quoting of [{ 'csv.escape-character': '\\' }, { 'csv.null-literal': 'n/a' }, {}]) {
    const table = written(columns, { format: 'csv', 'csv.field-delimiter': '\\t', 'csv.quote-character': "'", ...quoting });
    await table.emit(1, rows);
    expect(await table.query('SELECT * FROM t')).toEqual(rows);
  }
});

test.each(['file-url', 'path'])('a path through what is not there means the same to the sink and to queries (%s)', async (kind) => {
  const root = temporaryDirectory();
  const table = written([column('v', INT)], { format: 'csv' }, [], kind === 'path' ? `${root}/missing/../t` : `file://${root}/missing/../a%20b`);
  await table.emit(1, [[1]]);
  expect(await table.query('SELECT * FROM t')).toEqual([[1]]);
});

test('files of other writers count, hidden ones do not', async () => {
  const table = written([column('v', INT), column('k', STRING)], { format: 'csv' }, ['k']);
  const text = (content: string): Buffer => Buffer.from(content);
  await table.blob.put('k=x%20y/part-0.csv', text('1\n'));
  await table.blob.put('k=x/_temporary/part-0.csv', text('2\n'));
  await table.blob.put('_SUCCESS', text(''));
  await table.blob.put('k=x/part-0.parquet', text('no'));
  expect(await table.query('SELECT * FROM t')).toEqual([[1, 'x y']]);
});

describe('on S3', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3();
    server.createBucket('lake');
  });
  afterAll(() => server.stop());
  const address = (name: string): string => `s3://lake/${name}?endpoint=${server.endpoint}&region=us-east-1`;
  const copies = async (): Promise<string[]> => (await fs.readdir(tmpdir())).filter((name) => name.startsWith('sluice-query-'));

  test.each(['json', 'csv', 'parquet'])('%s tables are read by copies, which are removed', async (format) => {
    const before = await copies();
    const table = written([column('v', INT), column('k', STRING)], { format }, ['k'], address(format));
    await table.emit(1, [[1, 'a/b'], [2, null]]);
    await table.emit(2, [[3, 'a/b']]);
    expect(await table.query('SELECT * FROM t ORDER BY v')).toEqual([[1, 'a/b'], [2, null], [3, 'a/b']]);
    await expect(table.query('SELECT nothing FROM t')).rejects.toMatchObject({ code: 'QUERY_FAILED' });
    expect((await copies()).filter((name) => !before.includes(name))).toEqual([]);
  });

  test('large objects are copied in pieces', async () => {
    const path = address('large');
    const table = written([column('v', STRING)], { format: 'csv' }, [], path);
    const value = 'x'.repeat(20_000_000);
    await table.emit(1, [[value]]);
    const ranges: unknown[] = [];
    const seen = new Proxy(directoryOf(path), {
      get: (blob, member) => (...args: [string, never]) => {
        if (member === 'get') ranges.push(args[1]);
        return Reflect.apply(Reflect.get(blob, member), blob, args);
      },
    });
    const of = { catalog: 'c', database: 'd', name: 't', columns: table.node.columns, directory: path, format: tableFormatOf({ format: 'csv' }), partitionedBy: [], nullName: DEFAULT_PARTITION };
    const { tables, remove } = await locateTables('SELECT * FROM t', [of], () => seen);
    expect(await fs.readFile(tables[0]?.files[0]?.path ?? '', 'utf8')).toBe(`${value}\n`);
    await remove();
    expect(ranges).toEqual([{ start: 0, end: 8_388_608 }, { start: 8_388_608, end: 16_777_216 }, { start: 16_777_216, end: 20_000_001 }]);
  });

  test('a FIRE that appears while the table is listed is there whole or not at all', async () => {
    const path = address('race');
    const table = written([column('v', INT), column('K', INT)], { format: 'json' }, ['K'], path);
    const slow = new Proxy(directoryOf(path), {
      get: (blob, member) => async (...args: [string, never]) => {
        const found: unknown = await Reflect.apply(Reflect.get(blob, member), blob, args);
        if (member === 'list' && args[0] !== '') await table.emit(1, [[1, 0], [2, 1]]); // between the two listings
        return found;
      },
    });
    const of = { catalog: 'c', database: 'd', name: 't', columns: table.node.columns, directory: path, format: { kind: 'json' }, partitionedBy: ['K'], nullName: DEFAULT_PARTITION } as const;
    const { tables, remove } = await locateTables('SELECT * FROM t', [of], () => slow);
    await remove();
    expect(tables[0]?.files).toEqual([]);
  });

  test('a table that the query does not name is not looked at', async () => {
    const table = written([column('v', INT)], { format: 'csv' }, [], `s3://missing/x?endpoint=${server.endpoint}&region=us-east-1`);
    expect(await table.query('SELECT 1')).toEqual([[1]]);
    await expect(table.query('SELECT * FROM t')).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('NoSuchBucket') });
  });
});
