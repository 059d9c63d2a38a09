/** Queries over Iceberg tables: the current snapshot, found by field ids, without the rows that delete files name, on a disk and in S3. */
import { readdirSync } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AvroValue } from '../../lib/adapters/iceberg/avro-schema.ts';
import { jsonText } from '../../lib/adapters/iceberg/json.ts';
import { pathOf } from '../../lib/place/warehouse.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { addFile, copyTo, ID, tableOf, world } from './iceberg-world.ts';
import { startS3 } from '../servers/s3.ts';

const dataFiles = (root: string): string[] => readdirSync(join(root, 'demo', 'people', 'data'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'));

test('the rows of all FIREs, in a directory with the characters of patterns', async () => {
  const warehouse = join(temporaryDirectory(), "it's [a]*");
  const { query: ask } = await world({ warehouse }, ['x', 'y'], ['z']);
  expect(await ask('SELECT * FROM lake.demo.people ORDER BY a')).toEqual(['{"a":"x","b":"x!"}', '{"a":"y","b":"y!"}', '{"a":"z","b":"z!"}']);
  expect(await ask('SELECT p.a FROM `people` AS p JOIN people AS q ON p.a = q.a WHERE q.b = \'z!\'')).toEqual(['{"a":"z"}']);
});

test('files that no snapshot lists are no rows, and nothing else can be read', async () => {
  const warehouse = temporaryDirectory();
  const { query: ask } = await world({ warehouse }, ['x']);
  await copyTo(join(warehouse, 'demo', 'people', 'data', 'orphan.parquet'), "SELECT 'orphan' AS a, 'orphan' AS b", 'a: 1, b: 2');
  expect(await ask('SELECT a FROM people')).toEqual(['{"a":"x"}']);
  await expect(ask("SELECT * FROM read_text('/etc/hostname')")).rejects.toMatchObject({ code: 'QUERY_FAILED' });
});

test('rows that position deletes name are gone', async () => {
  const warehouse = temporaryDirectory();
  const made = await world({ warehouse }, ['x', 'y', 'z'], ['u']);
  const [file = ''] = dataFiles(warehouse).filter((name) => name.includes('-f1'));
  const location = `file://${warehouse}/demo/people/data/${file}`;
  const deletes = join(warehouse, 'demo', 'people', 'data', 'deletes.parquet');
  await copyTo(deletes, `SELECT '${location}' AS file_path, 1::BIGINT AS pos`, 'file_path: 2147483546, pos: 2147483545');
  await addFile(made, { content: 1, file_path: `file://${deletes}` });
  expect(await made.query('SELECT a FROM people ORDER BY a')).toEqual(['{"a":"u"}', '{"a":"x"}', '{"a":"z"}']);
});

test('columns may have the names that DuckDB adds', async () => {
  const warehouse = temporaryDirectory();
  const names = ['file_row_number', 'filename', 'file', '__sluice_file', "it's", '1'];
  const made = await tableOf({ warehouse }, names.map((name, i) => ({ id: i + 1, name, required: false, type: 'int' })));
  const file_path = `file://${warehouse}/data.parquet`;
  await copyTo(pathOf(file_path), `SELECT ${names.map((_, i) => `n * 10 + ${i} AS c${i}`).join(', ')} FROM range(2) AS r(n)`, names.map((_, i) => `c${i}: ${i + 1}`).join(', '));
  await addFile(made, { content: 0, file_path });
  const all = ['[0,1,2,3,4,5]', '[10,11,12,13,14,15]'];
  const rows = async (): Promise<string[]> => (await made.query('SELECT * FROM people ORDER BY 1')).map((row) => JSON.stringify(names.map((name) => JSON.parse(row)[name])));
  expect(await rows()).toEqual(all);
  const deletes = join(warehouse, 'deletes.parquet');
  await copyTo(deletes, `SELECT '${file_path}' AS file_path, 0::BIGINT AS pos`, 'file_path: 2147483546, pos: 2147483545');
  await addFile(made, { content: 1, file_path: `file://${deletes}` });
  expect(await rows()).toEqual(all.slice(1));
});

test('columns that differ by the case of letters are refused by name', async () => {
  const made = await tableOf({ warehouse: temporaryDirectory() }, ['a', 'n', 'N'].map((name, i) => ({ id: i + 1, name, required: false, type: 'int' })));
  await expect(made.query('SELECT * FROM people')).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining("'lake.demo.people' has the columns 'n' and 'N'"), hint: expect.any(String) });
});

test('equality deletes are refused, since rows that are gone must not be shown', async () => {
  const warehouse = temporaryDirectory();
  const made = await world({ warehouse }, ['x']);
  await addFile(made, { content: 2, file_path: `file://${warehouse}/e.parquet`, equality_ids: [1] });
  await expect(made.query('SELECT * FROM people')).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('equality deletes'), hint: expect.any(String) });
});

test('columns are found by their ids: renamed, added, dropped and added again', async () => {
  const warehouse = temporaryDirectory();
  const made = await world({ warehouse }, ['x']);
  const { metadata, location } = await made.load();
  const fields = [{ id: 2, name: 'first', required: false, type: 'string' }, { id: 3, name: 'a', required: false, type: 'string' }];
  const evolved = { ...metadata, 'current-schema-id': 1, 'last-column-id': 3, schemas: [...metadata.schemas, { type: 'struct', 'schema-id': 1, fields }] };
  await fs.writeFile(pathOf(location).replace(/v(\d+)\./, (_, n: string) => `v${Number(n) + 1}.`), jsonText(evolved));
  expect(await made.query('SELECT * FROM people')).toEqual(['{"first":"x!","a":null}']);
});

test('in S3: files are copied for the query, and removed behind it', async () => {
  const s3 = await startS3();
  onTestFinished(() => s3.stop());
  s3.createBucket('lake');
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' })) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const temporary = temporaryDirectory();
  vi.stubEnv('TMPDIR', temporary);
  const { query: ask, load, catalog } = await world({ warehouse: 's3://lake/house', 's3.endpoint': s3.endpoint, 's3.path-style-access': 'true' }, ['x', 'y'], ['z']);
  expect((await load()).metadata.location).toBe('s3://lake/house/demo/people');
  expect(await catalog.namespaces()).toEqual(['demo']);
  expect(await ask('SELECT a FROM people ORDER BY a')).toEqual(['{"a":"x"}', '{"a":"y"}', '{"a":"z"}']);
  expect(readdirSync(temporary)).toEqual([]);
  await catalog.drop(ID);
  expect(await catalog.tables('demo')).toEqual([]);
  expect(await catalog.dropNamespace('demo')).toBe('dropped');
  expect(await catalog.namespaces()).toEqual([]);
});

/** A type, a value of it as a manifest has it, as DuckDB writes it, and as a query shows it. */
const PARTITIONS: readonly (readonly [type: string, inManifest: AvroValue, sql: string, shown: unknown])[] = [
  ['string', "it's ☂", "'it''s ☂'", "it's ☂"],
  ['int', -7, '-7::INTEGER', -7],
  ['long', 12345678901n, '12345678901::BIGINT', 12345678901],
  ['boolean', true, 'true', true],
  ['double', -1.5e-9, '-1.5e-9::DOUBLE', -1.5e-9],
  ['decimal(9, 2)', Uint8Array.of(0xff, 0xff, 0xff, 0x85), '-1.23::DECIMAL(9, 2)', '-1.23'],
  ['date', -1, "DATE '1969-12-31'", '1969-12-31'],
  ['timestamp', -1n, "TIMESTAMP '1969-12-31 23:59:59.999999'", '1969-12-31T23:59:59.999999'],
  ['timestamptz', 1n, "TIMESTAMPTZ '1970-01-01 00:00:00.000001+00'", '1970-01-01T00:00:00.000001Z'],
  ['binary', Uint8Array.of(0, 0xab, 0x27), "'\\x00\\xAB\\x27'::BLOB", 'AKsn'],
];

describe('tables that others imported', () => {
  const VALUE = { id: 1, name: 'n', required: false, type: 'int' } as const;
  const columnOf = (type: string) => ({ id: 2, name: 'k', required: false, type });

  /** A file `name` that another library writes, beside those of the table. */
  async function file(warehouse: string, name: string, select: string, fieldIds: string): Promise<{ content: number; file_path: string }> {
    const path = join(warehouse, `${name}.parquet`);
    await copyTo(path, select, fieldIds);
    return { content: 0, file_path: `file://${path}` };
  }

  test('columns of all types that only the manifest has, since the table is partitioned by them', async () => {
    const warehouse = temporaryDirectory();
    const columns = PARTITIONS.map(([type], i) => ({ ...columnOf(type), id: i + 2, name: `k${i}` }));
    const valued = { partition: Object.fromEntries(PARTITIONS.map(([, value], i) => [`k${i}`, value])) };
    const made = await tableOf({ warehouse }, [VALUE, ...columns], columns);
    await addFile(made, { ...(await file(warehouse, 'without', 'SELECT 1 AS n', 'n: 1')), ...valued }, columns);
    const select = `SELECT 2 AS n, ${PARTITIONS.map(([, , sql], i) => `${sql} AS k${i}`).join(', ')}`;
    await addFile(made, { ...(await file(warehouse, 'with', select, `n: 1, ${columns.map(({ id, name }) => `${name}: ${id}`).join(', ')}`)), ...valued }, columns);
    await addFile(made, { ...(await file(warehouse, 'null', 'SELECT 3 AS n', 'n: 1')), partition: Object.fromEntries(columns.map(({ name }) => [name, null])) }, columns);
    const rows = (await made.query('SELECT * FROM people ORDER BY n')).map((row) => Object.values(JSON.parse(row)));
    const shown = PARTITIONS.map((each) => each[3]);
    expect(rows).toEqual([[1, ...shown], [2, ...shown], [3, ...shown.map(() => null)]]);
    expect(await made.query(`SELECT n FROM people WHERE ${PARTITIONS.map(([, , sql], i) => `k${i} = ${sql}`).join(' AND ')} ORDER BY n`)).toEqual(['{"n":1}', '{"n":2}']);
  });

  test('what a file has counts more than its manifest, and what was truncated is not the value', async () => {
    const warehouse = temporaryDirectory();
    const column = columnOf('string');
    const made = await tableOf({ warehouse }, [VALUE, column], [column], {}, 'truncate[1]');
    await addFile(made, { ...(await file(warehouse, 'without', 'SELECT 1 AS n', 'n: 1')), partition: { k: 'a' } }, [column]);
    await addFile(made, { ...(await file(warehouse, 'with', "SELECT 2 AS n, 'abc' AS k", 'n: 1, k: 2')), partition: { k: 'a' } }, [column]);
    expect(await made.query('SELECT * FROM people ORDER BY n')).toEqual(['{"n":1,"k":null}', '{"n":2,"k":"abc"}']);
  });

  test('files without field ids are refused by name, since all of their values would be NULL', async () => {
    const warehouse = temporaryDirectory();
    const made = await tableOf({ warehouse }, [VALUE]);
    await addFile(made, await file(warehouse, 'ours', 'SELECT 1 AS n', 'n: 1'));
    expect(await made.query('SELECT * FROM people')).toEqual(['{"n":1}']);
    await addFile(made, await file(warehouse, "it's [imported]", 'SELECT 2 AS n', ''));
    await expect(made.query('SELECT * FROM people')).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/'lake\.demo\.people' has a file without field ids \(file:.*it's \[imported\]\.parquet\)/),
      hint: expect.stringContaining('rewrite_data_files'),
    });
  });
});
