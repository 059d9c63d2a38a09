/** All scalar functions, by name. */
import { ARITHMETIC } from './arithmetic.ts';
import { CONDITIONAL } from './conditional.ts';
import type { ScalarFunction } from './function.ts';
import { LOGIC } from './logic.ts';

export const SCALAR_FUNCTIONS: ReadonlyMap<string, ScalarFunction> = new Map(
  [...ARITHMETIC, ...CONDITIONAL, ...LOGIC].map((fn) => [fn.name, fn]),
);
