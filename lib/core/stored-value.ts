/**
 * Values of a program as JSON, to be kept in state and logs. What JSON can say is itself; the rest is an object with one key that begins with `$`:
 *
 * | value | JSON |
 * |---|---|
 * | bigint | `{"$bigint":"12"}` |
 * | Date | `{"$date":"2026-11-22T05:00:00.000Z"}` |
 * | Uint8Array | `{"$bytes":"<base64>"}` |
 * | Map, Set | `{"$map":[[key,value]]}`, `{"$set":[element]}` |
 * | NaN, Infinity, -Infinity, -0 | `{"$number":"NaN"}` |
 *
 * A key of the program's own that begins with `$` gets one more `$`. Fields that are undefined are left out; undefined elsewhere is null. Keys keep their order.
 */
// oxlint-disable no-restricted-globals -- a Date is a value here, never a clock
import { fromBase64, toBase64 } from './base64.ts';
import { SluiceError } from './errors.ts';
import type { JsonValue } from './plan.ts';

/** A record may nest deeper than the stack is: that is an error of the record, not of whoever walks through it. */
const DEPTH_MAX = 500;

/** Where a value lies in what is stored: names the path, and finds cycles. */
interface Place {
  readonly outer: Place | null;
  readonly holder: object;
  readonly key: string | number;
}

/** A copy as JSON. STATE_VALUE_INVALID for class instances, functions, symbols, cycles, naming the path; and for what is nested more than 500 deep. */
export const encodeStored = (value: unknown): JsonValue => encode(value, null);

function encode(value: unknown, place: Place | null): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: Object.is(value, -0) ? '-0' : String(value) };
    case 'bigint':
      return { $bigint: value.toString() };
    case 'undefined':
      return null;
    case 'object':
      return value === null ? null : encodeObject(value, place);
    default:
      throw invalid(`a ${typeof value}`, place);
  }
}

/** Most values within others: they need no place. */
const isItself = (value: unknown): value is string | boolean => typeof value === 'string' || typeof value === 'boolean';

function encodeObject(value: object, place: Place | null): JsonValue {
  if (holds(place, value)) throw invalid('a value that contains itself', place);
  const inner = (item: unknown, key: string | number): JsonValue => (isItself(item) ? item : encode(item, { outer: place, holder: value, key }));
  if (Array.isArray(value)) return Array.from(value, inner);
  if (value instanceof Date) return encodeDate(value, place);
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) };
  if (value instanceof Map) return { $map: Array.from(value, ([k, v], i) => [inner(k, i), inner(v, i)]) };
  if (value instanceof Set) return { $set: Array.from(value, inner) };
  if (!isPlain(value)) throw invalid(`an instance of ${value.constructor?.name ?? 'a class'}`, place);
  return encodeFields(value, inner);
}

function encodeFields(value: object, inner: (item: unknown, key: string) => JsonValue): JsonValue {
  const fields: Record<string, JsonValue> = {};
  for (const key of Object.keys(value)) {
    const item: unknown = Reflect.get(value, key);
    if (item !== undefined) setField(fields, key.startsWith('$') ? `$${key}` : key, inner(item, key));
  }
  return fields;
}

function encodeDate(date: Date, place: Place | null): JsonValue {
  if (Number.isNaN(date.getTime())) throw invalid('an invalid Date', place);
  return { $date: date.toISOString() };
}

/** Made by `{}`, in whatever realm, or without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** `__proto__` is a field like any other. */
function setField<T>(fields: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
  else fields[key] = value;
}

function holds(place: Place | null, value: object): boolean {
  let depth = 0;
  for (let at = place; at !== null; at = at.outer) {
    if (at.holder === value) return true;
    if (++depth > DEPTH_MAX) throw new SluiceError('STATE_VALUE_INVALID', { message: `a value that is nested more than ${DEPTH_MAX} deep cannot be stored` });
  }
  return false;
}

function invalid(what: string, place: Place | null): SluiceError {
  const path: (string | number)[] = [];
  for (let at = place; at !== null; at = at.outer) path.unshift(at.key);
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`;
  return new SluiceError('STATE_VALUE_INVALID', { message: `${what} cannot be stored${where}`, details: { path } });
}

/** A fresh copy of what was encoded. STORE_CORRUPT for JSON that `encodeStored` cannot have written. */
export function decodeStored(json: JsonValue): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (isList(json)) return json.map(decodeStored);
  const fields: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(json)) {
    if (!key.startsWith('$')) setField(fields, key, decodeStored(item));
    else if (key.startsWith('$$')) setField(fields, key.slice(1), decodeStored(item));
    else return decodeSpecial(key, item, json);
  }
  return fields;
}

const NUMBERS: ReadonlyMap<JsonValue, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

function decodeSpecial(key: string, item: JsonValue, json: JsonValue): unknown {
  const value = Object.keys(json ?? {}).length === 1 ? specialOf(key, item) : undefined;
  if (value !== undefined) return value;
  throw new SluiceError('STORE_CORRUPT', { message: `no value is stored as ${JSON.stringify(json).slice(0, 100)}` });
}

/** undefined for JSON that stands for nothing. */
function specialOf(key: string, item: JsonValue): unknown {
  if (key === '$number') return NUMBERS.get(item);
  if (isList(item)) return collectionOf(key, item);
  if (typeof item !== 'string') return undefined;
  if (key === '$bigint') return /^-?\d+$/.test(item) ? BigInt(item) : undefined;
  if (key === '$date') return Number.isNaN(Date.parse(item)) ? undefined : new Date(item);
  return key === '$bytes' ? (fromBase64(item) ?? undefined) : undefined;
}

function collectionOf(key: string, items: readonly JsonValue[]): unknown {
  if (key === '$set') return new Set(items.map(decodeStored));
  const isMap = key === '$map' && items.every((entry) => isList(entry) && entry.length === 2);
  return isMap ? new Map(items.filter(isList).map(([k = null, v = null]) => [decodeStored(k), decodeStored(v)])) : undefined;
}

const isList = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);
