/** Avro schemas of manifests and manifest lists, format version 2 (https://iceberg.apache.org/spec/#manifests). */
import { type AvroRecord, type AvroSchema, optional, required } from './avro-schema.ts';
import { compatibleName } from './compatible-name.ts';
import { decimalSize } from './single-value.ts';
import type { WrittenPartition } from './table-schema.ts';
import type { PrimitiveType } from './types.ts';

/** A map from field ids, which Avro can only write as an array of pairs. */
const mapById = (keyId: number, valueId: number, values: AvroSchema): AvroSchema => ({
  type: 'array',
  logicalType: 'map',
  items: { type: 'record', name: `k${keyId}_v${valueId}`, fields: [required('key', keyId, 'int'), required('value', valueId, values)] },
});

export const manifestEntrySchema = (partitions: readonly WrittenPartition[]): AvroRecord => ({
  type: 'record',
  name: 'manifest_entry',
  fields: [
    required('status', 0, 'int'),
    optional('snapshot_id', 1, 'long'),
    optional('sequence_number', 3, 'long'),
    optional('file_sequence_number', 4, 'long'),
    required('data_file', 2, dataFileSchema(partitions)),
  ],
});

const dataFileSchema = (partitions: readonly WrittenPartition[]): AvroRecord => ({
  type: 'record',
  name: 'r2',
  fields: [
    required('content', 134, 'int'),
    required('file_path', 100, 'string'),
    required('file_format', 101, 'string'),
    required('partition', 102, partitionSchema(partitions)),
    required('record_count', 103, 'long'),
    required('file_size_in_bytes', 104, 'long'),
    optional('column_sizes', 108, mapById(117, 118, 'long')),
    optional('value_counts', 109, mapById(119, 120, 'long')),
    optional('null_value_counts', 110, mapById(121, 122, 'long')),
    optional('nan_value_counts', 137, mapById(138, 139, 'long')),
    optional('lower_bounds', 125, mapById(126, 127, 'bytes')),
    optional('upper_bounds', 128, mapById(129, 130, 'bytes')),
    optional('key_metadata', 131, 'bytes'),
    optional('split_offsets', 132, { type: 'array', items: 'long', 'element-id': 133 }),
    optional('equality_ids', 135, { type: 'array', items: 'int', 'element-id': 136 }),
    optional('sort_order_id', 140, 'int'),
  ],
});

const partitionSchema = (partitions: readonly WrittenPartition[]): AvroRecord => ({
  type: 'record',
  name: 'r102',
  fields: partitions.map(({ id, name, transform }) => optional(compatibleName(name), id, avroType(transform.type, id))),
});

/** `id` makes the names of fixed types differ, which a schema may define only once. */
function avroType(type: PrimitiveType, id: number): AvroSchema {
  switch (type.kind) {
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'string':
      return type.kind;
    case 'binary':
      return 'bytes';
    case 'date':
      return { type: 'int', logicalType: 'date' };
    case 'time':
      return { type: 'long', logicalType: 'time-micros' };
    case 'timestamp':
    case 'timestamptz':
      return { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': type.kind === 'timestamptz' };
    case 'uuid':
      return { type: 'fixed', name: `uuid_fixed_${id}`, size: 16, logicalType: 'uuid' };
    case 'fixed':
      return { type: 'fixed', name: `fixed_${type.length}_${id}`, size: type.length };
    case 'decimal':
      return {
        type: 'fixed',
        name: `decimal_${type.precision}_${type.scale}_${id}`,
        size: decimalSize(type.precision),
        logicalType: 'decimal',
        precision: type.precision,
        scale: type.scale,
      };
  }
}

const FIELD_SUMMARY: AvroRecord = {
  type: 'record',
  name: 'r508',
  fields: [required('contains_null', 509, 'boolean'), optional('contains_nan', 518, 'boolean'), optional('lower_bound', 510, 'bytes'), optional('upper_bound', 511, 'bytes')],
};

export const MANIFEST_FILE: AvroRecord = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    required('manifest_path', 500, 'string'),
    required('manifest_length', 501, 'long'),
    required('partition_spec_id', 502, 'int'),
    required('content', 517, 'int'),
    required('sequence_number', 515, 'long'),
    required('min_sequence_number', 516, 'long'),
    required('added_snapshot_id', 503, 'long'),
    required('added_files_count', 504, 'int'),
    required('existing_files_count', 505, 'int'),
    required('deleted_files_count', 506, 'int'),
    required('added_rows_count', 512, 'long'),
    required('existing_rows_count', 513, 'long'),
    required('deleted_rows_count', 514, 'long'),
    optional('partitions', 507, { type: 'array', items: FIELD_SUMMARY, 'element-id': 508 }),
    optional('key_metadata', 519, 'bytes'),
  ],
};
