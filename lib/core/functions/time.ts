/** Functions on dates and times. */
import { EXTRACTS } from './extract.ts';
import type { ScalarFunction } from './function.ts';
import { DIFFERENCES } from './time-difference.ts';
import { CURRENT_TIMES } from './time-now.ts';
import { TIME_PARSERS } from './time-parse.ts';
import { ROUNDINGS } from './time-rounding.ts';
import { TIME_TEXTS } from './time-text.ts';

export const TIME: readonly ScalarFunction[] = [...EXTRACTS, ...ROUNDINGS, ...DIFFERENCES, ...TIME_TEXTS, ...TIME_PARSERS, ...CURRENT_TIMES];
