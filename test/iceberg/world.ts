/** Iceberg tables of tests, and what readers that nobody here wrote find in them: avsc, hyparquet. */
import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { meets } from '../../lib/adapters/iceberg/apply-updates.ts';
import type { IcebergCatalog, LoadedTable, TableIdentifier } from '../../lib/adapters/iceberg/catalog.ts';
import { readFile, type FileIO, type WarehouseIO } from '../../lib/adapters/iceberg/file-io.ts';
import { HadoopCatalog } from '../../lib/adapters/iceberg/hadoop-catalog.ts';
import { KeyIO } from '../../lib/adapters/iceberg/key-io.ts';
import { currentSnapshot, type NestedField, type PartitionField, type Snapshot } from '../../lib/adapters/iceberg/metadata.ts';
import { IcebergSink } from '../../lib/adapters/iceberg/sink.ts';
import { MemoryBlob } from '../../lib/adapters/memory/blob.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import type { JobId } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { openWarehouse, warehouseOf } from '../../lib/place/warehouse.ts';
import { readRecords, type AvroRecords } from './avro.ts';

export const TABLE: TableIdentifier = { namespace: 'db', name: 't' };

/** Waits for nobody: tests have no need of pauses. */
export const runtime = { ...nodeRuntime, sleep: async (): Promise<void> => {} };

export interface Place {
  readonly catalog: IcebergCatalog;
  readonly io: FileIO;
}

const hadoop = (warehouse: string, io: WarehouseIO): Place => ({ io, catalog: new HadoopCatalog({ warehouse, io, runtime }) });

/** Tables in memory. */
export function memoryPlace(): Place {
  const blob = new MemoryBlob(runtime);
  return hadoop('s3://b/w', new KeyIO((location) => ({ blob, key: location.slice('s3://b/'.length) })));
}

export interface Service extends Place {
  /** Table maintenance: only the newest `count` snapshots stay, and the manifest lists of the others are removed. */
  expire(count: number): Promise<void>;
}

/**
 * The same as a catalog service has them: a commit is applied to the table as it is by then, if only its requirements hold, and properties are not
 * among them.
 */
export function servicePlace(): Service {
  const { catalog, io } = memoryPlace();
  const commit: IcebergCatalog['commit'] = async (id, _base, requirements, updates) => {
    for (;;) {
      const table = await catalog.load(id);
      if (table === null || !meets(table.metadata, requirements)) return { kind: 'conflict' };
      const result = await catalog.commit(id, table, requirements, updates);
      if (result.kind === 'committed') return result;
    }
  };
  const expire = async (count: number): Promise<void> => {
    const base = await loadTable({ catalog, io });
    const { snapshots } = base.metadata;
    const kept = { ...base.metadata, snapshots: snapshots.slice(-count) };
    const result = await catalog.commit(TABLE, { ...base, metadata: kept }, [], [{ action: 'set-properties', updates: {} }]);
    if (result.kind === 'conflict') return expire(count);
    for (const { 'manifest-list': list } of snapshots.slice(0, -count)) {
      const { blob, key } = io.at(list);
      await blob.remove(key);
    }
  };
  return { io, catalog: withCommit(catalog, commit), expire };
}

/** The catalog with another commit. */
export const withCommit = (catalog: IcebergCatalog, commit: IcebergCatalog['commit']): IcebergCatalog => ({
  namespaces: () => catalog.namespaces(),
  createNamespace: (namespace, properties) => catalog.createNamespace(namespace, properties),
  dropNamespace: (namespace) => catalog.dropNamespace(namespace),
  tables: (namespace) => catalog.tables(namespace),
  load: (id) => catalog.load(id),
  create: (id, table) => catalog.create(id, table),
  commit,
  drop: (id) => catalog.drop(id),
});

/** Tables in a directory. */
export const directoryPlace = (root: string): Place => hadoop(warehouseOf(root).location, openWarehouse({}, runtime));

export const field = (id: number, name: string, type: NestedField['type'], required = false): NestedField => ({ id, name, type, required });

export interface TableParts {
  readonly partitions?: readonly PartitionField[];
  readonly properties?: Readonly<Record<string, string>>;
}

export async function createTable({ catalog }: Place, fields: readonly NestedField[], { partitions = [], properties = {} }: TableParts = {}): Promise<void> {
  await catalog.createNamespace(TABLE.namespace, {});
  const schema = { type: 'struct', 'schema-id': 0, fields } as const;
  await catalog.create(TABLE, { schema, spec: { 'spec-id': 0, fields: partitions }, properties });
}

export const openSink = ({ catalog, io }: Place, job: JobId, node: SinkNode): IcebergSink => new IcebergSink({ job, node, id: TABLE, catalog, io, runtime });

export async function loadTable({ catalog }: Place): Promise<LoadedTable> {
  const table = await catalog.load(TABLE);
  if (table === null) throw new Error('there is no table');
  return table;
}

/** Records of a manifest or of a manifest list. */
export const avroRecords = async (io: FileIO, location: string): Promise<AvroRecords> => readRecords(new Uint8Array(await fileOf(io, location)));

async function fileOf(io: FileIO, location: string): Promise<ArrayBuffer> {
  const bytes = await readFile(io, location);
  if (bytes === null) throw new Error(`${location} is not there`);
  return new Uint8Array(bytes).buffer;
}

/** Entries of the manifests of a snapshot, those of its own first. */
export async function manifestEntries(io: FileIO, snapshot: Snapshot): Promise<Record<string, unknown>[]> {
  const manifests = await avroRecords(io, snapshot['manifest-list']);
  return (await Promise.all(manifests.map(({ manifest_path: path }) => avroRecords(io, String(path))))).flat();
}

/** Rows of all data files of a snapshot, the files that came last first. */
export async function rowsOf(io: FileIO, snapshot: Snapshot): Promise<Record<string, unknown>[]> {
  const entries = await manifestEntries(io, snapshot);
  return (await Promise.all(entries.map((entry) => rowsOfFile(io, locationOf(entry))))).flat();
}

export function locationOf({ data_file: file }: Record<string, unknown>): string {
  if (typeof file !== 'object' || file === null || !('file_path' in file)) throw new Error('an entry without a data file');
  return String(file.file_path);
}

async function rowsOfFile(io: FileIO, location: string): Promise<Record<string, unknown>[]> {
  const compressors = { ZSTD: (input: Uint8Array): Uint8Array => zstdDecompressSync(input) };
  return parquetReadObjects({ file: await fileOf(io, location), compressors });
}

/** Column `v` of the table, in the order of the commits. */
export async function effects(place: Place): Promise<string[]> {
  const { metadata } = await loadTable(place);
  const head = currentSnapshot(metadata);
  if (head === undefined) return [];
  const manifests = await avroRecords(place.io, head['manifest-list']);
  const ordered = manifests.toSorted((a, b) => Number(a['sequence_number']) - Number(b['sequence_number']));
  const rows: string[] = [];
  for (const { manifest_path: path } of ordered) {
    for (const entry of await avroRecords(place.io, String(path))) rows.push(...(await rowsOfFile(place.io, locationOf(entry))).map(({ v }) => String(v)));
  }
  return rows;
}
