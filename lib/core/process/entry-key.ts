/** Keys of a MapState: their text, and the order of their texts, which does not depend on how the map came to be (F7). */
import type { JsonValue } from '../plan.ts';
import { encodeStored } from '../stored-value.ts';

/** As it is stored; -0 is 0, as in a Map. Keys that are stored alike are one key: of objects, also the order of the fields counts. */
export const storedKey = (key: unknown): JsonValue => (key === 0 ? 0 : encodeStored(key));

/** By which entries are found and ordered. */
export const textOf = (key: JsonValue): string => JSON.stringify(key);

/** Null, booleans, numbers by value, bigints by value, texts by the code units of their JSON, all others by theirs. */
export function compareEntryTexts(a: string, b: string): number {
  if (a === b) return 0;
  const rank = rankOf(a);
  const difference = rank - rankOf(b);
  if (difference !== 0) return difference;
  if (rank === NUMBER) return Number(a) - Number(b);
  if (rank === BIGINT) return bigintOf(a) < bigintOf(b) ? -1 : 1;
  return a < b ? -1 : 1;
}

const NUMBER = 2;
const BIGINT = 3;
const BIGINT_START = '{"$bigint":"';
const RANKS: ReadonlyMap<string, number> = new Map([['n', 0], ['f', 1], ['t', 1], ['"', 4], ['{', 5], ['[', 5]]);

function rankOf(text: string): number {
  const rank = RANKS.get(text.charAt(0)) ?? NUMBER;
  return rank === 5 && text.startsWith(BIGINT_START) ? BIGINT : rank;
}

const bigintOf = (text: string): bigint => BigInt(text.slice(BIGINT_START.length, -2));
