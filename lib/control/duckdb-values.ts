/** DuckDB's types and values as ours. What has no counterpart (structs, lists, intervals …) becomes text. */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBDecimalValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBTypeId,
  JsonDuckDBValueConverter,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBValueConverter,
  type Json,
} from '@duckdb/node-api';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, type SqlType, type Value } from '../core/types.ts';

const decimal = (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale });
const timestamp = (precision: number): SqlType => ({ kind: 'TIMESTAMP', precision });

/** Integers without a SQL type of their own get the next wider one that holds them. */
const TYPES: ReadonlyMap<DuckDBTypeId, SqlType> = new Map<DuckDBTypeId, SqlType>([
  [DuckDBTypeId.BOOLEAN, BOOLEAN],
  [DuckDBTypeId.TINYINT, { kind: 'TINYINT' }],
  [DuckDBTypeId.UTINYINT, { kind: 'SMALLINT' }],
  [DuckDBTypeId.SMALLINT, { kind: 'SMALLINT' }],
  [DuckDBTypeId.USMALLINT, INT],
  [DuckDBTypeId.INTEGER, INT],
  [DuckDBTypeId.UINTEGER, BIGINT],
  [DuckDBTypeId.BIGINT, BIGINT],
  [DuckDBTypeId.UBIGINT, decimal(20, 0)],
  [DuckDBTypeId.HUGEINT, decimal(38, 0)],
  [DuckDBTypeId.UHUGEINT, decimal(38, 0)],
  [DuckDBTypeId.FLOAT, { kind: 'FLOAT' }],
  [DuckDBTypeId.DOUBLE, DOUBLE],
  [DuckDBTypeId.DATE, { kind: 'DATE' }],
  [DuckDBTypeId.TIME, { kind: 'TIME', precision: 3 }],
  [DuckDBTypeId.BLOB, { kind: 'VARBINARY', length: 2147483647 }],
  [DuckDBTypeId.TIMESTAMP_S, timestamp(0)],
  [DuckDBTypeId.TIMESTAMP_MS, timestamp(3)],
  [DuckDBTypeId.TIMESTAMP, timestamp(6)],
  [DuckDBTypeId.TIMESTAMP_NS, timestamp(9)],
  [DuckDBTypeId.TIMESTAMP_TZ, { kind: 'TIMESTAMP_LTZ', precision: 6 }],
]);

/** The type of a result column. */
export function typeOfDuckDb(type: DuckDBType): SqlType {
  if (type instanceof DuckDBDecimalType) return decimal(type.width, type.scale);
  return TYPES.get(type.typeId) ?? STRING;
}

/** A value of a result column whose DuckDB type is `type`, as a value of `typeOfDuckDb(type)`. */
export function valueOfDuckDb(type: DuckDBType, value: DuckDBValue): Value {
  if (value === null) return null;
  const to = typeOfDuckDb(type);
  if (to.kind === 'DECIMAL') return value instanceof DuckDBDecimalValue ? value.value : BigInt(String(value));
  if (to.kind === 'BIGINT') return BigInt(String(value));
  if (to.kind === 'TIMESTAMP' || to.kind === 'TIMESTAMP_LTZ') return timestampOf(value);
  if (value instanceof DuckDBDateValue) return value.days;
  if (value instanceof DuckDBTimeValue) return Number(value.micros / 1000n);
  if (value instanceof DuckDBBlobValue) return value.bytes;
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  return textOf(type, value);
}

/** Milliseconds for a precision of 3 at most, nanoseconds otherwise, as `Value` has it. */
function timestampOf(value: DuckDBValue): Value {
  if (value instanceof DuckDBTimestampSecondsValue) return Number(value.seconds) * 1000;
  if (value instanceof DuckDBTimestampMillisecondsValue) return Number(value.millis);
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros * 1000n;
  return null;
}

/** Nested values as JSON, everything else as DuckDB prints it. */
const textOf = (type: DuckDBType, value: DuckDBValue): string =>
  NESTED.has(type.typeId) ? JSON.stringify(nestedJson(value, type, nestedJson)) : String(value);

const NESTED: ReadonlySet<DuckDBTypeId> = new Set([DuckDBTypeId.STRUCT, DuckDBTypeId.LIST, DuckDBTypeId.ARRAY, DuckDBTypeId.MAP, DuckDBTypeId.UNION]);

/** Integers are text only where a JSON number might not be read back exactly. */
const nestedJson: DuckDBValueConverter<Json> = (value, type, converter) =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : JsonDuckDBValueConverter(value, type, converter);
