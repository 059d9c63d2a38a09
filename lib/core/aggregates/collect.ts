/** COLLECT (Flink's CollectAggFunction): the values as a multiset, in their order, since a multiset has none. */
import { compareValues } from '../compare.ts';
import { assert } from '../errors.ts';
import type { SqlType, Value } from '../types.ts';
import { decodeValue, encodeValue } from '../value-codec.ts';
import type { Aggregate, AggregateFunction } from './aggregate.ts';
import { partsIn } from './origins.ts';
import { wrongCount } from './signature.ts';
import { keyer, type ValueKey } from './value-key.ts';

/** A value and how often it came, by its key. */
export type Counts = Map<ValueKey, readonly [value: Value, count: number]>;

const NO_COUNTS: Counts = new Map();

/** Counts of values, but for the result. */
export function countsOf(type: SqlType): Omit<Aggregate<Counts>, 'result'> {
  const keyOf = keyer(type);
  return {
    zero: NO_COUNTS,
    stored: { kind: 'MULTISET', element: { type, nullable: false } },
    add: (acc, value) => plus(acc.size === 0 ? new Map() : acc, keyOf(value), value, 1),
    merge: (a, b) => {
      if (a.size === 0 || b.size === 0) return a.size === 0 ? b : a;
      return allPlus(new Map(a), b);
    },
    absorb: (own, b) => allPlus(own.size === 0 ? new Map() : own, b),
    encode: (acc) => (acc.size === 0 ? null : [...acc.values()].map(([value, count]) => [encodeValue(type, value), count])),
    decode: (json) => new Map(partsIn(json).map(([stored, count]) => [decodeValue(type, stored), Number(count)] as const).map((pair) => [keyOf(pair[0]), pair])),
  };
}

export function plus(counts: Counts, key: ValueKey, value: Value, n: number): Counts {
  return counts.set(key, [value, (counts.get(key)?.[1] ?? 0) + n]);
}

function allPlus(counts: Counts, more: Counts): Counts {
  for (const [key, [value, count]] of more) plus(counts, key, value, count);
  return counts;
}

function multisetOf(type: SqlType): Aggregate<Counts> {
  return { ...countsOf(type), result: (acc) => [...acc.values()].sort(([a], [b]) => compareValues(a, b)) };
}

export const COLLECT: AggregateFunction = {
  name: 'COLLECT',
  resolve: ([argument, ...rest]) => {
    if (argument === undefined || rest.length > 0) return wrongCount('COLLECT', 1);
    const { expression, nullable } = argument;
    return { args: [expression.type], type: { kind: 'MULTISET', element: { type: expression.type, nullable } }, nullable: 'never' };
  },
  open: ({ argumentType }) => {
    assert(argumentType !== null, 'COLLECT has an argument');
    return multisetOf(argumentType);
  },
};
