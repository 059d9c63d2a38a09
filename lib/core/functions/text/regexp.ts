/** REGEXP and its relatives, by the patterns of java.util.regex (SqlFunctionUtils). */
import { storable } from '../../code-points.ts';
import { PatternSyntaxError, javaPattern, type JavaPattern } from '../../java/regex.ts';
import { stringOf, type Present } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { CHARACTER_STRINGS, INTEGERS, STRINGS, inForms, inSignatures } from '../operands.ts';
import { aBoolean, aString, anInt } from './result.ts';

/** Null for what is no pattern. */
function patternOf(value: Present): JavaPattern | null {
  try {
    return javaPattern(stringOf(value));
  } catch (error) {
    if (error instanceof PatternSyntaxError) return null;
    throw error;
  }
}

/** The first match; the expression is shared, and remembers where it stopped. */
function firstMatch({ regex }: JavaPattern, text: string): RegExpExecArray | null {
  regex.lastIndex = 0;
  return regex.exec(text);
}

/** The empty pattern and what is no pattern match nothing. */
function matches(text: Present, regex: Present): boolean {
  const pattern = regex === '' ? null : patternOf(regex);
  return pattern !== null && firstMatch(pattern, stringOf(text)) !== null;
}

/** The replacement is literal: `$1` is a dollar and a one. */
function replaceAll(text: Present, regex: Present, replacement: Present): string | null {
  const pattern = patternOf(regex);
  return pattern === null ? null : storable(stringOf(text).replace(pattern.regex, () => stringOf(replacement)));
}

/** A group of the first match; NULL for a group that does not exist. */
function extract(text: Present, regex: Present, index: Present = 0): string | null {
  const pattern = patternOf(regex);
  const group = pattern?.groups[Number(index)];
  return pattern === null || group === undefined ? null : (firstMatch(pattern, stringOf(text))?.[group] ?? null);
}

function count(text: Present, regex: Present): number | null {
  const pattern = patternOf(regex);
  if (pattern === null) return null;
  let found = 0;
  for (const _ of stringOf(text).matchAll(pattern.regex)) found++;
  return found;
}

/** In UTF-16 units, from 1. */
function instr(text: Present, regex: Present): number | null {
  const pattern = patternOf(regex);
  return pattern === null ? null : (firstMatch(pattern, stringOf(text))?.index ?? -1) + 1;
}

const open = (): boolean => true;

/** Flink's own functions, which take NULL literals. */
const onPattern = (name: string, result: typeof aString, apply: (text: Present, regex: Present) => string | number | null): ScalarFunction => ({
  name,
  resolve: inSignatures(name, [[CHARACTER_STRINGS, CHARACTER_STRINGS]], result),
  takesNull: true,
  nullable: open,
  compile: strict(apply),
});

export const REGULAR_EXPRESSIONS: readonly ScalarFunction[] = [
  { name: 'REGEXP', resolve: inForms('REGEXP', [[STRINGS, STRINGS]], aBoolean), compile: strict(matches) },
  { name: 'REGEXP_REPLACE', resolve: inForms('REGEXP_REPLACE', [[STRINGS, STRINGS, STRINGS]], aString), nullable: open, compile: strict(replaceAll) },
  { name: 'REGEXP_EXTRACT', resolve: inForms('REGEXP_EXTRACT', [[STRINGS, STRINGS, INTEGERS], [STRINGS, STRINGS]], aString), nullable: open, compile: strict(extract) },
  onPattern('REGEXP_COUNT', anInt, count),
  onPattern('REGEXP_INSTR', anInt, instr),
  onPattern('REGEXP_SUBSTR', aString, (text, regex) => extract(text, regex)),
];
