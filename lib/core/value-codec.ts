/**
 * Values as JSON for storage: lossless, and the same value always gives the same text.
 *
 * | type | JSON |
 * |---|---|
 * | BIGINT, TIMESTAMP of more than 3 digits | number, or decimal text beyond 2^53 |
 * | DECIMAL(p, s) | plain text with s digits behind the point |
 * | FLOAT, DOUBLE | number; `NaN`, `Infinity`, `-Infinity`, `-0` as text |
 * | BINARY, VARBINARY | base64 |
 * | ARRAY, ROW | array of their elements and fields |
 * | MAP, MULTISET | array of `[key, value]` and `[element, count]` |
 * | RAW | as `stored-value.ts` stores it; null and undefined are NULL |
 * | all others | the value itself |
 */
import { fromBase64, toBase64 } from './base64.ts';
import { decimalText, parseDecimal } from './decimal.ts';
import { SluiceError } from './errors.ts';
import type { JsonValue } from './plan.ts';
import { decodeStored, encodeStored } from './stored-value.ts';
import { innerTypes, isNanos, isNested, Raw, typeText, type NestedType, type SqlType, type Value } from './types.ts';
import { bigintOf, bytesOf, itemsOf, numberOf, rawOf, type Present } from './value-access.ts';

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
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
    case 'ROW':
      return encodeNested(type, itemsOf(value));
    case 'RAW':
      return encodeStored(rawOf(value).value);
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
    case 'RAW':
      return new Raw(decodeStored(json));
    default:
      if (isNested(type)) return decodeNested(type, json);
      return isNanos(type) ? decodeBigint(json) : decodeInteger(json);
  }
}

function encodeNested(type: NestedType, items: readonly Value[]): JsonValue {
  if (type.kind === 'ARRAY') return items.map((item) => encodeValue(type.element.type, item));
  const types = innerTypes(type);
  if (type.kind === 'ROW') return types.map((inner, i) => encodeValue(inner, items[i] ?? null));
  return items.map((entry) => types.map((inner, i) => encodeValue(inner, itemsOf(entry)[i] ?? null)));
}

function decodeNested(type: NestedType, json: JsonValue): Value {
  if (!isList(json)) return null;
  if (type.kind === 'ARRAY') return json.map((item) => decodeValue(type.element.type, item));
  const types = innerTypes(type);
  if (type.kind === 'ROW') return decodeTuple(types, json);
  const entries = json.map((entry) => (isList(entry) ? decodeTuple(types, entry) : null));
  return entries.includes(null) ? null : entries;
}

const decodeTuple = (types: readonly SqlType[], json: readonly JsonValue[]): readonly Value[] | null =>
  json.length === types.length ? types.map((type, i) => decodeValue(type, json[i] ?? null)) : null;

const isList = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);

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

function plain(type: SqlType, value: Exclude<Present, bigint>): JsonValue {
  if (typeof value === 'object') throw corrupt(type, value instanceof Uint8Array ? 'bytes' : 'a list');
  return value;
}

function corrupt(type: SqlType, json: JsonValue): SluiceError {
  const message = `a stored value of type ${typeText(type)} cannot be ${JSON.stringify(json).slice(0, 100)}`;
  return new SluiceError('STORE_CORRUPT', { message });
}
