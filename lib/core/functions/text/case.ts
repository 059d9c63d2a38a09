/** UPPER, LOWER, INITCAP, REVERSE and the length of strings. */
import { codePointLength } from '../../code-points.ts';
import { stringOf } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { CHARACTERS, STRINGS, inForms, type Family, type Result } from '../operands.ts';
import { aString, anInt, sameAsFirst } from './result.ts';

const onText = (name: string, family: Family, result: Result, apply: (text: string) => string | number): ScalarFunction => ({
  name,
  resolve: inForms(name, [[family]], result),
  compile: strict((text) => apply(stringOf(text))),
});

/** Words are runs of ASCII letters and digits; other characters stay as they are and end a word (Calcite's SqlFunctions.initcap). */
const initcap = (text: string): string => text.replace(/[A-Za-z0-9]+/g, (word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase());

export const CASES: readonly ScalarFunction[] = [
  onText('UPPER', CHARACTERS, sameAsFirst, (text) => text.toUpperCase()),
  onText('LOWER', CHARACTERS, sameAsFirst, (text) => text.toLowerCase()),
  onText('INITCAP', CHARACTERS, sameAsFirst, initcap),
  { ...onText('REVERSE', STRINGS, aString, (text) => [...text].reverse().join('')), nullable: () => true },
  onText('CHAR_LENGTH', CHARACTERS, anInt, codePointLength),
  onText('CHARACTER_LENGTH', CHARACTERS, anInt, codePointLength),
];
