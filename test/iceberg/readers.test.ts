/** What others read in a table that Sluice has written: DuckDB its data files, icebird the whole table. */
import { readFileSync } from 'node:fs';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { icebergRead } from 'icebird';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { LoadedTable } from '../../lib/adapters/iceberg/catalog.ts';
import { currentSnapshot, type NestedField, type PartitionField, type Snapshot } from '../../lib/adapters/iceberg/metadata.ts';
import { jsonText } from '../../lib/adapters/iceberg/json.ts';
import { fireNumber, generation } from '../../lib/core/numbers.ts';
import { BIGINT, DOUBLE, STRING, TIMESTAMP3, type Column, type Row } from '../../lib/core/types.ts';
import { pathOf } from '../../lib/place/warehouse.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { COLUMNS, FIELDS, JOB, nodeOf, ROWS } from './all-types.ts';
import { avroRecords, createTable, directoryPlace, field, loadTable, locationOf, manifestEntries, openSink, type Place, type TableParts } from './world.ts';

let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
});

afterAll(() => duckdb.closeSync());

interface Written {
  readonly place: Place;
  readonly snapshot: Snapshot;
  readonly entries: readonly Record<string, unknown>[];
  /** The data files as a list of DuckDB's. */
  readonly files: string;
}

async function written(fields: readonly NestedField[], columns: readonly Column[], rows: readonly Row[], parts: TableParts = {}): Promise<Written> {
  const place = directoryPlace(temporaryDirectory());
  await createTable(place, fields, parts);
  await openSink(place, JOB, nodeOf(columns)).emit({ g: generation(0), f: fireNumber(1), pf: null, rows });
  const snapshot = headOf(await loadTable(place));
  const entries = await manifestEntries(place.io, snapshot);
  return { place, snapshot, entries, files: filesOf(entries) };
}

function headOf({ metadata }: LoadedTable): Snapshot {
  const snapshot = currentSnapshot(metadata);
  if (snapshot === undefined) throw new Error('nothing was committed');
  return snapshot;
}

const filesOf = (entries: readonly Record<string, unknown>[]): string => `[${entries.map((entry) => `'${pathOf(locationOf(entry))}'`).join(', ')}]`;

const query = async (sql: string): Promise<Record<string, unknown>[]> => (await duckdb.runAndReadAll(sql)).getRowObjectsJson();

/** icebird asks by `fetch`, which does not know `file:`. */
function serveFiles(): void {
  const original = globalThis.fetch;
  onTestFinished(() => void (globalThis.fetch = original));
  globalThis.fetch = async (input) => new Response(readFileSync(pathOf(String(input))));
}

describe('every type', () => {
  test('NaN is found by readers that take it for the largest number', async () => {
    const { files } = await written([field(1, 'd', 'double'), field(2, 'f', 'float')], [{ name: 'd', type: DOUBLE, nullable: true }, { name: 'f', type: { kind: 'FLOAT' }, nullable: true }], [[1, 1], [NaN, NaN], [2, 2]]);
    expect(await query(`SELECT count(*) FILTER (d > 100) AS d, count(*) FILTER (f > 100) AS f FROM read_parquet(${files})`)).toEqual([{ d: '1', f: '1' }]);
    for (const where of ['d > 100', 'f > 100', 'isnan(d)']) expect(await query(`SELECT count(*) AS n FROM read_parquet(${files}) WHERE ${where}`)).toEqual([{ n: '1' }]);
  });

  test('is what it was, to DuckDB', async () => {
    const { files } = await written(FIELDS, COLUMNS, ROWS);
    await duckdb.run("SET TimeZone = 'UTC'");
    const rows = await query(`SELECT * FROM read_parquet(${files})`);
    const types = await query(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(${files}))`);
    expect(types.map(({ column_name: name, column_type: type }) => [name, type, ...rows.map((row) => row[String(name)])])).toEqual([
      ['a_boolean', 'BOOLEAN', true, false, null],
      ['a_tinyint', 'INTEGER', -128, 127, null],
      ['an_int', 'INTEGER', -2147483648, 2147483647, null],
      ['a_promoted', 'BIGINT', '-1', '2147483647', null],
      ['a_bigint', 'BIGINT', '-9223372036854775808', '9223372036854775807', null],
      ['a_float', 'FLOAT', -0.5, 3.25, null],
      ['a_double', 'DOUBLE', -1e300, 0.1, null],
      ['a_decimal5', 'DECIMAL(5,2)', '-999.99', '123.45', null],
      ['a_decimal18', 'DECIMAL(18,4)', '-99999999999999.9999', '99999999999999.9999', null],
      ['a_decimal38', 'DECIMAL(38,10)', '-9999999999999999999999999999.9999999999', '0.0000000001', null],
      ['a_date', 'DATE', '1969-12-31', '2022-01-08', null],
      ['a_time', 'TIME', '00:00:00', '23:59:59.999', null],
      ['a_timestamp3', 'TIMESTAMP', '1969-12-31 23:59:59.999', '2023-11-14 22:13:20.123', null],
      ['a_timestamp6', 'TIMESTAMP', '1969-12-31 23:59:59.999999', '2023-11-14 22:13:20.123456', null],
      ['an_ltz', 'TIMESTAMP WITH TIME ZONE', '1969-12-31 23:59:59.999999+00', '2023-11-14 22:13:20.123456+00', null],
      ['a_string', 'VARCHAR', '', 'ä€😀 "quoted", and longer than sixteen', null],
      ['a_fixed', 'BLOB', '\\x00\\x01\\x02', '\\xFF\\xFF\\xFF', null],
      ['a_uuid', 'UUID', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', null],
      ['some_bytes', 'BLOB', '', '\\x00\\xFF', null],
    ]);
    const ids = await query(`SELECT name, field_id FROM parquet_schema(${files}) WHERE field_id IS NOT NULL`);
    expect(ids.map(({ name, field_id: id }) => [id, name])).toEqual(FIELDS.slice(0, COLUMNS.length).map(({ id, name }) => [String(id), name]));
  });

  test('is what it was, to icebird, which rounds', async () => {
    const { place } = await written(FIELDS, COLUMNS, ROWS);
    const rows = await rowsOfIcebird(place);
    const shown = ['a_bigint', 'a_decimal5', 'a_string', 'a_timestamp3', 'not_written'];
    expect(rows.map((row) => shown.map((name) => row[name]))).toEqual([
      [-9223372036854775808n, -999.99, '', new Date(-1), undefined],
      [9223372036854775807n, 123.45, 'ä€😀 "quoted", and longer than sixteen', new Date(1_700_000_000_123), undefined],
      [null, null, null, null, undefined],
    ]);
  });

  test('names that Avro does not take are found by their ids', async () => {
    const names = ['order id', '1st', 'größe'];
    const columns = names.map((name): Column => ({ name, type: STRING, nullable: true }));
    const partitions = [{ 'source-id': 1, 'field-id': 1000, name: 'order id', transform: 'identity' }];
    const { place } = await written(names.map((name, i) => field(i + 1, name, 'string')), columns, [['a', 'b', 'c']], { partitions });
    expect(await rowsOfIcebird(place)).toEqual([{ 'order id': 'a', '1st': 'b', größe: 'c' }]);
  });

  test('has its counts and bounds in the manifest', async () => {
    const { entries } = await written(FIELDS, COLUMNS, ROWS);
    const file = dataFileOf(entries[0]);
    for (const [{ id, name }, column] of FIELDS.map((each, i) => [each, COLUMNS[i]] as const)) {
      const own = [file['value_counts'], file['null_value_counts'], file['lower_bounds'], file['upper_bounds']].map((map) => valueAt(map, id));
      expect([name, own[0], own[1], own[2] !== undefined && own[3] !== undefined]).toEqual([name, column && 3n, column && 1n, column !== undefined]);
    }
    const bigint = FIELDS.find(({ name }) => name === 'a_bigint')?.id ?? 0;
    expect(valueAt(file['lower_bounds'], bigint)).toEqual(Buffer.of(0, 0, 0, 0, 0, 0, 0, 0x80));
    expect(file).toMatchObject({ file_format: 'PARQUET', record_count: 3n, content: 0, split_offsets: [4n], sort_order_id: 0 });
    expect(Number(valueAt(file['column_sizes'], bigint))).toBeGreaterThan(16);
  });
});

/** Of the record that Avro has for a data file. */
function dataFileOf(entry: Record<string, unknown> | undefined): Record<string, unknown> {
  const file = entry?.['data_file'];
  if (typeof file !== 'object' || file === null) throw new Error('an entry without a data file');
  return { ...file };
}

/** Maps by field id are arrays of pairs. */
function valueAt(map: unknown, id: number): unknown {
  if (!Array.isArray(map)) throw new Error('no map');
  return map.find(({ key }) => key === id)?.value;
}

/** icebird takes JSON as it comes, and so rounds the ids of snapshots, all in the same way. */
async function rowsOfIcebird(place: Place): Promise<Record<string, unknown>[]> {
  serveFiles();
  const { metadata } = await loadTable(place);
  return icebergRead({ tableUrl: metadata.location, metadata: JSON.parse(jsonText(metadata)) });
}

describe('partitions', () => {
  const at = (id: number, source: number, name: string, transform: string): PartitionField => ({ 'source-id': source, 'field-id': id, name, transform });

  test('a field that was dropped together with its column', async () => {
    const columns: Column[] = [{ name: 'v', type: STRING, nullable: true }];
    const { place } = await written([field(2, 'v', 'string')], columns, [['a'], ['b']], { partitions: [at(1000, 1, 'gone', 'void')] });
    expect(await rowsOfIcebird(place)).toEqual([{ v: 'a' }, { v: 'b' }]);
  });
  const FIELDS_OF: readonly NestedField[] = [field(1, 'k', 'string'), field(2, 'n', 'long'), field(3, 't', 'timestamp'), field(4, 'd', 'decimal(9, 2)'), field(5, 'u', 'fixed[2]')];
  const COLUMNS_OF: readonly Column[] = [
    { name: 'k', type: STRING, nullable: true },
    { name: 'n', type: BIGINT, nullable: true },
    { name: 't', type: TIMESTAMP3, nullable: true },
    { name: 'd', type: { kind: 'DECIMAL', precision: 9, scale: 2 }, nullable: true },
    { name: 'u', type: { kind: 'BINARY', length: 2 }, nullable: true },
  ];
  const T = 1_700_000_000_123;
  const rows: readonly Row[] = [
    ['a/b=ü', 34n, T, 1065n, Uint8Array.of(1, 2)],
    ['a/b=ü', 34n, T + 1, 1099n, Uint8Array.of(1, 2)],
    ['c', 35n, T + 3_600_000, -5n, Uint8Array.of(3, 4)],
    [null, null, null, null, null],
  ];

  test('of every transform hold their rows, and say so', async () => {
    const partitions = [
      at(1000, 1, 'k', 'identity'),
      at(1001, 2, 'n_bucket', 'bucket[16]'),
      at(1002, 3, 't_year', 'year'),
      at(1003, 3, 't_month', 'month'),
      at(1004, 3, 't_day', 'day'),
      at(1005, 3, 't_hour', 'hour'),
      at(1006, 4, 'd_trunc', 'truncate[50]'),
      at(1007, 1, 'k_trunc', 'truncate[1]'),
      at(1008, 2, 'gone', 'void'),
      at(1009, 5, 'u', 'identity'),
      at(1010, 4, 'd', 'identity'),
    ];
    const { entries, snapshot, place, files } = await written(FIELDS_OF, COLUMNS_OF, rows.slice(0, 1).concat(rows.slice(2)), { partitions });
    expect(entries.map((entry) => Object.values(Object(dataFileOf(entry)['partition'])))).toEqual([
      ['a/b=ü', 3, 53, 646, 19_675, 472_222, Buffer.of(0, 0, 4, 0x1a), 'a', null, Buffer.of(1, 2), Buffer.of(0, 0, 4, 0x29)],
      ['c', 5, 53, 646, 19_675, 472_223, Buffer.of(255, 255, 255, 0xce), 'c', null, Buffer.of(3, 4), Buffer.of(255, 255, 255, 0xfb)],
      Array.from({ length: 11 }, () => null),
    ]);
    expect(await query(`SELECT k, n FROM read_parquet(${files}) ORDER BY n`)).toEqual([{ k: 'a/b=ü', n: '34' }, { k: 'c', n: '35' }, { k: null, n: null }]);
    const [list] = await avroRecords(place.io, snapshot['manifest-list']);
    expect(list).toMatchObject({ added_files_count: 3, added_rows_count: 3n, partition_spec_id: 0, sequence_number: 1n, min_sequence_number: 1n, content: 0 });
    const summaries = list?.['partitions'];
    expect(Array.isArray(summaries) ? summaries.slice(0, 2) : null).toMatchObject([
      { contains_null: true, contains_nan: null, lower_bound: Buffer.from('a/b=ü'), upper_bound: Buffer.from('c') },
      { contains_null: true, contains_nan: null, lower_bound: Buffer.of(3, 0, 0, 0), upper_bound: Buffer.of(5, 0, 0, 0) },
    ]);
  });

  test('rows of one partition share a file, whatever their order', async () => {
    const { entries, snapshot } = await written(FIELDS_OF, COLUMNS_OF, [...rows, ...rows], { partitions: [at(1000, 1, 'k', 'identity')] });
    expect(entries.map((entry) => dataFileOf(entry)['record_count'])).toEqual([4n, 2n, 2n]);
    expect(snapshot.summary).toMatchObject({ operation: 'append', 'added-data-files': '3', 'added-records': '8', 'total-records': '8', 'changed-partition-count': '3', 'total-delete-files': '0' });
  });
});

describe('table properties', () => {
  const KV: readonly NestedField[] = [field(1, 'v', 'string')];
  const COLUMN: readonly Column[] = [{ name: 'v', type: STRING, nullable: true }];
  const many: readonly Row[] = Array.from({ length: 5000 }, (_, i) => [`value ${i} ${'x'.repeat(i % 100)}`]);

  test.each(['zstd', 'gzip', 'snappy', 'uncompressed'])('write.parquet.compression-codec = %s', async (codec) => {
    const { files } = await written(KV, COLUMN, many, { properties: { 'write.parquet.compression-codec': codec } });
    expect(await query(`SELECT DISTINCT compression FROM parquet_metadata(${files})`)).toEqual([{ compression: codec.toUpperCase() }]);
    expect(await query(`SELECT count(*) AS n, count(DISTINCT v) AS d FROM read_parquet(${files})`)).toEqual([{ n: '5000', d: '5000' }]);
  });

  test('write.parquet.compression-level', async () => {
    const bytes = async (codec: string, level: string): Promise<number> => {
      const { entries } = await written(KV, COLUMN, many, { properties: { 'write.parquet.compression-codec': codec, 'write.parquet.compression-level': level } });
      return Number(dataFileOf(entries[0])['file_size_in_bytes']);
    };
    expect(await bytes('gzip', '0')).toBeGreaterThan(2 * (await bytes('gzip', '9')));
    expect(await bytes('zstd', '1')).toBeGreaterThan(await bytes('zstd', '22'));
  });

  test('the options of a table of another catalog stand before its properties', async () => {
    const place = directoryPlace(temporaryDirectory());
    await createTable(place, KV, { properties: { 'write.parquet.compression-codec': 'gzip' } });
    const node = { ...nodeOf(COLUMN), options: { 'compression-codec': 'snappy' } };
    await openSink(place, JOB, node).emit({ g: generation(0), f: fireNumber(1), pf: null, rows: many });
    const files = filesOf(await manifestEntries(place.io, headOf(await loadTable(place))));
    expect(await query(`SELECT DISTINCT compression FROM parquet_metadata(${files})`)).toEqual([{ compression: 'SNAPPY' }]);
  });

  test('write.target-file-size-bytes, write.data.path and write.metadata.path', async () => {
    const elsewhere = temporaryDirectory();
    const wide: readonly Row[] = Array.from({ length: 40 }, (_, i) => [`${i}${'y'.repeat(2_000_000)}`]);
    const properties = { 'write.target-file-size-bytes': '1000', 'write.data.path': `file://${elsewhere}/d/`, 'write.metadata.path': `file://${elsewhere}/m` };
    const { entries, files, snapshot } = await written(KV, COLUMN, wide, { properties });
    expect(entries.length).toBe(3);
    expect(entries.every((entry) => locationOf(entry).startsWith(`file://${elsewhere}/d/`))).toBe(true);
    expect(snapshot['manifest-list']).toMatch(`file://${elsewhere}/m/snap-`);
    expect(await query(`SELECT count(*) AS n FROM read_parquet(${files})`)).toEqual([{ n: '40' }]);
  });

  const REFUSED = [
    ['write.format.default', 'orc'],
    ['write.parquet.compression-codec', 'lz4'],
    ['write.target-file-size-bytes', '1 GB'],
    ['write.parquet.compression-level', '23'],
  ] as const;
  test.each(REFUSED)('%s = %s is refused, with what is possible', async (key, value) => {
    const refused = { code: 'SINK_UNAVAILABLE', message: expect.stringContaining(`'${key}' is '${value}'`), hint: expect.stringContaining('ALTER TABLE') };
    await expect(written(KV, COLUMN, many, { properties: { [key]: value } })).rejects.toMatchObject(refused);
  });
});
