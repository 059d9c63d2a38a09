/** Reads a value as the JavaScript type that its SQL type stands for (see types.ts); anything else is a defect. */
import { SluiceError } from './errors.ts';
import { Raw, type Value } from './types.ts';

/** A value that is not SQL NULL. */
export type Present = Exclude<Value, null>;

function mismatch(expected: string, value: Value): SluiceError {
  const got = value === null ? 'NULL' : typeof value;
  return new SluiceError('INVARIANT', { message: `a value should be a ${expected} but is ${got}: ${String(value)}` });
}

export function numberOf(value: Value): number {
  if (typeof value === 'number') return value;
  throw mismatch('number', value);
}

export function bigintOf(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  throw mismatch('bigint', value);
}

export function stringOf(value: Value): string {
  if (typeof value === 'string') return value;
  throw mismatch('string', value);
}

export function bytesOf(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw mismatch('Uint8Array', value);
}

export function rawOf(value: Value): Raw {
  if (value instanceof Raw) return value;
  throw mismatch('Raw', value);
}

/** Elements of an ARRAY, fields of a ROW. */
export function itemsOf(value: Value): readonly Value[] {
  if (isItems(value)) return value;
  throw mismatch('array', value);
}

/** Entries of a MAP or MULTISET: `[key, value]`, `[element, count]`. */
export const entriesOf = (value: Value): readonly (readonly Value[])[] => itemsOf(value).map(itemsOf);

/** The value is that of a nested type. */
export const isItems = (value: Value): value is readonly Value[] => Array.isArray(value);
