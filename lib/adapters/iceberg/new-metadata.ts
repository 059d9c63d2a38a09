/** The metadata of a table that is just being made. */
import type { NewTable } from './catalog.ts';
import type { IcebergType, NestedField, TableMetadata } from './metadata.ts';

/** Partition fields are numbered from 1000 on; this one stands for none. */
const NO_PARTITION_FIELD = 999;

export interface NewMetadata extends NewTable {
  readonly uuid: string;
  readonly location: string;
  /** Epoch ms. */
  readonly now: number;
}

export const newMetadata = ({ schema, spec, properties, uuid, location, now }: NewMetadata): TableMetadata => ({
  'format-version': 2,
  'table-uuid': uuid,
  location,
  'last-sequence-number': 0,
  'last-updated-ms': now,
  'last-column-id': Math.max(0, ...schema.fields.flatMap(idsOfField)),
  'current-schema-id': schema['schema-id'],
  schemas: [schema],
  'default-spec-id': spec['spec-id'],
  'partition-specs': [spec],
  'last-partition-id': Math.max(NO_PARTITION_FIELD, ...spec.fields.map((field) => field['field-id'])),
  'default-sort-order-id': 0,
  'sort-orders': [{ 'order-id': 0, fields: [] }],
  properties,
  'current-snapshot-id': null,
  refs: {},
  snapshots: [],
  'snapshot-log': [],
  'metadata-log': [],
});

const idsOfField = ({ id, type }: NestedField): number[] => [id, ...idsOfType(type)];

function idsOfType(type: IcebergType): number[] {
  if (typeof type === 'string') return [];
  switch (type.type) {
    case 'struct':
      return type.fields.flatMap(idsOfField);
    case 'list':
      return [type['element-id'], ...idsOfType(type.element)];
    case 'map':
      return [type['key-id'], type['value-id'], ...idsOfType(type.key), ...idsOfType(type.value)];
  }
}

/** A random UUID (version 4) out of 16 random bytes as hex. */
export function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
