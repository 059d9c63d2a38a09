/** FIRST_VALUE and LAST_VALUE (Flink's FirstValueAggFunction and LastValueAggFunction): of the values that are not NULL. */
import { isFloating, isInteger } from '../functions/type-rules.ts';
import type { JsonValue } from '../plan.ts';
import type { SqlType, Value } from '../types.ts';
import { decodeValue, encodeValue } from '../value-codec.ts';
import type { Aggregate, AggregateFunction, AggregateSignature, Argument } from './aggregate.ts';
import { byOrigin, compareOrigins, NO_ORIGIN, partsIn } from './origins.ts';
import { noSuchType, typesOf, wrongCount } from './signature.ts';

/** null without rows. */
type Seen = { readonly origin: string; readonly value: Value } | null;

function one(type: SqlType, isLast: boolean): Aggregate<Seen> {
  const from = (origin: string): Aggregate<Seen> => ({
    zero: null,
    stored: byOrigin(type),
    add: (acc, value) => (acc !== null && !isLast ? acc : { origin, value }),
    merge: (a, b) => {
      if (a === null || b === null) return a ?? b;
      const order = compareOrigins(a.origin, b.origin);
      return isLast ? (order > 0 ? a : b) : order > 0 ? b : a;
    },
    result: (acc) => acc?.value ?? null,
    encode: (acc) => (acc === null ? null : [[acc.origin, encodeValue(type, acc.value)]]),
    decode: (json) => decodeSeen(type, json),
    from,
  });
  return from(NO_ORIGIN);
}

function decodeSeen(type: SqlType, json: JsonValue): Seen {
  const [entry] = partsIn(json);
  return entry === undefined ? null : { origin: String(entry[0]), value: decodeValue(type, entry[1]) };
}

function resolve(name: string, args: readonly Argument[]): AggregateSignature | string {
  const [type, second] = typesOf(args);
  if (type === undefined || second !== undefined) return wrongCount(name, 1);
  const fits = isInteger(type) || isFloating(type) || ['BOOLEAN', 'VARCHAR', 'DECIMAL'].includes(type.kind);
  return fits ? { args: [type], type, nullable: 'if-argument' } : noSuchType(name, type);
}

export const FIRST_VALUE: AggregateFunction = {
  name: 'FIRST_VALUE',
  resolve: (args) => resolve('FIRST_VALUE', args),
  open: ({ type }) => one(type, false),
  unmergeable: 'FirstValueAggFunction',
};

export const LAST_VALUE: AggregateFunction = {
  name: 'LAST_VALUE',
  resolve: (args) => resolve('LAST_VALUE', args),
  open: ({ type }) => one(type, true),
  unmergeable: 'LastValueAggFunction',
};
