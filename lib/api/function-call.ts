/** Calls of the functions of a program on rows of `STREAM_ROW`. */
import { thrownText } from '../core/error-text.ts';
import { isError, SluiceError } from '../core/errors.ts';
import type { TransformRow } from '../core/process/code.ts';
import { Raw, type Value } from '../core/types.ts';
import type { Uid } from '../core/numbers.ts';

/** The value of a row, as the program knows it. */
export const valueOf = (value: Value | undefined): unknown => (value instanceof Raw ? value.value : (value ?? null));

/** What the call gives; FUNCTION_THREW with the uid where it throws, but errors of Sluice as they are. */
export function called<T>(uid: Uid, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (isError(error)) throw error;
    throw new SluiceError('FUNCTION_THREW', { message: `the function of ${uid} fails: ${thrownText(error)}`, details: { uid }, cause: error });
  }
}

/** Each value becomes these, at the same event time. */
export function valuesTransform(uid: Uid, valuesFor: (value: unknown) => readonly unknown[]): TransformRow {
  return ([value, time = null], next) => {
    for (const out of called(uid, () => valuesFor(valueOf(value)))) next([new Raw(out), time]);
  };
}
