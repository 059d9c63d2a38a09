/** REPLACE and TRANSLATE. */
import { stringOf, type Present } from '../../value-access.ts';
import { strict, type Evaluator, type ScalarFunction } from '../function.ts';
import { CHARACTER_STRINGS, STRINGS, inForms, inSignatures } from '../operands.ts';
import { aString } from './result.ts';

/** Literally; the empty string is found between all characters. By a function, since `$&` means itself in SQL. */
const replace = (text: Present, from: Present, to: Present): string => stringOf(text).replaceAll(stringOf(from), () => stringOf(to));

/** Each character of `from` becomes the one at its place in `to`, or nothing where `to` is shorter; the first of several counts. */
function translate(text: string, from: string, to: string): string {
  const replacements = [...to];
  const dictionary = new Map([...from].map((char, i) => [char, replacements[i] ?? ''] as const).reverse());
  return [...text].map((char) => dictionary.get(char) ?? char).join('');
}

/** NULL characters to translate leave the text as it is, and NULL replacements are none. */
function compileTranslate([text, from, to]: readonly Evaluator[]): Evaluator {
  return (row) => {
    const [value, sought, replacement] = [text?.(row) ?? null, from?.(row) ?? null, to?.(row) ?? ''];
    return value === null || sought === null ? value : translate(stringOf(value), stringOf(sought), stringOf(replacement));
  };
}

export const REPLACEMENTS: readonly ScalarFunction[] = [
  { name: 'REPLACE', resolve: inForms('REPLACE', [[STRINGS, STRINGS, STRINGS]], aString), compile: strict(replace) },
  {
    name: 'TRANSLATE',
    resolve: inSignatures('TRANSLATE', [[CHARACTER_STRINGS, CHARACTER_STRINGS, CHARACTER_STRINGS]], aString),
    takesNull: true,
    nullable: ([text = true]) => text,
    compile: compileTranslate,
  },
];
