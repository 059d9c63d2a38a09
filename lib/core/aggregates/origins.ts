/**
 * What depends on the order of rows is kept apart by origin, the partition that a row came from. Rows of one origin are added and merged in
 * the order of their offsets, wherever batches and FIREs cut them; those of several are put together in the order of the origins, so
 * that the order does not depend on which partition was read first.
 */
import { partsOf, type PartitionId } from '../numbers.ts';
import type { JsonValue } from '../plan.ts';
import { STRING, type SqlType } from '../types.ts';

/** By origin, in the order of the origins; without rows none. Written to only by whoever adds to it or owns it. */
export type ByOrigin<T> = Map<string, T>;

/** The origin of rows that come from no partition, such as those of a window below. */
export const NO_ORIGIN = '';

export const NOTHING: ByOrigin<never> = new Map<string, never>();

/** With `combine` for what both have of one origin. */
export function mergeOrigins<T>(a: ByOrigin<T>, b: ByOrigin<T>, combine: (a: T, b: T) => T): ByOrigin<T> {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  const merged = new Map(a);
  for (const [origin, part] of b) {
    const mine = merged.get(origin);
    merged.set(origin, mine === undefined ? part : combine(mine, part));
  }
  return inOrder(merged);
}

/** Puts what `b` has into `own`; `grow` may write to what is there of an origin. */
export function absorbOrigins<T>(own: ByOrigin<T>, b: ByOrigin<T>, grow: (mine: T | undefined, part: T) => T): ByOrigin<T> {
  const grown: ByOrigin<T> = own.size === 0 ? new Map() : own;
  const known = grown.size;
  for (const [origin, part] of b) grown.set(origin, grow(grown.get(origin), part));
  return grown.size === known ? grown : inOrder(grown);
}

/** Orders it, in place. */
export function inOrder<T>(map: ByOrigin<T>): ByOrigin<T> {
  if (map.size < 2) return map;
  const entries = [...map].sort(([a], [b]) => compareOrigins(a, b));
  map.clear();
  for (const [origin, part] of entries) map.set(origin, part);
  return map;
}

/** By source, topic and partition. */
export function compareOrigins(a: string, b: string): number {
  if (a === b) return 0;
  if (a === NO_ORIGIN || b === NO_ORIGIN) return a === NO_ORIGIN ? -1 : 1;
  const [x, y] = [partsOf(a as PartitionId), partsOf(b as PartitionId)];
  return x.source - y.source || x.topic - y.topic || x.partition - y.partition;
}

/** How parts by origin are stored. */
export const byOrigin = (part: SqlType): SqlType => ({ kind: 'MAP', key: { type: STRING, nullable: false }, value: { type: part, nullable: true } });

/** `[["0.0.3",…]]`, as a MAP is stored; null without rows. */
export function encodeOrigins<T>(acc: ByOrigin<T>, encode: (part: T) => JsonValue): JsonValue {
  return acc.size === 0 ? null : [...acc].map(([origin, part]) => [origin, encode(part)]);
}

export function decodeOrigins<T>(json: JsonValue, decode: (part: JsonValue) => T): ByOrigin<T> {
  if (json === null) return NOTHING;
  return inOrder(new Map(partsIn(json).map(([origin, part]) => [String(origin), decode(part)])));
}

/** The entries of a MAP or MULTISET, as it is stored. */
export const partsIn = (json: JsonValue): (readonly [JsonValue, JsonValue])[] =>
  isList(json) ? json.flatMap((entry) => (isList(entry) ? [[entry[0] ?? null, entry[1] ?? null] as const] : [])) : [];

export const isList = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);
