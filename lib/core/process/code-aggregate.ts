/** Aggregate functions of a program in windows, in terms of the algebra that all windows have. */
import type { Aggregate } from '../aggregates/aggregate.ts';
import { assert, isError, SluiceError } from '../errors.ts';
import { decodeStored, encodeStored } from '../stored-value.ts';
import { RAW, Raw, type Value } from '../types.ts';
import type { AggregateFunction } from './aggregate-function.ts';

/** The `AggregateCall.fn` of a function of the program. */
export const CODE = 'CODE';

/** Accumulators are stored as JSON, whatever the function is; null, of no rows, is what `createAccumulator` gives. */
const FORM = { zero: null, stored: RAW, takesNull: true, encode: encodeStored, decode: decodeStored } as const;

/**
 * Values and results are `Raw`. Of what the function is given, it may change the first accumulator: where the algebra forbids that, it gets a copy. What it
 * merges is at once what storing and reading gives: state that was restored is no other, and what cannot be stored gets into none. Throws FUNCTION_THREW for
 * errors of the function, and STATE_VALUE_INVALID. `uid`: of the window, for messages.
 */
export function aggregateOfFunction(fn: AggregateFunction<unknown, unknown, unknown>, uid: string): Aggregate {
  const own = (acc: unknown): unknown => acc ?? fn.createAccumulator();
  // Of zero it may keep what it is given, too.
  const absorb = (acc: unknown, b: unknown): unknown => (b === null ? acc : acc === null ? copyOf(b) : copyOf(fn.merge(acc, copyOf(b))));
  return {
    ...FORM,
    encode: (acc) => guarded(uid, () => encodeStored(acc)),
    add: (acc, value) => guarded(uid, () => fn.add(own(acc), valueOf(value))),
    merge: (a, b) => guarded(uid, () => absorb(copyOf(a), b)),
    absorb: (acc, b) => guarded(uid, () => absorb(acc, b)),
    // A result may be a part of the accumulator, which grows.
    result: (acc) => new Raw(guarded(uid, () => fn.getResult(own(copyOf(acc))))),
  };
}

/** Where a plan is read without its program: accumulators can be carried from one place to another, and no more. */
export const UNKNOWN_CODE: Aggregate = { ...FORM, add: withoutProgram, merge: withoutProgram, result: withoutProgram };

function withoutProgram(): never {
  assert(false, 'the aggregate function of a program is called without it');
}

const copyOf = (acc: unknown): unknown => decodeStored(encodeStored(acc));
const valueOf = (value: Value): unknown => (value instanceof Raw ? value.value : value);

function guarded<T>(uid: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (isError(error, 'STATE_VALUE_INVALID')) throw new SluiceError(error.code, { message: `the accumulator of window ${uid}: ${error.message}`, cause: error, details: { ...error.details, uid } });
    if (error instanceof SluiceError) throw error;
    const message = `an aggregate function of the program failed: ${error instanceof Error ? error.message : String(error)}`;
    throw new SluiceError('FUNCTION_THREW', { message, cause: error });
  }
}
