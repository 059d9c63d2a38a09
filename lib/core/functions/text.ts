/** All functions on strings. */
import type { ScalarFunction } from './function.ts';
import { CASES } from './text/case.ts';
import { CONCATENATIONS } from './text/concat.ts';
import { ENCODINGS } from './text/encoding.ts';
import { HASHES } from './text/hashes.ts';
import { MATCHES } from './text/like.ts';
import { PADS } from './text/pad.ts';
import { PARSE_URL } from './text/parse-url.ts';
import { PRINTF } from './text/printf.ts';
import { REGULAR_EXPRESSIONS } from './text/regexp.ts';
import { REPLACEMENTS } from './text/replace.ts';
import { SEARCHES } from './text/search.ts';
import { SPLITS } from './text/split.ts';
import { SUBSTRINGS } from './text/substring.ts';
import { CHARACTER_TESTS } from './text/tests.ts';
import { TRIMS } from './text/trim.ts';

export const TEXT_FUNCTIONS: readonly ScalarFunction[] = [
  CASES,
  CHARACTER_TESTS,
  CONCATENATIONS,
  ENCODINGS,
  HASHES,
  MATCHES,
  PADS,
  REGULAR_EXPRESSIONS,
  REPLACEMENTS,
  SEARCHES,
  SPLITS,
  SUBSTRINGS,
  TRIMS,
  [PARSE_URL, PRINTF],
].flat();
