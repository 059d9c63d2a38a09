/** Values as text for people and files. */
import { MS_PER_DAY, NANOS_PER_MS, dateText, timeText, timestampText } from './calendar.ts';
import { decimalText } from './decimal.ts';
import { doubleText, floatText } from './float-text.ts';
import { innerTypes, isNested, type NestedType, type SqlType, type Value } from './types.ts';
import { bigintOf, bytesOf, entriesOf, itemsOf, numberOf, type Present } from './value-access.ts';

/** How Flink's SQL client shows NULL. */
export const NULL_TEXT = '<NULL>';
/** NULL within a collection (CastRuleUtils.NULL_STR_LITERAL). */
const INNER_NULL = 'NULL';

/** What Flink's CAST(… AS STRING) gives and its client prints: `2025-12-30 10:00:00.000000`, `TRUE`, `1.0E7`, `[1, NULL]`, `{k=v}`, `(1, a)`. */
export const valueText = (type: SqlType, value: Value): string => textOf(type, value, ' ', '');

/** As `valueText`, but timestamps have a `T`, and those with time zone a `Z`: for NDJSON and savepoints. */
export const isoText = (type: SqlType, value: Value): string => textOf(type, value, 'T', 'Z');

/** Epoch nanoseconds of a TIMESTAMP or TIMESTAMP_LTZ of any precision. */
export function epochNanos(type: SqlType, value: Value): bigint {
  const isMs = (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.precision <= 3;
  return isMs ? BigInt(numberOf(value)) * NANOS_PER_MS : bigintOf(value);
}

function textOf(type: SqlType, value: Value, separator: ' ' | 'T', zone: '' | 'Z'): string {
  if (value === null) return NULL_TEXT;
  if (isNested(type)) return nestedText(type, value, (inner, item) => (item === null ? INNER_NULL : textOf(inner, item, separator, zone)));
  switch (type.kind) {
    case 'TIMESTAMP':
      return timestampText(epochNanos(type, value), type.precision, separator);
    case 'TIMESTAMP_LTZ':
      return timestampText(epochNanos(type, value), type.precision, separator) + zone;
    default:
      return plainText(type, value);
  }
}

/** As ArrayToStringCastRule, MapAndMultisetToStringCastRule and RowToStringCastRule. */
function nestedText(type: NestedType, value: Present, inner: (type: SqlType, value: Value) => string): string {
  if (type.kind === 'ARRAY') return `[${itemsOf(value).map((item) => inner(type.element.type, item)).join(', ')}]`;
  if (type.kind === 'ROW') return `(${type.fields.map((field, i) => inner(field.type, itemsOf(value)[i] ?? null)).join(', ')})`;
  const types = innerTypes(type);
  return `{${entriesOf(value).map((entry) => types.map((part, i) => inner(part, entry[i] ?? null)).join('=')).join(', ')}}`;
}

function plainText(type: SqlType, value: Present): string {
  switch (type.kind) {
    case 'BOOLEAN':
      return value === true ? 'TRUE' : 'FALSE';
    case 'FLOAT':
      return floatText(numberOf(value));
    case 'DOUBLE':
      return doubleText(numberOf(value));
    case 'DECIMAL':
      return decimalText(bigintOf(value), type.scale);
    case 'BINARY':
    case 'VARBINARY':
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf(value));
    case 'DATE':
      return dateText(numberOf(value));
    case 'TIME':
      return timeText(BigInt(numberOf(value)) * NANOS_PER_MS, type.precision);
    case 'INTERVAL_DAY':
      return dayIntervalText(numberOf(value));
    case 'INTERVAL_YEAR':
      return yearIntervalText(numberOf(value));
    default:
      return String(value);
  }
}

/** `+1 02:03:04.005` */
function dayIntervalText(ms: number): string {
  const size = Math.abs(ms);
  const clock = timeText(BigInt(size % MS_PER_DAY) * NANOS_PER_MS, 3);
  return `${ms < 0 ? '-' : '+'}${Math.floor(size / MS_PER_DAY)} ${clock}`;
}

/** `+1-02` */
function yearIntervalText(months: number): string {
  const size = Math.abs(months);
  return `${months < 0 ? '-' : '+'}${Math.floor(size / 12)}-${String(size % 12).padStart(2, '0')}`;
}
