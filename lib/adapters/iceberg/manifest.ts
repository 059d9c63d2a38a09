/** The manifest of the files that one FIRE adds. */
import { assert } from '../../core/errors.ts';
import { Raw } from '../../core/types.ts';
import type { Present } from '../../core/value-access.ts';
import { bigintOf, isItems } from '../../core/value-access.ts';
import { writeAvro } from './avro-file.ts';
import type { AvroObject, AvroValue } from './avro-schema.ts';
import type { ColumnMetrics } from './bounds.ts';
import { compatibleName } from './compatible-name.ts';
import type { DataFile } from './data-file.ts';
import { jsonText } from './json.ts';
import { manifestEntrySchema } from './manifest-schema.ts';
import { decimalSize, fixedBytes } from './single-value.ts';
import type { WrittenPartition, WrittenTable } from './table-schema.ts';
import type { PrimitiveType } from './types.ts';

const ADDED = 1;
const DATA = 0;
const UNSORTED = 0;

/**
 * Entries inherit their sequence number from the snapshot that commits them, so one manifest serves every attempt of a commit. `sync` is 16
 * random bytes.
 */
export function manifestBytes(table: WrittenTable, snapshotId: bigint, files: readonly DataFile[], sync: Uint8Array): Uint8Array {
  const metadata = {
    schema: jsonText(table.schema),
    'schema-id': String(table.schema['schema-id']),
    'partition-spec': jsonText(table.spec.fields),
    'partition-spec-id': String(table.spec['spec-id']),
    'format-version': '2',
    content: 'data',
  };
  return writeAvro(manifestEntrySchema(table.partitions), metadata, files.map((file) => entry(table.partitions, snapshotId, file)), sync);
}

const entry = (partitions: readonly WrittenPartition[], snapshotId: bigint, file: DataFile): AvroObject => ({
  status: ADDED,
  snapshot_id: snapshotId,
  sequence_number: null,
  file_sequence_number: null,
  data_file: dataFile(partitions, file),
});

function dataFile(partitions: readonly WrittenPartition[], { location, bytes, partition, content }: DataFile): AvroObject {
  const { rows, columnSizes, metrics, splits } = content;
  return {
    content: DATA,
    file_path: location,
    file_format: 'PARQUET',
    partition: Object.fromEntries(partitions.map(({ name, transform }, i) => [compatibleName(name), partitionValue(transform.type, partition[i] ?? null)])),
    record_count: rows,
    file_size_in_bytes: bytes,
    column_sizes: pairs(columnSizes, (size) => size),
    value_counts: pairs(metrics, ({ values }) => values),
    null_value_counts: pairs(metrics, ({ nulls }) => nulls),
    nan_value_counts: pairs(metrics, ({ nans }) => nans),
    lower_bounds: pairs(metrics, ({ lower }) => lower),
    upper_bounds: pairs(metrics, ({ upper }) => upper),
    key_metadata: null,
    split_offsets: splits,
    equality_ids: null,
    sort_order_id: UNSORTED,
  };
}

function partitionValue(type: PrimitiveType, value: Present | null): AvroValue {
  assert(!(value instanceof Raw) && !isItems(value), 'tables are partitioned by single values');
  return value !== null && type.kind === 'decimal' ? fixedBytes(bigintOf(value), decimalSize(type.precision)) : value;
}

/** What `valueOf` has none of is left out. */
function pairs<T extends number | ColumnMetrics>(byId: ReadonlyMap<number, T>, valueOf: (item: T) => number | Uint8Array | null | undefined): AvroObject[] {
  return [...byId].flatMap(([key, item]): AvroObject[] => {
    const value = valueOf(item);
    return value === null || value === undefined ? [] : [{ key, value }];
  });
}
