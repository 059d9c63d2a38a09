/**
 * Values as JSON for storage: lossless, and the same value always gives the same text.
 *
 * | type | JSON |
 * |---|---|
 * | BIGINT, TIMESTAMP of more than 3 digits | number, or decimal text beyond 2^53 |
 * | DECIMAL(p, s) | plain text with s digits behind the point |
 * | FLOAT, DOUBLE | number; `NaN`, `Infinity`, `-Infinity`, `-0` as text |
 * | BINARY, VARBINARY | base64 |
 * | all others | the value itself |
 */
import { fromBase64, toBase64 } from './base64.ts';
import { decimalText, parseDecimal } from './decimal.ts';
import { SluiceError } from './errors.ts';
import type { JsonValue } from './plan.ts';
import { isNanos, typeText, type SqlType, type Value } from './types.ts';
import { bigintOf, bytesOf, numberOf } from './value-access.ts';

export { isoText, valueText } from './value-text.ts';

export function encodeValue(type: SqlType, value: Value): JsonValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'DECIMAL':
      return decimalText(bigintOf(value), type.scale);
    case 'FLOAT':
    case 'DOUBLE':
      return encodeDouble(numberOf(value));
    case 'BINARY':
    case 'VARBINARY':
      return toBase64(bytesOf(value));
    default:
      return typeof value === 'bigint' ? encodeBigint(value) : plain(type, value);
  }
}

/** The inverse of `encodeValue`; JSON that it cannot have written is STORE_CORRUPT. */
export function decodeValue(type: SqlType, json: JsonValue): Value {
  if (json === null) return null;
  const value = decodePresent(type, json);
  if (value === null) throw corrupt(type, json);
  return value;
}

function decodePresent(type: SqlType, json: JsonValue): Value {
  switch (type.kind) {
    case 'BOOLEAN':
      return typeof json === 'boolean' ? json : null;
    case 'CHAR':
    case 'VARCHAR':
      return typeof json === 'string' ? json : null;
    case 'BIGINT':
      return decodeBigint(json);
    case 'DECIMAL':
      return typeof json === 'string' ? parseDecimal(json, type.scale) : null;
    case 'FLOAT':
    case 'DOUBLE':
      return decodeDouble(json);
    case 'BINARY':
    case 'VARBINARY':
      return typeof json === 'string' ? fromBase64(json) : null;
    default:
      return isNanos(type) ? decodeBigint(json) : decodeInteger(json);
  }
}

function encodeBigint(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function decodeBigint(json: JsonValue): bigint | null {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json);
  return typeof json === 'string' && /^-?\d+$/.test(json) ? BigInt(json) : null;
}

const decodeInteger = (json: JsonValue): number | null =>
  typeof json === 'number' && Number.isSafeInteger(json) ? json : null;

function encodeDouble(value: number): JsonValue {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

const SPECIAL_DOUBLES: ReadonlyMap<JsonValue, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

const decodeDouble = (json: JsonValue): number | null =>
  typeof json === 'number' ? json : (SPECIAL_DOUBLES.get(json) ?? null);

function plain(type: SqlType, value: boolean | number | string | Uint8Array): JsonValue {
  if (value instanceof Uint8Array) throw corrupt(type, 'bytes');
  return value;
}

function corrupt(type: SqlType, json: JsonValue): SluiceError {
  const message = `a stored value of type ${typeText(type)} cannot be ${JSON.stringify(json).slice(0, 100)}`;
  return new SluiceError('STORE_CORRUPT', { message });
}
