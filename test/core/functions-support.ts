/** Calls of scalar functions on literals. */
import { callFunction, compileExpression, literal } from '../../lib/core/expression.ts';
import type { Expression } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, type Value } from '../../lib/core/types.ts';

/** A NULL is a STRING. */
const literalOf = (value: Value): Expression => {
  if (typeof value === 'number') return literal(Number.isInteger(value) ? INT : DOUBLE, value);
  if (typeof value === 'bigint') return literal(BIGINT, value);
  return literal(typeof value === 'boolean' ? BOOLEAN : value instanceof Uint8Array ? { kind: 'VARBINARY', length: value.length } : STRING, value);
};

/** The result of a call, or why there is none. */
export function callOf(fn: string, ...args: (Value | Expression)[]): Expression | string {
  return callFunction(fn, args.map((argument) => (argument !== null && typeof argument === 'object' && 'op' in argument ? argument : literalOf(argument))));
}

/** The value of a call; it fails where the function does not take the arguments. */
export function valueOf(fn: string, ...args: (Value | Expression)[]): Value {
  const made = callOf(fn, ...args);
  if (typeof made === 'string') throw new Error(made);
  return compileExpression(made)([]);
}
