/** Queries over Iceberg tables: the current snapshot, found by field ids, without the rows that delete files name, on a disk and in S3. */
import { readdirSync } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test, vi } from 'vitest';
import { writeAvro } from '../../lib/adapters/iceberg/avro-file.ts';
import type { AvroObject } from '../../lib/adapters/iceberg/avro-schema.ts';
import type { LoadedTable } from '../../lib/adapters/iceberg/catalog.ts';
import { createFile, readFile } from '../../lib/adapters/iceberg/file-io.ts';
import { jsonText } from '../../lib/adapters/iceberg/json.ts';
import { readManifestList } from '../../lib/adapters/iceberg/manifest-list.ts';
import { MANIFEST_FILE, manifestEntrySchema } from '../../lib/adapters/iceberg/manifest-schema.ts';
import { currentSnapshot, type Snapshot } from '../../lib/adapters/iceberg/metadata.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { ExternalCatalogs } from '../../lib/control/external-catalogs.ts';
import { runQuery } from '../../lib/control/query.ts';
import { withScans } from '../../lib/control/scans.ts';
import { jsonLines } from '../../lib/control/table.ts';
import { fireNumber, generation, jobId, uid } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { STRING } from '../../lib/core/types.ts';
import { openDirectory } from '../../lib/place/directories.ts';
import { openIceberg, openIcebergSink, openTables } from '../../lib/place/iceberg.ts';
import { pathOf } from '../../lib/place/warehouse.ts';
import { newCatalog, newCatalogs, type Catalogs } from '../../lib/sql/catalog.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { startS3 } from '../servers/s3.ts';

const ID = { namespace: 'demo', name: 'people' };
const SYNC = new Uint8Array(16).fill(7);

/** A table with the rows a1 … of the FIREs, which a sink has written. */
async function world(options: Record<string, string>, ...fires: string[][]) {
  const planned = { connector: 'iceberg', 'catalog-name': 'lake', 'catalog-type': 'hadoop', 'catalog-database': 'demo', 'catalog-table': 'people', ...options };
  const { catalog, io } = openIceberg(planned, nodeRuntime);
  await catalog.createNamespace('demo', {});
  const fields = ['a', 'b'].map((name, i) => ({ id: i + 1, name, required: false, type: 'string' }));
  await catalog.create(ID, { schema: { type: 'struct', 'schema-id': 0, fields }, spec: { 'spec-id': 0, fields: [] }, properties: {} });
  const columns = ['a', 'b'].map((name) => ({ name, type: STRING, nullable: true }));
  const node: SinkNode = { kind: 'sink', uid: uid('out'), input: uid('in'), table: 'lake.demo.people', connector: 'iceberg', columns, options: planned };
  const sink = openIcebergSink(jobId('0123456789abcdef0123456789abcdef'), node, nodeRuntime);
  for (const [i, values] of fires.entries()) {
    const rows = values.map((value) => [value, `${value}!`]);
    expect(await sink.emit({ g: generation(0), f: fireNumber(i + 1), pf: i === 0 ? null : fireNumber(i), rows })).toEqual({ kind: 'durable' });
  }
  const load = async (): Promise<LoadedTable> => (await catalog.load(ID)) ?? Promise.reject(new Error('gone'));
  return { catalog, io, load, query: (sql: string) => query(sql, options) };
}

async function query(sql: string, options: Record<string, string>): Promise<string[]> {
  const external = new ExternalCatalogs(async (each) => openTables(each, nodeRuntime), '/nowhere');
  const lake = { ...newCatalog('lake', 'iceberg', 'default'), options: { type: 'iceberg', 'catalog-type': 'hadoop', ...options } };
  const seen: Catalogs = await external.seenBy(sql, { ...newCatalogs([lake]), currentCatalog: 'lake', currentDatabase: 'demo' });
  const databases = [{ catalog: 'lake', database: 'demo' }];
  const current = { catalog: 'lake', database: 'demo' };
  return jsonLines(await withScans(seen, external, (scans) => runQuery(sql, { databases, tables: [], scans, current, openDirectory: (url) => openDirectory(url, nodeRuntime), access: 'tables' })));
}

type World = Awaited<ReturnType<typeof world>>;

/** Commits a snapshot that adds one file of deletes to what there is. */
async function addDeletes({ catalog, io, load }: World, file: AvroObject): Promise<void> {
  const base = await load();
  const parent = currentSnapshot(base.metadata);
  if (parent === undefined) throw new Error('there is no snapshot');
  const at = (name: string): string => `${base.metadata.location}/metadata/${name}`;
  const id = 77n;
  const nothing = { column_sizes: null, value_counts: null, null_value_counts: null, nan_value_counts: null, lower_bounds: null, upper_bounds: null, key_metadata: null, split_offsets: null, sort_order_id: null };
  const entry = { status: 1, snapshot_id: id, sequence_number: null, file_sequence_number: null, data_file: { file_format: 'PARQUET', partition: {}, record_count: 1, file_size_in_bytes: 100, equality_ids: null, ...nothing, ...file } };
  const manifest = writeAvro(manifestEntrySchema([]), { content: 'deletes', 'format-version': '2' }, [entry], SYNC);
  await createFile(io, at('deletes.avro'), manifest);
  const sequence = base.metadata['last-sequence-number'] + 1;
  const counts = { added_files_count: 1, existing_files_count: 0, deleted_files_count: 0, added_rows_count: 1, existing_rows_count: 0, deleted_rows_count: 0 };
  const listed = { manifest_path: at('deletes.avro'), manifest_length: manifest.length, partition_spec_id: 0, content: 1, sequence_number: sequence, min_sequence_number: sequence, added_snapshot_id: id, ...counts, partitions: [], key_metadata: null };
  const carried = readManifestList((await readFile(io, parent['manifest-list'])) ?? new Uint8Array(), 'list');
  await createFile(io, at('deletes-list.avro'), writeAvro(MANIFEST_FILE, {}, [listed, ...carried], SYNC));
  const snapshot: Snapshot = { ...parent, 'snapshot-id': id, 'parent-snapshot-id': parent['snapshot-id'], 'sequence-number': sequence, 'manifest-list': at('deletes-list.avro'), summary: { operation: 'delete' } };
  const result = await catalog.commit(ID, base, [], [{ action: 'add-snapshot', snapshot }, { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': id }]);
  expect(result.kind).toBe('committed');
}

/** Writes Parquet with another library. */
async function copyTo(path: string, select: string, fieldIds: string): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, FIELD_IDS {${fieldIds}})`);
  connection.closeSync();
}

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
  await addDeletes(made, { content: 1, file_path: `file://${deletes}` });
  expect(await made.query('SELECT a FROM people ORDER BY a')).toEqual(['{"a":"u"}', '{"a":"x"}', '{"a":"z"}']);
});

test('equality deletes are refused, since rows that are gone must not be shown', async () => {
  const warehouse = temporaryDirectory();
  const made = await world({ warehouse }, ['x']);
  await addDeletes(made, { content: 2, file_path: `file://${warehouse}/e.parquet`, equality_ids: [1] });
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
