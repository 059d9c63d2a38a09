/** Aggregate functions of a program in windows, in terms of the algebra that all windows have. */
import type { Aggregate } from '../aggregates/aggregate.ts';
import { FailedAggregate } from '../aggregates/failed-aggregate.ts';
import { errorText, thrownText } from '../error-text.ts';
import { assert, isError, SluiceError } from '../errors.ts';
import type { JsonValue } from '../plan.ts';
import { decodeStored, encodeStored } from '../stored-value.ts';
import { RAW, Raw, type Value } from '../types.ts';
import type { ProgramAggregate } from './aggregate-function.ts';
import { begin, type CallUnderWay } from './watchdog.ts';

/** The `AggregateCall.fn` of a function of the program. */
export const CODE = 'CODE';

/** An accumulator that a merge has failed on, where the job goes on without it: its window gives no result, whatever else comes. */
export class LostAccumulator {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

/** A key that no value of a program is stored under (`stored-value.ts`). */
const LOST = '$lost';

const encode = (acc: unknown): JsonValue => (acc instanceof LostAccumulator ? { [LOST]: acc.what } : encodeStored(acc));

function decode(json: JsonValue): unknown {
  const isLost = typeof json === 'object' && json !== null && LOST in json;
  return isLost ? new LostAccumulator(String(json[LOST])) : decodeStored(json);
}

/** Accumulators are stored as JSON, whatever the function is; null, of no rows, is what `createAccumulator` gives. */
const FORM = { zero: null, stored: RAW, takesNull: true, encode, decode } as const;

export interface AggregateContext {
  /** Of the window. */
  readonly uid: string;
  readonly call: CallUnderWay;
  /** The job goes on where the function fails (W10): what cannot be merged, or stored, becomes a `LostAccumulator`. */
  readonly leavesOut: boolean;
}

/**
 * Values and results are `Raw`. Of what the function is given, it may change the first accumulator: where the algebra forbids that, it gets a copy. What it
 * merges is at once what storing and reading gives: state that was restored is no other, and what cannot be stored gets into none. Throws FailedAggregate.
 */
export function aggregateOfFunction(fn: ProgramAggregate, context: AggregateContext): Aggregate {
  const { uid, leavesOut } = context;
  const own = (acc: unknown): unknown => acc ?? fn.createAccumulator();
  // Of zero it may keep what it is given, too.
  const absorb = (acc: unknown, b: unknown): unknown => (b === null ? acc : acc === null ? copyOf(b) : copyOf(fn.merge(acc, copyOf(b))));
  const kept = <T>(work: () => T): T | LostAccumulator => {
    try {
      return guarded(context, work);
    } catch (error) {
      if (leavesOut && error instanceof FailedAggregate) return new LostAccumulator(errorText(error.what));
      throw error;
    }
  };
  const merging = (a: unknown, b: unknown, work: () => unknown): unknown => (a instanceof LostAccumulator ? a : b instanceof LostAccumulator ? b : kept(work));
  return {
    ...FORM,
    mayFail: true,
    encode: (acc) => {
      const json = kept(() => encode(acc));
      return json instanceof LostAccumulator ? encode(json) : json;
    },
    add: (acc, value) => (acc instanceof LostAccumulator ? acc : guarded(context, () => fn.add(own(acc), valueOf(value)))),
    merge: (a, b) => merging(a, b, () => absorb(copyOf(a), b)),
    absorb: (acc, b) => merging(acc, b, () => absorb(acc, b)),
    // A result may be a part of the accumulator, which grows.
    result: (acc) => {
      if (acc instanceof LostAccumulator) throw new FailedAggregate({ code: 'FUNCTION_THREW', uid, what: acc.what });
      return new Raw(guarded(context, () => fn.getResult(own(copyOf(acc)))));
    },
  };
}

/** Where a plan is read without its program: accumulators can be carried from one place to another, and no more. */
export const UNKNOWN_CODE: Aggregate = { ...FORM, add: withoutProgram, merge: withoutProgram, result: withoutProgram };

function withoutProgram(): never {
  assert(false, 'the aggregate function of a program is called without it');
}

const copyOf = (acc: unknown): unknown => decodeStored(encodeStored(acc));
const valueOf = (value: Value): unknown => (value instanceof Raw ? value.value : value);

function guarded<T>({ uid, call }: AggregateContext, work: () => T): T {
  begin(call, uid);
  try {
    return work();
  } catch (error) {
    if (isError(error, 'STATE_VALUE_INVALID')) throw new FailedAggregate({ code: 'STATE_VALUE_INVALID', uid, what: error.message, cause: error, details: error.details });
    if (error instanceof SluiceError) throw error;
    throw new FailedAggregate({ code: 'FUNCTION_THREW', uid, what: thrownText(error), cause: error });
  }
}
