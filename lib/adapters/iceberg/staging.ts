/** The files of an append, written ahead of its commit: orphans until a snapshot lists them, so they harm nobody. */
import type { Row } from '../../core/types.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { DataFile } from './data-file.ts';
import { createFile, withoutSlash, type FileIO } from './file-io.ts';
import { manifestBytes } from './manifest.ts';
import type { NewManifest } from './manifest-list.ts';
import type { TableMetadata } from './metadata.ts';
import { parquetFiles, parquetSettings, type ParquetFile } from './parquet.ts';
import { partitionFolder, partitionRows, type PartitionTuple } from './partition.ts';
import type { WrittenTable } from './table-schema.ts';

export interface StagingParts {
  readonly io: FileIO;
  readonly runtime: Pick<Runtime, 'randomHex'>;
}

/** An append whose data and manifest are written; any number of attempts may commit it, one at most succeeds. */
export interface StagedAppend {
  readonly snapshotId: bigint;
  readonly manifest: NewManifest;
  /** Of the table that it was staged for. */
  readonly uuid: string;
  readonly schemaId: number;
}

/** What is encoded before it is written: so many files, or so many bytes. */
const FILES_AT_ONCE = 8;
const BYTES_AT_ONCE = 64 * 1024 * 1024;

/** `name` begins the names of the data files. Throws OPTION_INVALID for properties that Sluice cannot keep, and StoreErrors. */
export async function stageAppend(parts: StagingParts, metadata: TableMetadata, table: WrittenTable, rows: readonly Row[], name: string): Promise<StagedAppend> {
  const files = await writeData(parts, metadata, table, rows, name);
  const snapshotId = newSnapshotId(parts.runtime);
  const location = metadataLocation(metadata, `${parts.runtime.randomHex(16)}-m0.avro`);
  const bytes = manifestBytes(table, snapshotId, files, syncMarker(parts.runtime));
  await createFile(parts.io, location, bytes);
  const manifest = { location, bytes: bytes.length, specId: table.spec['spec-id'], partitions: table.partitions, files };
  return { snapshotId, manifest, uuid: metadata['table-uuid'], schemaId: table.schema['schema-id'] };
}

/** Rows of the old columns or partitions do not belong into a table that was altered meanwhile. */
export const fits = ({ uuid, schemaId, manifest }: StagedAppend, metadata: TableMetadata): boolean =>
  uuid === metadata['table-uuid'] && schemaId === metadata['current-schema-id'] && manifest.specId === metadata['default-spec-id'];

interface EncodedFile extends ParquetFile {
  readonly location: string;
  readonly partition: PartitionTuple;
}

async function writeData({ io, runtime }: StagingParts, metadata: TableMetadata, table: WrittenTable, rows: readonly Row[], name: string): Promise<DataFile[]> {
  const written: DataFile[] = [];
  let batch: EncodedFile[] = [];
  // A name that is taken is this very file, confirmed late: names are random.
  const flush = async (): Promise<void> => {
    await Promise.all(batch.map(({ location, bytes }) => createFile(io, location, bytes)));
    written.push(...batch.map(({ location, bytes, partition, content }) => ({ location, bytes: bytes.length, partition, content })));
    batch = [];
  };
  for (const file of encodedFiles(metadata, table, rows, `${name}-${runtime.randomHex(8)}`)) {
    batch.push(file);
    if (batch.length === FILES_AT_ONCE || batch.reduce((sum, { bytes }) => sum + bytes.length, 0) >= BYTES_AT_ONCE) await flush();
  }
  await flush();
  return written;
}

function* encodedFiles(metadata: TableMetadata, table: WrittenTable, rows: readonly Row[], name: string): Generator<EncodedFile> {
  const settings = parquetSettings(metadata.properties);
  const directory = metadata.properties['write.data.path'] ?? `${metadata.location}/data`;
  let n = 0;
  for (const { tuple, rows: own } of partitionRows(table, rows)) {
    for (const file of parquetFiles(table, settings, own)) {
      yield { ...file, partition: tuple, location: `${withoutSlash(directory)}/${partitionFolder(table.partitions, tuple)}${name}-${n++}.parquet` };
    }
  }
}

export const metadataLocation = ({ location, properties }: TableMetadata, name: string): string => `${withoutSlash(properties['write.metadata.path'] ?? `${location}/metadata`)}/${name}`;

/** Positive, below 2^63. */
export const newSnapshotId = (runtime: Pick<Runtime, 'randomHex'>): bigint => (BigInt(`0x${runtime.randomHex(8)}`) & 0x7fffffffffffffffn) | 1n;

export const syncMarker = (runtime: Pick<Runtime, 'randomHex'>): Uint8Array => Buffer.from(runtime.randomHex(16), 'hex');
