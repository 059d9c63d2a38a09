/**
 * DISTINCT: the different values of a call, from which its result is computed. Calls on the same argument share them. A value belongs to
 * the first origin that it came from, and there to where it came first.
 */
import type { JsonValue } from '../plan.ts';
import type { SqlType, Value } from '../types.ts';
import { decodeValue, encodeValue } from '../value-codec.ts';
import type { Accumulator, Aggregate } from './aggregate.ts';
import { byOrigin, compareOrigins, decodeOrigins, encodeOrigins, inOrder, isList, mergeOrigins, NO_ORIGIN, NOTHING, type ByOrigin } from './origins.ts';
import { keyer, type ValueKey } from './value-key.ts';

type Values = Map<ValueKey, Value>;
type Distinct = ByOrigin<Values>;

/** An aggregate of the different values of a type. */
export function overDistinct(type: SqlType, aggregate: Aggregate): Aggregate<Distinct> {
  const keyOf = keyer(type);
  const from = (origin: string): Aggregate<Distinct> => ({
    ...(aggregate.takesNull === true ? { takesNull: true } : {}),
    zero: NOTHING,
    stored: byOrigin({ kind: 'ARRAY', element: { type, nullable: true } }),
    add: (acc, value) => {
      const values = acc.get(origin);
      if (values === undefined) return new Map([[origin, new Map([[keyOf(value), value]])]]);
      const key = keyOf(value);
      if (!values.has(key)) values.set(key, value);
      return acc;
    },
    merge: (a, b) => withoutRepeats(mergeOrigins(a, b, (x, y) => new Map([...x, ...withoutKeys(y, x)]))),
    absorb,
    result: (acc) => resultOf(aggregate, acc),
    encode: (acc) => encodeOrigins(acc, (values) => [...values.values()].map((value) => encodeValue(type, value))),
    decode: (json) => decodeOrigins(json, (list) => decodeValues(type, keyOf, list)),
    from,
  });
  return from(NO_ORIGIN);
}

function decodeValues(type: SqlType, keyOf: (value: Value) => ValueKey, list: JsonValue): Values {
  const values = isList(list) ? list.map((json) => decodeValue(type, json)) : [];
  return new Map(values.map((value) => [keyOf(value), value]));
}

const withoutKeys = (values: Values, taken: Values): [ValueKey, Value][] => [...values].filter(([key]) => !taken.has(key));

/** Leaves every value to its first origin. */
function withoutRepeats(acc: Distinct): Distinct {
  if (acc.size < 2) return acc;
  const seen: Values = new Map();
  const kept = new Map<string, Values>();
  for (const [origin, values] of acc) {
    const own = new Map(withoutKeys(values, seen));
    if (own.size > 0) kept.set(origin, own);
    for (const [key, value] of own) seen.set(key, value);
  }
  return kept;
}

/** What has been folded of sets that grow in place, by aggregate: no result takes all values again. Only where their order does not matter. */
const FOLDED = new WeakMap<Distinct, Map<Aggregate, Accumulator>>();

function absorb(own: Distinct, b: Distinct): Distinct {
  const grown: Distinct = own.size === 0 ? new Map() : own;
  const folded = FOLDED.get(grown) ?? new Map<Aggregate, Accumulator>();
  FOLDED.set(grown, folded);
  for (const [origin, values] of b) {
    for (const [key, value] of values) if (isNew(grown, origin, key, value) && value !== null) addToAll(folded, value);
  }
  return grown;
}

function addToAll(folded: Map<Aggregate, Accumulator>, value: Value): void {
  for (const [aggregate, acc] of folded) folded.set(aggregate, aggregate.add(acc, value));
}

/** Puts a value in, unless an earlier origin has it; false if it was there, be it elsewhere. */
function isNew(set: Distinct, origin: string, key: ValueKey, value: Value): boolean {
  const holder = holderOf(set, key);
  if (holder !== undefined && compareOrigins(holder, origin) <= 0) return false;
  if (holder !== undefined) leave(set, holder, key);
  const values = set.get(origin);
  if (values === undefined) inOrder(set.set(origin, new Map([[key, value]])));
  else values.set(key, value);
  return holder === undefined;
}

function holderOf(set: Distinct, key: ValueKey): string | undefined {
  for (const [origin, values] of set) if (values.has(key)) return origin;
  return undefined;
}

function leave(set: Distinct, origin: string, key: ValueKey): void {
  const values = set.get(origin);
  values?.delete(key);
  if (values?.size === 0) set.delete(origin);
}

function resultOf(aggregate: Aggregate, acc: Distinct): Value {
  const known = aggregate.commutes === true ? FOLDED.get(acc) : undefined;
  const folded = known?.get(aggregate) ?? fold(aggregate, acc);
  known?.set(aggregate, folded);
  return aggregate.result(folded);
}

/** Added in their order, NULL only where it is a value. */
function fold(aggregate: Aggregate, acc: Distinct): Accumulator {
  let folded = aggregate.zero;
  for (const values of acc.values()) {
    for (const value of values.values()) if (value !== null || aggregate.takesNull === true) folded = aggregate.add(folded, value);
  }
  return folded;
}
