/** All scalar functions, by name. */
import { WINDOW_BOUNDS } from './window-bound.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { CONDITIONAL } from './conditional.ts';
import type { ScalarFunction } from './function.ts';
import { LOGIC } from './logic.ts';

export const SCALAR_FUNCTIONS: ReadonlyMap<string, ScalarFunction> = new Map(
  [...ARITHMETIC, ...CONDITIONAL, ...LOGIC, ...WINDOW_BOUNDS].map((fn) => [fn.name, fn]),
);
