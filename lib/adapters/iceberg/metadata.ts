/**
 * Table metadata of Iceberg's format version 2 as typed JSON (https://iceberg.apache.org/spec/#table-metadata). Fields that are not declared
 * here stay in the values when they are spread, and so in what is written.
 */
import { SluiceError } from '../../core/errors.ts';
import { parseJson } from './json.ts';

export interface TableMetadata {
  readonly 'format-version': 2;
  readonly 'table-uuid': string;
  /** Base of the table's files, without a slash at the end. */
  readonly location: string;
  readonly 'last-sequence-number': number;
  readonly 'last-updated-ms': number;
  readonly 'last-column-id': number;
  readonly 'current-schema-id': number;
  readonly schemas: readonly Schema[];
  readonly 'default-spec-id': number;
  readonly 'partition-specs': readonly PartitionSpec[];
  readonly 'last-partition-id': number;
  readonly 'default-sort-order-id': number;
  readonly 'sort-orders': readonly SortOrder[];
  readonly properties: Readonly<Record<string, string>>;
  /** null: the table has no snapshot (-1 in files of older writers). */
  readonly 'current-snapshot-id': bigint | null;
  readonly refs: Readonly<Record<string, SnapshotRef>>;
  readonly snapshots: readonly Snapshot[];
  readonly 'snapshot-log': readonly { readonly 'timestamp-ms': number; readonly 'snapshot-id': bigint }[];
  readonly 'metadata-log': readonly { readonly 'timestamp-ms': number; readonly 'metadata-file': string }[];
}

export interface Schema {
  readonly type: 'struct';
  readonly 'schema-id': number;
  readonly 'identifier-field-ids'?: readonly number[];
  readonly fields: readonly NestedField[];
}

export interface NestedField {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: IcebergType;
  readonly doc?: string;
}

/** Primitive types are texts: `long`, `decimal(10, 2)`, `fixed[16]`, `timestamptz` … */
export type IcebergType = string | StructType | ListType | MapType;

export interface StructType {
  readonly type: 'struct';
  readonly fields: readonly NestedField[];
}

export interface ListType {
  readonly type: 'list';
  readonly 'element-id': number;
  readonly 'element-required': boolean;
  readonly element: IcebergType;
}

export interface MapType {
  readonly type: 'map';
  readonly 'key-id': number;
  readonly key: IcebergType;
  readonly 'value-id': number;
  readonly 'value-required': boolean;
  readonly value: IcebergType;
}

export interface PartitionSpec {
  readonly 'spec-id': number;
  readonly fields: readonly PartitionField[];
}

export interface PartitionField {
  readonly 'source-id': number;
  /** From 1000 on. */
  readonly 'field-id': number;
  readonly name: string;
  /** `identity`, `year`, `month`, `day`, `hour`, `bucket[N]`, `truncate[W]`, `void`. */
  readonly transform: string;
}

export interface SortOrder {
  readonly 'order-id': number;
  readonly fields: readonly SortField[];
}

export interface SortField {
  readonly transform: string;
  readonly 'source-id': number;
  readonly direction: 'asc' | 'desc';
  readonly 'null-order': 'nulls-first' | 'nulls-last';
}

export interface Snapshot {
  readonly 'snapshot-id': bigint;
  readonly 'parent-snapshot-id'?: bigint;
  readonly 'sequence-number': number;
  readonly 'timestamp-ms': number;
  /** Location of the Avro file that lists the manifests. */
  readonly 'manifest-list': string;
  readonly summary: Readonly<Record<string, string>> & { readonly operation: 'append' | 'replace' | 'overwrite' | 'delete' };
  readonly 'schema-id'?: number;
}

export interface SnapshotRef {
  readonly 'snapshot-id': bigint;
  readonly type: 'branch' | 'tag';
  readonly 'min-snapshots-to-keep'?: number;
  readonly 'max-snapshot-age-ms'?: number;
  readonly 'max-ref-age-ms'?: number;
}

/** The branch that readers see. */
export const MAIN = 'main';

/** What must still hold at the commit, else it is a conflict; those of the REST specification. */
export type TableRequirement =
  | { readonly type: 'assert-create' }
  | { readonly type: 'assert-table-uuid'; readonly uuid: string }
  /** null: the branch must not exist. */
  | { readonly type: 'assert-ref-snapshot-id'; readonly ref: string; readonly 'snapshot-id': bigint | null }
  | { readonly type: 'assert-current-schema-id'; readonly 'current-schema-id': number }
  | { readonly type: 'assert-default-spec-id'; readonly 'default-spec-id': number };

/** A change of metadata; those of the REST specification that Sluice makes. */
export type TableUpdate =
  | { readonly action: 'add-snapshot'; readonly snapshot: Snapshot }
  | ({ readonly action: 'set-snapshot-ref'; readonly 'ref-name': string } & SnapshotRef)
  | { readonly action: 'set-properties'; readonly updates: Readonly<Record<string, string>> }
  | { readonly action: 'remove-properties'; readonly removals: readonly string[] };

export const currentSchema = (metadata: TableMetadata): Schema | undefined =>
  metadata.schemas.find((schema) => schema['schema-id'] === metadata['current-schema-id']);

export const defaultSpec = (metadata: TableMetadata): PartitionSpec | undefined =>
  metadata['partition-specs'].find((spec) => spec['spec-id'] === metadata['default-spec-id']);

/** The head of `main`; undefined for a table without snapshots. */
export const currentSnapshot = (metadata: TableMetadata): Snapshot | undefined =>
  metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === metadata['current-snapshot-id']);

/**
 * Where the manifests of the head of `main` are listed; null for a table without snapshots. Throws STORE_CORRUPT where there is a head, but no list
 * of its manifests: such a table is not empty.
 */
export function manifestListOf(metadata: TableMetadata): string | null {
  const head = metadata['current-snapshot-id'];
  if (head === null) return null;
  const list: string | undefined = currentSnapshot(metadata)?.['manifest-list'];
  if (list !== undefined) return list;
  throw new SluiceError('STORE_CORRUPT', {
    message: `the metadata of the table at ${metadata.location} has no manifest list for its current snapshot ${head}`,
    hint: 'Restore the metadata from a copy; if a writer of format version 1 has left its manifests in the metadata itself, append to the table or rewrite its manifests with Spark once.',
  });
}

/** Metadata out of JSON; what the specification lets writers leave out is filled in. `where` names the file or table in errors. */
export const parseTableMetadata = (text: string, where: string): TableMetadata => tableMetadata(parseJson(text, where), where);

type Written = Partial<TableMetadata> & { readonly 'format-version'?: number };

/** As `parseTableMetadata`, for metadata inside another document that `parseJson` has read. */
export function tableMetadata(written: Written, where: string): TableMetadata {
  const version = written['format-version'];
  if (version !== 2) throw refused(where, `is an Iceberg table of format version ${version}`, 'Sluice reads and writes version 2; create the table anew, or upgrade it from 1.');
  const { location, schemas, 'table-uuid': uuid, 'partition-specs': specs } = written;
  if (location === undefined || schemas === undefined || uuid === undefined || specs === undefined) throw refused(where, 'is no complete Iceberg metadata', 'restore the file from a copy');
  const snapshot = written['current-snapshot-id'] ?? -1n;
  const current = snapshot === -1n ? null : snapshot;
  const head: Readonly<Record<string, SnapshotRef>> = current === null ? {} : { [MAIN]: { 'snapshot-id': current, type: 'branch' } };
  return {
    ...written,
    'format-version': version,
    'table-uuid': uuid,
    location: location.replace(/(?<=[^/])\/+$/, ''),
    'last-sequence-number': written['last-sequence-number'] ?? 0,
    'last-updated-ms': written['last-updated-ms'] ?? 0,
    'last-column-id': written['last-column-id'] ?? 0,
    'current-schema-id': written['current-schema-id'] ?? 0,
    schemas,
    'default-spec-id': written['default-spec-id'] ?? 0,
    'partition-specs': specs,
    'last-partition-id': written['last-partition-id'] ?? 999,
    'default-sort-order-id': written['default-sort-order-id'] ?? 0,
    'sort-orders': written['sort-orders'] ?? [],
    properties: written.properties ?? {},
    'current-snapshot-id': current,
    refs: written.refs ?? head,
    snapshots: written.snapshots ?? [],
    'snapshot-log': written['snapshot-log'] ?? [],
    'metadata-log': written['metadata-log'] ?? [],
  };
}

const refused = (where: string, what: string, hint: string): SluiceError => new SluiceError('OPTION_INVALID', { message: `${where} ${what}`, hint });
