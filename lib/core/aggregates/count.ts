/** COUNT. */
import { BIGINT } from '../types.ts';
import type { Aggregate, AggregateFunction } from './aggregate.ts';
import { typesOf, wrongCount } from './signature.ts';

const counter: Aggregate<number> = {
  zero: 0,
  commutes: true,
  stored: BIGINT,
  add: (acc) => acc + 1,
  merge: (a, b) => a + b,
  result: BigInt,
  encode: (acc) => acc,
  decode: Number,
};

/** `COUNT(*)` resolves itself; without FILTER it has no accumulator either, since every pane counts its rows. */
export const COUNT: AggregateFunction = {
  name: 'COUNT',
  resolve: (args) => {
    if (args.length === 0) return wrongCount('COUNT', 1);
    return args.length > 1 ? 'We now only support the count of one field.' : { args: typesOf(args), type: BIGINT, nullable: 'never' };
  },
  open: () => counter,
};
