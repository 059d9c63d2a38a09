/**
 * Values that a manifest says all rows of a file have. They stand in the place of columns that the file itself does not have
 * (https://iceberg.apache.org/spec/#column-projection): Hive's files, and those of Impala, lack the columns that the table is partitioned by.
 */
import { dateText, timestampText, timeText } from '../../core/calendar.ts';
import { decimalText } from '../../core/decimal.ts';
import type { Value } from '../../core/types.ts';
import { bigintOf, bytesOf, numberOf, type Present } from '../../core/value-access.ts';
import { isObject, type AvroObject, type AvroValue } from './avro-schema.ts';
import { compatibleName } from './compatible-name.ts';
import type { NestedField, PartitionField } from './metadata.ts';
import { primitiveType, type PrimitiveType } from './types.ts';

/** By the id of the column, as text that CAST reads. */
export type IdentityValues = ReadonlyMap<number, string | null>;

const NANOS_PER_MICRO = 1000n;
const MICROSECONDS = 6;

/** Reads the partitions of a manifest, whose spec has these fields; columns that the table does not have any more are left out. */
export function identityValues(spec: readonly PartitionField[], columns: readonly NestedField[]): (partition: AvroValue) => IdentityValues {
  const fields = spec.flatMap(({ name, transform, 'source-id': id }) => {
    const type = primitiveType(columns.find((column) => column.id === id)?.type ?? '');
    return transform === 'identity' && type !== null ? [{ name: compatibleName(name), id, type }] : [];
  });
  return (partition) => new Map(fields.map(({ name, id, type }) => [id, textOf(type, scalarOf(isObject(partition) ? partition : {}, name))]));
}

function scalarOf(partition: AvroObject, name: string): Value {
  const value = partition[name] ?? null;
  return typeof value !== 'object' || value instanceof Uint8Array ? value : null;
}

const textOf = (type: PrimitiveType, value: Value): string | null => (value === null ? null : presentText(type, value));

function presentText(type: PrimitiveType, value: Present): string {
  switch (type.kind) {
    case 'decimal':
      return decimalText(signed(bytesOf(value)), type.scale);
    case 'date':
      return dateText(numberOf(value));
    case 'time':
      return timeText(bigintOf(value) * NANOS_PER_MICRO, MICROSECONDS);
    case 'timestamp':
      return timestampText(bigintOf(value) * NANOS_PER_MICRO, MICROSECONDS, ' ');
    case 'timestamptz':
      return `${timestampText(bigintOf(value) * NANOS_PER_MICRO, MICROSECONDS, ' ')}+00`;
    default:
      return value instanceof Uint8Array ? escaped(value) : String(value);
  }
}

/** Two's complement, big-endian. */
const signed = (bytes: Uint8Array): bigint => BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`));

/** `\xAB` for every byte. */
const escaped = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').replaceAll(/../g, String.raw`\x$&`);
