/** No function fails otherwise than with EXPRESSION_FAILED, whatever arguments it says to take. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { callFunction, compileExpression, literal } from '../../lib/core/expression.ts';
import { COMPARISONS } from '../../lib/core/functions/comparison.ts';
import { CONDITIONAL } from '../../lib/core/functions/conditional.ts';
import { MATH } from '../../lib/core/functions/math.ts';
import { ROUNDINGS } from '../../lib/core/functions/round.ts';
import { TEXT_FUNCTIONS } from '../../lib/core/functions/text.ts';
import type { Expression } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, BYTES, DOUBLE, INT, STRING, type Value } from '../../lib/core/types.ts';

const strings = ['', 'abc', '(', '[a-', '😀\ud83d', '%d', '%', 'UTF-8', 'http://x?q=1', null].map((value) => literal(STRING, value));
const numbers = [0, 1, -2147483648, 2147483647, null].map((value) => literal(INT, value));
const doubles = [NaN, Infinity, -0, 1e308, 5e-324, null].map((value) => literal(DOUBLE, value));
const others = [literal(BIGINT, 2n ** 63n - 1n), literal(BIGINT, -(2n ** 63n)), literal({ kind: 'DECIMAL', precision: 10, scale: 2 }, 12345n), literal(BYTES, Uint8Array.of(255, 0)), literal(BOOLEAN, true), literal(BOOLEAN, null)];

function outcome(name: string, args: readonly Expression[]): Value {
  const made = callFunction(name, args);
  if (typeof made === 'string') return made;
  try {
    return compileExpression(made)([]);
  } catch (error) {
    if (isError(error, 'EXPRESSION_FAILED')) return error.message;
    throw error;
  }
}

test.each([COMPARISONS, CONDITIONAL, MATH, ROUNDINGS, TEXT_FUNCTIONS].flat().map(({ name }) => name))('%s', (name) => {
  const args = fc.array(fc.constantFrom(...strings, ...numbers, ...doubles, ...others), { minLength: 0, maxLength: 4 });
  fc.assert(
    fc.property(args, (given) => {
      expect(() => outcome(name, given)).not.toThrow();
    }),
    { numRuns: 300 },
  );
});
