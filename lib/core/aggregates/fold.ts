/** Aggregates that remember one value. */
import { decodeValue, encodeValue } from '../value-codec.ts';
import type { SqlType, Value } from '../types.ts';
import type { Aggregate } from './aggregate.ts';

/** An aggregate whose accumulator is one value of `type`, NULL without rows, combined pairwise. */
export function foldOf(type: SqlType, combine: (a: Value, b: Value) => Value): Aggregate<Value> {
  return {
    zero: null,
    stored: type,
    add: (acc, value) => (acc === null ? value : combine(acc, value)),
    merge: (a, b) => (a === null ? b : b === null ? a : combine(a, b)),
    result: (acc) => acc,
    encode: (acc) => encodeValue(type, acc),
    decode: (json) => decodeValue(type, json),
  };
}
