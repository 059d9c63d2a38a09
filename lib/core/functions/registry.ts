/** All scalar functions, by name. */
import { ARITHMETIC } from './arithmetic.ts';
import { ARRAY_FUNCTIONS } from './array-functions.ts';
import { COLLECTION_ACCESS } from './collection-access.ts';
import { COLLECTION_CONSTRUCTORS } from './collection-constructors.ts';
import { COMPARISONS } from './comparison.ts';
import { CONDITIONAL } from './conditional.ts';
import { ENFORCEMENTS } from './enforce.ts';
import type { ScalarFunction } from './function.ts';
import { JSON_CONSTRUCTORS } from './json-construct.ts';
import { JSON_QUERIES } from './json-query.ts';
import { LOGIC } from './logic.ts';
import { MAP_FUNCTIONS } from './map-functions.ts';
import { MATH } from './math.ts';
import { ROUNDINGS } from './round.ts';
import { ROWS_OF } from './rows-of.ts';
import { TEXT_FUNCTIONS } from './text.ts';
import { TIME } from './time.ts';
import { WINDOW_BOUNDS } from './window-bound.ts';

const GROUPS = [
  [ROWS_OF],
  ARITHMETIC,
  ARRAY_FUNCTIONS,
  COLLECTION_ACCESS,
  COLLECTION_CONSTRUCTORS,
  COMPARISONS,
  CONDITIONAL,
  ENFORCEMENTS,
  JSON_CONSTRUCTORS,
  JSON_QUERIES,
  LOGIC,
  MAP_FUNCTIONS,
  MATH,
  ROUNDINGS,
  TEXT_FUNCTIONS,
  TIME,
  WINDOW_BOUNDS,
];

export const SCALAR_FUNCTIONS: ReadonlyMap<string, ScalarFunction> = new Map(GROUPS.flat().map((fn) => [fn.name, fn]));
