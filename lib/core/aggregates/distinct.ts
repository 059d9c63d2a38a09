/**
 * DISTINCT: the different values of a call, from which its result is computed. Calls on the same argument share them. A value belongs to
 * the first origin that it came from, and there to where it came first.
 */
import type { JsonValue } from '../plan.ts';
import type { SqlType, Value } from '../types.ts';
import { decodeValue, encodeValue } from '../value-codec.ts';
import type { Aggregate } from './aggregate.ts';
import { byOrigin, decodeOrigins, encodeOrigins, isList, mergeOrigins, NO_ORIGIN, NOTHING, type ByOrigin } from './origins.ts';
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

/** Added in their order, NULL only where it is a value. */
function resultOf(aggregate: Aggregate, acc: Distinct): Value {
  let folded = aggregate.zero;
  for (const values of acc.values()) {
    for (const value of values.values()) if (value !== null || aggregate.takesNull === true) folded = aggregate.add(folded, value);
  }
  return aggregate.result(folded);
}
