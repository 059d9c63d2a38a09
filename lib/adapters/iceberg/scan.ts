/** The files that the rows of a table are in now: a snapshot's manifests, read by the names that the specification gives their fields. */
import { SluiceError } from '../../core/errors.ts';
import type { ScannedFile, TableScan } from '../../ports/table-catalog.ts';
import { readAvro } from './avro-file.ts';
import { isObject, type AvroObject } from './avro-schema.ts';
import { readFile, type FileIO } from './file-io.ts';
import { identityValues } from './identity-values.ts';
import { parseJson } from './json.ts';
import { readManifestList } from './manifest-list.ts';
import { manifestListOf, type TableMetadata } from './metadata.ts';
import { column, schemaOf } from './sql-schema.ts';

const DELETED = 2;
const CONTENT = { data: 0, positionDeletes: 1, equalityDeletes: 2 } as const;
const FILES_MAX = 100_000;

/** Throws OPTION_INVALID for files that cannot be read: equality deletes, and formats other than Parquet. */
export async function scanTable(io: FileIO, metadata: TableMetadata, where: string): Promise<TableScan> {
  const files = await liveFiles(io, metadata, where);
  for (const file of files) refuseUnreadable(file, where);
  const of = (content: number): LiveFile[] => files.filter((file) => file.content === content);
  return {
    columns: schemaOf(metadata, where).fields.map((field) => ({ ...column(field, where), id: field.id })),
    files: of(CONTENT.data),
    positionDeletes: of(CONTENT.positionDeletes).map(({ location }) => location),
  };
}

interface LiveFile extends ScannedFile {
  readonly content: number;
  readonly format: string;
}

async function liveFiles(io: FileIO, metadata: TableMetadata, where: string): Promise<LiveFile[]> {
  const list = manifestListOf(metadata);
  if (list === null) return [];
  const files: LiveFile[] = [];
  for (const manifest of readManifestList(await present(io, list), list)) {
    const path = String(manifest['manifest_path']);
    const { records, metadata: header } = readAvro(await present(io, path), path);
    const valuesOf = identityValues(parseJson(new TextDecoder().decode(header.get('partition-spec')) || '[]', path), schemaOf(metadata, where).fields);
    files.push(...records.flatMap((entry) => liveFile(entry, valuesOf)));
    if (files.length > FILES_MAX) throw new SluiceError('OPTION_INVALID', { message: `Iceberg table '${where}' has more than ${FILES_MAX} files`, hint: 'Compact it (rewrite_data_files), or query it with another engine.' });
  }
  return files;
}

function liveFile({ status, data_file: file = null }: AvroObject, valuesOf: ReturnType<typeof identityValues>): LiveFile[] {
  if (status === DELETED || !isObject(file)) return [];
  // Manifests of format version 1 have nothing but data.
  return [{ content: Number(file['content'] ?? CONTENT.data), location: String(file['file_path']), format: String(file['file_format']), partition: valuesOf(file['partition'] ?? null) }];
}

export async function present(io: FileIO, location: string): Promise<Uint8Array> {
  const bytes = await readFile(io, location);
  if (bytes !== null) return bytes;
  throw new SluiceError('STORE_CORRUPT', { message: `${location} is gone, and the table's current snapshot lists it`, hint: 'Repeat the query; if the file stays away, restore it from a copy.' });
}

function refuseUnreadable({ content, format, location }: LiveFile, where: string): void {
  if (content === CONTENT.equalityDeletes) {
    throw new SluiceError('OPTION_INVALID', { message: `Iceberg table '${where}' has equality deletes (${location}), which a query here cannot apply`, hint: 'Compact the table (rewrite_data_files), or query it with another engine.' });
  }
  if (format.toUpperCase() !== 'PARQUET') throw new SluiceError('OPTION_INVALID', { message: `Iceberg table '${where}' has the file ${location} of format ${format}; only Parquet is read here` });
}
