/** Integers as Java has them. */
import type { SqlType, Value } from '../types.ts';
import { bitsOf, isBigint } from './type-rules.ts';

/** The value of an integer type, wrapped to its bits as in Java. */
export function wrapTo(to: SqlType, value: bigint): Value {
  const wrapped = BigInt.asIntN(bitsOf(to), value);
  return isBigint(to) ? wrapped : Number(wrapped);
}
