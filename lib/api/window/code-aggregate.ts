/** Aggregate functions of a program as the algebra of the engine. */
import type { Aggregate } from '../../core/aggregates/aggregate.ts';
import type { Uid } from '../../core/numbers.ts';
import type { AggregateFunction } from '../../core/process/aggregate-function.ts';
import { decodeStored, encodeStored } from '../../core/stored-value.ts';
import { RAW, Raw } from '../../core/types.ts';
import { erased } from '../erase.ts';
import { called, valueOf } from '../function-call.ts';

/** The program's accumulator; null before the first value, so that nobody writes to what is shared. */
type Kept = { readonly of: unknown } | null;

/** Accumulators are the program's, and it may write to those that it is given: where the engine keeps one, the program gets a copy. */
export function codeAggregate<In, Acc, Out>(uid: Uid, fn: AggregateFunction<In, Acc, Out>): Aggregate<Kept> {
  const add = erased<[Acc, In], Acc>((acc, value) => fn.add(acc, value));
  const merge = erased<[Acc, Acc], Acc>((a, b) => fn.merge(a, b));
  const getResult = erased<[Acc], Out>((acc) => fn.getResult(acc));
  const merged = (a: unknown, b: unknown): Kept => ({ of: called(uid, () => merge(a, copyOf(b))) });
  return {
    zero: null,
    add: (acc, value) => ({ of: called(uid, () => add(acc === null ? fn.createAccumulator() : acc.of, valueOf(value))) }),
    merge: (a, b) => (a === null ? b : b === null ? a : merged(copyOf(a.of), b.of)),
    absorb: (own, b) => (b === null ? own : own === null ? { of: copyOf(b.of) } : merged(own.of, b.of)),
    result: (acc) => new Raw(acc === null ? null : called(uid, () => getResult(copyOf(acc.of)))),
    stored: RAW,
    encode: (acc) => (acc === null ? null : [encodeStored(acc.of)]),
    decode: (json) => (Array.isArray(json) ? { of: decodeStored(json[0]) } : null),
    takesNull: true,
  };
}

const copyOf = (value: unknown): unknown => decodeStored(encodeStored(value));
