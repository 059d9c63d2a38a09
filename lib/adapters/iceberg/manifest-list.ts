/** Manifest lists: the manifests of a snapshot. */
import { SluiceError } from '../../core/errors.ts';
import type { Present } from '../../core/value-access.ts';
import { readAvro, writeAvro } from './avro-file.ts';
import { isUnion, type AvroField, type AvroObject, type AvroRecord, type AvroValue } from './avro-schema.ts';
import { comparison } from './bounds.ts';
import type { DataFile } from './data-file.ts';
import { MANIFEST_FILE } from './manifest-schema.ts';
import { singleValue } from './single-value.ts';
import type { WrittenPartition } from './table-schema.ts';
import type { PrimitiveType } from './types.ts';

/** An entry of a manifest list, by the field names of `MANIFEST_FILE`. */
export type ManifestFile = AvroObject;

export interface NewManifest {
  readonly location: string;
  readonly bytes: number;
  readonly specId: number;
  readonly partitions: readonly WrittenPartition[];
  readonly files: readonly DataFile[];
}

export interface ListedSnapshot {
  readonly id: bigint;
  readonly parent: bigint | null;
  readonly sequenceNumber: number;
}

/** The list of a snapshot: the manifests of its parent as they are, whoever wrote them, behind what it adds. `sync` is 16 random bytes. */
export function manifestListBytes(snapshot: ListedSnapshot, added: NewManifest | null, carried: readonly ManifestFile[], sync: Uint8Array): Uint8Array {
  const metadata = {
    'snapshot-id': String(snapshot.id),
    'parent-snapshot-id': String(snapshot.parent),
    'sequence-number': String(snapshot.sequenceNumber),
    'format-version': '2',
  };
  return writeAvro(MANIFEST_FILE, metadata, [...(added === null ? [] : [addedManifest(snapshot, added)]), ...carried], sync);
}

function addedManifest({ id, sequenceNumber }: ListedSnapshot, { location, bytes, specId, partitions, files }: NewManifest): ManifestFile {
  return {
    manifest_path: location,
    manifest_length: bytes,
    partition_spec_id: specId,
    content: 0,
    sequence_number: sequenceNumber,
    min_sequence_number: sequenceNumber,
    added_snapshot_id: id,
    added_files_count: files.length,
    existing_files_count: 0,
    deleted_files_count: 0,
    added_rows_count: files.reduce((sum, { content }) => sum + content.rows, 0),
    existing_rows_count: 0,
    deleted_rows_count: 0,
    partitions: partitions.map(({ transform }, i) => fieldSummary(transform.type, files.map(({ partition }) => partition[i] ?? null))),
    key_metadata: null,
  };
}

/** Of one field of the partition tuples. */
function fieldSummary(type: PrimitiveType, values: readonly (Present | null)[]): AvroObject {
  const isFloating = type.kind === 'float' || type.kind === 'double';
  const ordered = values.filter((value) => value !== null && !Number.isNaN(value)).toSorted((a, b) => (a === null || b === null ? 0 : comparison(type)(a, b)));
  const [least, greatest] = [ordered[0] ?? null, ordered.at(-1) ?? null];
  return {
    contains_null: values.includes(null),
    contains_nan: isFloating ? values.some(Number.isNaN) : null,
    lower_bound: least === null ? null : singleValue(type, least),
    upper_bound: greatest === null ? null : singleValue(type, greatest),
  };
}

/**
 * The entries of a list that any writer made, found by field id: older writers call the counts otherwise. Throws STORE_CORRUPT; `where` names
 * the file.
 */
export function readManifestList(bytes: Uint8Array, where: string): ManifestFile[] {
  const { schema, records } = readAvro(bytes, where);
  return records.map((record) => named(MANIFEST_FILE, schema, record, where));
}

/** Of format version 1, which has neither delete files nor sequence numbers. */
const BEFORE_VERSION_2: Readonly<Record<string, AvroValue>> = { content: 0, sequence_number: 0, min_sequence_number: 0 };

function named(wanted: AvroRecord, written: AvroRecord, record: AvroObject, where: string): AvroObject {
  return Object.fromEntries(
    wanted.fields.map((field) => {
      const source = written.fields.find((other) => other['field-id'] === field['field-id']);
      const value = (source === undefined ? null : record[source.name]) ?? BEFORE_VERSION_2[field.name] ?? null;
      if (value === null && !isOptional(field)) throw incomplete(where, field.name);
      return [field.name, value];
    }),
  );
}

const isOptional = ({ type }: AvroField): boolean => isUnion(type);

const incomplete = (where: string, field: string): SluiceError =>
  new SluiceError('STORE_CORRUPT', { message: `${where} lists a manifest without ${field}`, hint: 'Rewrite the manifests of the table (rewrite_manifests).' });
