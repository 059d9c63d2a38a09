/** Aggregates that remember a list of values, in the order of the rows. */
import type { SqlType, Value } from '../types.ts';
import { decodeValue, encodeValue } from '../value-codec.ts';
import type { Aggregate } from './aggregate.ts';
import { absorbOrigins, byOrigin, decodeOrigins, encodeOrigins, isList, mergeOrigins, NO_ORIGIN, NOTHING, type ByOrigin } from './origins.ts';

type Lists = ByOrigin<Value[]>;

function appended(list: Value[] = [], more: readonly Value[]): Value[] {
  for (const value of more) list.push(value);
  return list;
}

interface ListOf {
  readonly type: SqlType;
  readonly takesNull: boolean;
  readonly result: (values: readonly Value[]) => Value;
}

export function listOf({ type, takesNull, result }: ListOf): Aggregate<Lists> {
  const from = (origin: string): Aggregate<Lists> => ({
    ...(takesNull ? { takesNull } : {}),
    zero: NOTHING,
    stored: byOrigin({ kind: 'ARRAY', element: { type, nullable: true } }),
    add: (acc, value) => {
      const list = acc.get(origin);
      if (list === undefined) return new Map([[origin, [value]]]);
      list.push(value);
      return acc;
    },
    merge: (a, b) => mergeOrigins(a, b, (x, y) => x.concat(y)),
    absorb: (own, b) => absorbOrigins(own, b, appended),
    result: (acc) => result([...acc.values()].flat()),
    encode: (acc) => encodeOrigins(acc, (list) => list.map((value) => encodeValue(type, value))),
    decode: (json) => decodeOrigins(json, (list) => (isList(list) ? list.map((item) => decodeValue(type, item)) : [])),
    from,
  });
  return from(NO_ORIGIN);
}
