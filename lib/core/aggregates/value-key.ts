/** Values as keys of a Map, for sets and multisets of them. */
import type { SqlType, Value } from '../types.ts';
import { encodeValue } from '../value-codec.ts';

export type ValueKey = null | boolean | number | bigint | string;

/** Equal keys are equal values, as Java's `equals` has it: NaN equals itself, and 0.0 is not -0.0. */
export function keyer(type: SqlType): (value: Value) => ValueKey {
  return (value) => {
    if (typeof value === 'object' && value !== null) return JSON.stringify(encodeValue(type, value));
    return Object.is(value, -0) ? '-0' : value;
  };
}
