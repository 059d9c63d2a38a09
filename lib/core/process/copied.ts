/** Values of a program that go several ways: what a function does to the one it gets, others must not see (Flink copies between operators). */
import { isError } from '../errors.ts';
import { decodeStored, encodeStored } from '../stored-value.ts';
import { Raw, type Value } from '../types.ts';

/** A value that nobody else holds. What cannot be stored, as an instance of a class, stays what it is. */
export function copied(value: Value): Value {
  if (!(value instanceof Raw) || typeof value.value !== 'object') return value;
  try {
    return new Raw(decodeStored(encodeStored(value.value)));
  } catch (error) {
    if (isError(error, 'STATE_VALUE_INVALID')) return value;
    throw error;
  }
}
