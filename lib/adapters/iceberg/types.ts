/**
 * Iceberg's primitive types (https://iceberg.apache.org/spec/#primitive-types), the SQL types that they are, and the values that carry them:
 *
 * | type | value |
 * |---|---|
 * | boolean | boolean |
 * | int, float, double | number |
 * | long | bigint |
 * | decimal(p, s) | bigint, unscaled |
 * | date | number, days since 1970-01-01 |
 * | time | bigint, microseconds of the day |
 * | timestamp, timestamptz | bigint, microseconds since 1970-01-01 |
 * | string | string |
 * | uuid, fixed[n], binary | Uint8Array |
 */
import { LENGTH_MAX, type SqlType, typeText } from '../../core/types.ts';
import { bigintOf, numberOf, type Present } from '../../core/value-access.ts';
import type { IcebergType } from './metadata.ts';

export type PrimitiveType =
  | { readonly kind: 'boolean' | 'int' | 'long' | 'float' | 'double' | 'date' | 'time' | 'timestamp' | 'timestamptz' | 'string' | 'uuid' | 'binary' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'fixed'; readonly length: number };

const SIMPLE = ['boolean', 'int', 'long', 'float', 'double', 'date', 'time', 'timestamp', 'timestamptz', 'string', 'uuid', 'binary'] as const;

/** null: a nested type, or one that format version 2 does not have. */
export function primitiveType(type: IcebergType): PrimitiveType | null {
  if (typeof type !== 'string') return null;
  const simple = SIMPLE.find((kind) => kind === type);
  if (simple !== undefined) return { kind: simple };
  const decimal = /^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(type);
  if (decimal !== null) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const fixed = /^fixed\[\s*(\d+)\s*\]$/.exec(type);
  return fixed === null ? null : { kind: 'fixed', length: Number(fixed[1]) };
}

/** As it stands in a schema: `long`, `decimal(10, 2)`, `fixed[16]`; `list<…>` and so on for people. */
export function icebergTypeText(type: PrimitiveType | IcebergType): string {
  if (typeof type === 'string') return type;
  if ('type' in type) return `${type.type}<…>`;
  if (type.kind === 'decimal') return `decimal(${type.precision}, ${type.scale})`;
  return type.kind === 'fixed' ? `fixed[${type.length}]` : type.kind;
}

/** The type of a column as Flink makes it (FlinkTypeToType); null: Iceberg has none for it. TIMESTAMP(9) loses its nanoseconds. */
export function icebergType(type: SqlType): PrimitiveType | null {
  switch (type.kind) {
    case 'BOOLEAN':
      return { kind: 'boolean' };
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return { kind: 'int' };
    case 'BIGINT':
      return { kind: 'long' };
    case 'FLOAT':
      return { kind: 'float' };
    case 'DOUBLE':
      return { kind: 'double' };
    case 'DECIMAL':
      return { kind: 'decimal', precision: type.precision, scale: type.scale };
    case 'CHAR':
    case 'VARCHAR':
      return { kind: 'string' };
    case 'BINARY':
      return { kind: 'fixed', length: type.length };
    case 'VARBINARY':
      return { kind: 'binary' };
    case 'DATE':
      return { kind: 'date' };
    case 'TIME':
      return { kind: 'time' };
    case 'TIMESTAMP':
      return { kind: 'timestamp' };
    case 'TIMESTAMP_LTZ':
      return { kind: 'timestamptz' };
    default:
      return null;
  }
}

/** The SQL type of a column of a table (TypeToFlinkType). */
export function sqlType(type: PrimitiveType): SqlType {
  switch (type.kind) {
    case 'boolean':
      return { kind: 'BOOLEAN' };
    case 'int':
      return { kind: 'INT' };
    case 'long':
      return { kind: 'BIGINT' };
    case 'float':
      return { kind: 'FLOAT' };
    case 'double':
      return { kind: 'DOUBLE' };
    case 'date':
      return { kind: 'DATE' };
    case 'time':
      return { kind: 'TIME', precision: 0 };
    case 'timestamp':
      return { kind: 'TIMESTAMP', precision: 6 };
    case 'timestamptz':
      return { kind: 'TIMESTAMP_LTZ', precision: 6 };
    case 'string':
      return { kind: 'VARCHAR', length: LENGTH_MAX };
    case 'uuid':
      return { kind: 'BINARY', length: 16 };
    case 'fixed':
      return { kind: 'BINARY', length: type.length };
    case 'binary':
      return { kind: 'VARBINARY', length: LENGTH_MAX };
    case 'decimal':
      return { kind: 'DECIMAL', precision: type.precision, scale: type.scale };
  }
}

/** Makes the value of a SQL type that of an Iceberg type. */
export type Conversion = (value: Present) => Present;

const asIs: Conversion = (value) => value;
const toLong: Conversion = (value) => (typeof value === 'bigint' ? value : BigInt(numberOf(value)));

/**
 * From a column of the query to a column of the table; null where that would change the value. A table may be wider than the query: `int` may
 * have become `long`, `float` `double`, and a decimal may have more digits (the promotions of the specification).
 */
export function conversion(from: SqlType, to: PrimitiveType): Conversion | null {
  const natural = icebergType(from);
  if (natural === null) return null;
  if (isTime(natural) && natural.kind === to.kind) return timeConversion(from);
  if (icebergTypeText(natural) === icebergTypeText(to)) return asIs;
  if (natural.kind === 'int' && to.kind === 'long') return toLong;
  if (natural.kind === 'float' && to.kind === 'double') return asIs;
  if (natural.kind === 'decimal' && to.kind === 'decimal' && natural.scale === to.scale && natural.precision < to.precision) return asIs;
  if (natural.kind === 'fixed' && to.kind === 'binary') return asIs;
  return natural.kind === 'fixed' && to.kind === 'uuid' && natural.length === 16 ? asIs : null;
}

const isTime = ({ kind }: PrimitiveType): boolean => kind === 'time' || kind === 'timestamp' || kind === 'timestamptz';

/** Milliseconds or nanoseconds to microseconds, downwards also before 1970. */
function timeConversion(from: SqlType): Conversion {
  if (from.kind !== 'TIME' && 'precision' in from && from.precision > 3) return (value) => floorDivide(bigintOf(value), 1000n);
  return (value) => BigInt(numberOf(value)) * 1000n;
}

/** The quotient rounded downwards; the divisor is positive. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient;
}

/** `BIGINT (long)`, for messages about columns that do not fit. */
export function bothTypeTexts(type: SqlType): string {
  const natural = icebergType(type);
  return natural === null ? typeText(type) : `${typeText(type)} (${icebergTypeText(natural)})`;
}
