/** Keys of keyed state: their form in maps, in entries and chunks, and their key group. */
import { murmur3 } from './hash.ts';
import { keyGroup, type KeyGroup } from './numbers.ts';
import { decodeStored, encodeStored } from './stored-value.ts';
import { isNested, Raw, type Column, type Row, type Value } from './types.ts';
import { rawOf } from './value-access.ts';
import { decodeValue, encodeValue } from './value-codec.ts';
import type { JsonValue } from './plan.ts';

/** Characters of a key as far as messages show it. */
const SHOWN_CHARS = 100;

/** Number of key groups; fixed per generation. */
export const KEY_GROUPS = 128;

/**
 * A key as a map key and as JSON: the encoded value itself where there is one key column, the JSON text of the array of
 * encoded values otherwise. Equal keys are equal map keys; NULL is a key like any other (Flink groups by it).
 */
export type Key = string | number | boolean | null;

/** As messages name it. */
export const keyText = (key: Key): string => JSON.stringify(key).slice(0, SHOWN_CHARS);

export interface KeyCodec {
  keyOf(row: Row): Key;
  /** The key columns' values. */
  valuesOf(key: Key): Row;
}

/** `positions[i]` is the column of the row that holds key column i. */
export function keyCodec(columns: readonly Column[], positions: readonly number[]): KeyCodec {
  const [only, second] = columns;
  const [at] = positions;
  if (only !== undefined && at !== undefined && second === undefined) return singleKey(only, at);
  return {
    keyOf: (row) => JSON.stringify(columns.map((c, i) => encodeValue(c.type, row[positions[i] ?? -1] ?? null))),
    valuesOf: (key) => {
      const encoded: readonly JsonValue[] = JSON.parse(String(key));
      return columns.map((c, i) => decodeValue(c.type, encoded[i] ?? null));
    },
  };
}

function singleKey(column: Column, at: number): KeyCodec {
  const isText = column.type.kind === 'VARCHAR' || column.type.kind === 'CHAR';
  if (isNested(column.type)) return nestedKey(column, at);
  if (column.type.kind === 'RAW') return { keyOf: (row) => keyOfRaw(row[at] ?? null), valuesOf: (key) => [rawOfKey(key)] };
  const valuesOf = (key: Key): Row => [decodeValue(column.type, key)];
  // Strings are their own encoding: no call per row on the hot path.
  if (isText) return { keyOf: (row) => (row[at] ?? null) as string | null, valuesOf };
  return { keyOf: (row) => scalar(encodeValue(column.type, row[at] ?? null)), valuesOf };
}

/** A collection has the text of its encoding. */
function nestedKey(column: Column, at: number): KeyCodec {
  return {
    keyOf: (row) => scalar(encodeValue(column.type, row[at] ?? null)),
    valuesOf: (key) => [decodeValue(column.type, key === null ? null : JSON.parse(String(key)))],
  };
}

const scalar = (json: JsonValue): Key => (json !== null && typeof json === 'object' ? JSON.stringify(json) : json);

/** Texts that could be taken for JSON. */
const JSON_LIKE = /^[{["]/;

/** What the program has as key: a text is itself, unless it looks like the JSON that stands for all that is no text; -0 is 0, as in a Map. */
function keyOfRaw(key: Value): Key {
  const value = key === null ? null : rawOf(key).value;
  const json = value === 0 ? 0 : encodeStored(value);
  if (typeof json === 'string') return JSON_LIKE.test(json) ? JSON.stringify(json) : json;
  return scalar(json);
}

function rawOfKey(key: Key): Raw | null {
  if (key === null) return null;
  return new Raw(typeof key === 'string' && JSON_LIKE.test(key) ? decodeStored(JSON.parse(key)) : key);
}

export function keyGroupOf(key: Key): KeyGroup {
  return keyGroup(murmur3(key === null ? '\u0000null' : String(key)) % KEY_GROUPS);
}

/**
 * Order of keys in results: NULL, booleans, numbers, text (keys of a program may be of all kinds); independent of how the state was built (F7). A BIGINT column holds numbers and, beyond
 * 2^53, text: comparing across the two by value would need more than an order per kind to stay transitive.
 */
export function compareKeys(a: Key, b: Key): number {
  if (a === b) return 0;
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0 || a === null || b === null) return rank;
  return a < b ? -1 : 1;
}

function rankOf(key: Key): number {
  if (key === null) return 0;
  if (typeof key === 'boolean') return 1;
  return typeof key === 'number' ? 2 : 3;
}

/** Sorts in place, in the order of `compareKeys`; text sorts several times faster without a comparison function. */
export function sortKeys(keys: Key[]): Key[] {
  return keys.every((key) => typeof key === 'string') ? keys.sort() : keys.sort(compareKeys);
}
