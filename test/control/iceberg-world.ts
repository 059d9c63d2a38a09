/** An Iceberg table in a warehouse, and queries over it as a session makes them. */
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import { writeAvro } from '../../lib/adapters/iceberg/avro-file.ts';
import type { AvroObject } from '../../lib/adapters/iceberg/avro-schema.ts';
import type { LoadedTable } from '../../lib/adapters/iceberg/catalog.ts';
import { createFile, readFile } from '../../lib/adapters/iceberg/file-io.ts';
import { jsonText } from '../../lib/adapters/iceberg/json.ts';
import { readManifestList } from '../../lib/adapters/iceberg/manifest-list.ts';
import { MANIFEST_FILE, manifestEntrySchema } from '../../lib/adapters/iceberg/manifest-schema.ts';
import { currentSnapshot, type NestedField, type Snapshot } from '../../lib/adapters/iceberg/metadata.ts';
import { transform } from '../../lib/adapters/iceberg/transforms.ts';
import { primitiveType } from '../../lib/adapters/iceberg/types.ts';
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
import { newCatalog, newCatalogs, type Catalogs } from '../../lib/sql/catalog.ts';

export const ID = { namespace: 'demo', name: 'people' };
const SYNC = new Uint8Array(16).fill(7);

/** A table of texts a and b with the rows of the FIREs, which a sink has written. */
export async function world(options: Record<string, string>, ...fires: string[][]) {
  const made = await tableOf(options, ['a', 'b'].map((name, i) => ({ id: i + 1, name, required: false, type: 'string' })));
  const columns = ['a', 'b'].map((name) => ({ name, type: STRING, nullable: true }));
  const node: SinkNode = { kind: 'sink', uid: uid('out'), input: uid('in'), table: 'lake.demo.people', connector: 'iceberg', columns, options: plannedWith(options) };
  const sink = openIcebergSink(jobId('0123456789abcdef0123456789abcdef'), node, nodeRuntime);
  for (const [i, values] of fires.entries()) {
    const rows = values.map((value) => [value, `${value}!`]);
    expect(await sink.emit({ g: generation(0), f: fireNumber(i + 1), pf: i === 0 ? null : fireNumber(i), rows })).toEqual({ kind: 'durable' });
  }
  return made;
}

const plannedWith = (options: Record<string, string>): Record<string, string> => ({ connector: 'iceberg', 'catalog-name': 'lake', 'catalog-type': 'hadoop', 'catalog-database': 'demo', 'catalog-table': 'people', ...options });

/** An empty table, partitioned by columns, as they are unless `by` says otherwise. */
export async function tableOf(options: Record<string, string>, fields: readonly NestedField[], partitionedBy: readonly NestedField[] = [], properties: Record<string, string> = {}, by = 'identity') {
  const { catalog, io } = openIceberg(plannedWith(options), nodeRuntime);
  await catalog.createNamespace('demo', {});
  const spec = { 'spec-id': 0, fields: partitionedBy.map(({ id, name }, i) => ({ 'source-id': id, 'field-id': 1000 + i, name, transform: by })) };
  await catalog.create(ID, { schema: { type: 'struct', 'schema-id': 0, fields }, spec, properties });
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

export type World = Awaited<ReturnType<typeof tableOf>>;

/** Commits a snapshot that adds one file to what there is, as another writer does; its partition is by the names of `partitionedBy`. */
export async function addFile({ catalog, io, load }: World, file: AvroObject, partitionedBy: readonly NestedField[] = []): Promise<void> {
  const base = await load();
  const parent = currentSnapshot(base.metadata);
  const id = 77n + BigInt(base.metadata.snapshots.length);
  const at = (name: string): string => `${base.metadata.location}/metadata/${id}-${name}`;
  const spec = base.metadata['partition-specs'][0]?.fields ?? [];
  const content = file['content'] === 0 ? 'data' : 'deletes';
  const manifest = writeAvro(manifestEntrySchema(partitionedBy.map(partition)), { content, 'format-version': '2', 'partition-spec': jsonText(spec), 'partition-spec-id': '0' }, [entryOf(id, file)], SYNC);
  await createFile(io, at('manifest.avro'), manifest);
  const sequence = base.metadata['last-sequence-number'] + 1;
  const counts = { added_files_count: 1, existing_files_count: 0, deleted_files_count: 0, added_rows_count: 1, existing_rows_count: 0, deleted_rows_count: 0 };
  const listed = { manifest_path: at('manifest.avro'), manifest_length: manifest.length, partition_spec_id: 0, content: content === 'data' ? 0 : 1, sequence_number: sequence, min_sequence_number: sequence, added_snapshot_id: id, ...counts, partitions: null, key_metadata: null };
  const carried = parent === undefined ? [] : readManifestList((await readFile(io, parent['manifest-list'])) ?? new Uint8Array(), 'list');
  await createFile(io, at('list.avro'), writeAvro(MANIFEST_FILE, {}, [listed, ...carried], SYNC));
  const before = parent === undefined ? {} : { 'parent-snapshot-id': parent['snapshot-id'] };
  const snapshot: Snapshot = { 'snapshot-id': id, ...before, 'sequence-number': sequence, 'timestamp-ms': nodeRuntime.now(), 'manifest-list': at('list.avro'), summary: { operation: 'append' }, 'schema-id': 0 };
  const result = await catalog.commit(ID, base, [], [{ action: 'add-snapshot', snapshot }, { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': id }]);
  expect(result.kind).toBe('committed');
}

const NOTHING = { column_sizes: null, value_counts: null, null_value_counts: null, nan_value_counts: null, lower_bounds: null, upper_bounds: null, key_metadata: null, split_offsets: null, sort_order_id: null };

const entryOf = (id: bigint, file: AvroObject): AvroObject => ({
  status: 1,
  snapshot_id: id,
  sequence_number: null,
  file_sequence_number: null,
  data_file: { file_format: 'PARQUET', partition: {}, record_count: 1, file_size_in_bytes: 100, equality_ids: null, ...NOTHING, ...file },
});

function partition({ name, type }: NestedField, index: number) {
  const primitive = primitiveType(type);
  const identity = primitive && transform('identity', primitive);
  if (identity === null) throw new Error(`no partition by ${name}`);
  return { id: 1000 + index, name, transform: identity, source: null };
}

/** Writes Parquet with another library; `fieldIds` may be empty. */
export async function copyTo(path: string, select: string, fieldIds: string): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet${fieldIds === '' ? '' : `, FIELD_IDS {${fieldIds}}`})`);
  connection.closeSync();
}
