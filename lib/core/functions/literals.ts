/** Arguments that must be literals, because a type or a compiled form depends on them. */
import type { Expression } from '../plan.ts';
import { decodeValue } from '../value-codec.ts';

/** The value of an integer literal, a sign included; null for any other expression. */
export function literalNumber(e: Expression): number | null {
  if (e.op === 'call') {
    const size = e.fn === 'UNARY MINUS' && e.args[0] !== undefined ? literalNumber(e.args[0]) : null;
    return size === null ? null : 0 - size;
  }
  const value = e.op === 'literal' ? decodeValue(e.type, e.value) : null;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
}

/** The value of a string literal; null for any other expression. */
export function literalString(e: Expression | undefined): string | null {
  const value = e?.op === 'literal' ? decodeValue(e.type, e.value) : null;
  return typeof value === 'string' ? value : null;
}
