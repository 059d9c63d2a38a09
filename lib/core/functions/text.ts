/** Functions on strings. Positions count characters (code points) from 1. */
import type { Expression } from '../plan.ts';
import { BOOLEAN, STRING, type SqlType } from '../types.ts';
import { stringOf, type Present } from '../value-access.ts';
import { signature, strict, type CallExpression, type Evaluator, type ScalarFunction, type Signature } from './function.ts';
import { likePattern } from './like.ts';
import { INTEGER, TEXT, int, isText, string } from './type-rules.ts';

/** `SUBSTRING(s, start [, length])`: start 0 is 1, a negative one counts from the end, a negative length is NULL. */
function substring(value: Present, start: Present, length?: Present): string | null {
  const chars = [...stringOf(value)];
  const at = Number(start);
  const from = at > 0 ? at - 1 : at === 0 ? 0 : chars.length + at;
  if (length !== undefined && Number(length) < 0) return null;
  return from < 0 ? '' : chars.slice(from, length === undefined ? undefined : from + Number(length)).join('');
}

const characters = (text: string): number => [...text].length;

function position(part: Present, text: Present): number {
  const found = stringOf(text).indexOf(stringOf(part));
  return found < 0 ? 0 : characters(stringOf(text).slice(0, found)) + 1;
}

/** `TRIM(side, characters, text)`, the arguments of `TRIM(side characters FROM text)`. */
function trim(side: Present, characters: Present, text: Present): string {
  const set = new Set(stringOf(characters));
  const chars = [...stringOf(text)];
  let from = 0;
  let to = chars.length;
  if (side !== 'TRAILING') while (from < to && set.has(chars[from] ?? '')) from++;
  if (side !== 'LEADING') while (to > from && set.has(chars[to - 1] ?? '')) to--;
  return chars.slice(from, to).join('');
}

function manyTexts(args: readonly Expression[]): Signature | string {
  const fits = args.length > 0 && args.every(({ type }) => isText(type));
  return fits ? { args: args.map(({ type }) => type), type: STRING } : 'it takes strings; CAST other types';
}

const join = (...parts: Present[]): string => parts.map(stringOf).join('');

/** The separator stands between the arguments that are not NULL. */
const CONCAT_WS: ScalarFunction = {
  name: 'CONCAT_WS',
  resolve: manyTexts,
  nullable: ([separator = true]) => separator,
  compile: ([separator, ...parts]) => (row) => {
    const between = separator?.(row) ?? null;
    const present = parts.map((part) => part(row)).filter((part) => part !== null);
    return between === null ? null : present.join(stringOf(between));
  },
};

/** As a function, since `$&` means itself in SQL. */
const replace = (text: Present, from: Present, to: Present): string => stringOf(text).replaceAll(stringOf(from), () => stringOf(to));

const boolean = (): SqlType => BOOLEAN;

/** A constant pattern is compiled once. */
function compileLike(args: readonly Evaluator[], call: CallExpression): Evaluator {
  const [text, pattern, escape] = args;
  const constant = call.args.slice(1).every(({ op }) => op === 'literal');
  const written = constant ? pattern?.([]) : null;
  const sign = constant ? escape?.([]) : null;
  if (text === undefined || typeof written !== 'string' || sign === null) return strict(matches)(args);
  const regex = likePattern(written, sign === undefined ? null : stringOf(sign));
  return strict((value) => regex.test(stringOf(value)))([text]);
}

const matches = (text: Present, pattern: Present, escape?: Present): boolean =>
  likePattern(stringOf(pattern), escape === undefined ? null : stringOf(escape)).test(stringOf(text));

const onText = (name: string, apply: (text: string) => string): ScalarFunction => ({
  name,
  resolve: signature([TEXT], string),
  compile: strict((text) => apply(stringOf(text))),
});

const length = (name: string): ScalarFunction => ({
  name,
  resolve: signature([TEXT], int),
  compile: strict((text) => characters(stringOf(text))),
});

const substringOf = (name: string): ScalarFunction => ({
  name,
  resolve: signature([TEXT, INTEGER, INTEGER], string, 2),
  nullable: (args) => args.length > 2 || args.some(Boolean),
  compile: strict(substring),
});

export const TEXT_FUNCTIONS: readonly ScalarFunction[] = [
  onText('UPPER', (text) => text.toUpperCase()),
  onText('LOWER', (text) => text.toLowerCase()),
  onText('REVERSE', (text) => [...text].reverse().join('')),
  onText('LTRIM', (text) => trim('LEADING', ' ', text)),
  onText('RTRIM', (text) => trim('TRAILING', ' ', text)),
  length('CHAR_LENGTH'),
  length('CHARACTER_LENGTH'),
  substringOf('SUBSTRING'),
  substringOf('SUBSTR'),
  { name: 'TRIM', resolve: signature([TEXT, TEXT, TEXT], string), compile: strict(trim) },
  { name: 'REPLACE', resolve: signature([TEXT, TEXT, TEXT], string), compile: strict(replace) },
  { name: 'POSITION', resolve: signature([TEXT, TEXT], int), compile: strict(position) },
  { name: 'LIKE', resolve: signature([TEXT, TEXT, TEXT], boolean, 2), compile: compileLike },
  { name: '||', resolve: manyTexts, compile: strict(join) },
  { name: 'CONCAT', resolve: manyTexts, compile: strict(join) },
  CONCAT_WS,
];
