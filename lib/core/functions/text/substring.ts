/** SUBSTRING, LEFT, RIGHT, OVERLAY and SPLIT_INDEX. Positions count from 1. */
import { codePointLength, sliceCodePoints, storable } from '../../code-points.ts';
import { stringOf, type Present } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { CHARACTERS, INTEGERS, STRINGS, inForms } from '../operands.ts';
import { aString, joined, varying } from './result.ts';

/** Start 0 is 1, a negative one counts from the end, a negative length is NULL (BinaryStringDataUtil.substringSQL). */
function substring(value: Present, start: Present, length?: Present): string | null {
  const [text, at] = [stringOf(value), Number(start)];
  if (length !== undefined && Number(length) < 0) return null;
  const from = at > 0 ? at - 1 : at === 0 ? 0 : codePointLength(text) + at;
  if (from < 0) return '';
  return sliceCodePoints(text, from, length === undefined ? Infinity : from + Number(length));
}

const left = (value: Present, length: Present): string => sliceCodePoints(stringOf(value), 0, Math.max(Number(length), 0));

function right(value: Present, length: Present): string {
  const text = stringOf(value);
  const size = codePointLength(text);
  return Number(length) <= 0 ? '' : sliceCodePoints(text, Math.max(size - Number(length), 0), size);
}

/** In UTF-16 units; a start outside of the string changes nothing, and a length of 0 or less cuts the rest off (SqlFunctionUtils.overlay). */
function overlay(value: Present, part: Present, start: Present, length?: Present): string {
  const [text, replacement, at] = [stringOf(value), stringOf(part), Number(start)];
  if (at <= 0 || at > text.length) return text;
  const size = length === undefined ? replacement.length : Number(length);
  const rest = at + size <= text.length && size > 0 ? text.slice(at - 1 + size) : '';
  return storable(text.slice(0, at - 1) + replacement + rest);
}

const part = (name: string, apply: (value: Present, length: Present) => string): ScalarFunction => ({
  name,
  resolve: inForms(name, [[STRINGS, INTEGERS]], varying(0)),
  nullable: () => true,
  compile: strict(apply),
});

const substringOf = (name: string): ScalarFunction => ({
  name,
  resolve: inForms(name, [[CHARACTERS, INTEGERS], [CHARACTERS, INTEGERS, INTEGERS]], varying(0)),
  nullable: () => true,
  compile: strict(substring),
});

/** A text separator, or the code of a character, which must be below 256. An empty text has no parts, and a blank separates where none is given. */
function splitIndex(value: Present, separator: Present, index: Present): string | null {
  const [text, at] = [stringOf(value), Number(index)];
  const by = typeof separator === 'string' ? separator || ' ' : characterOf(Number(separator));
  if (at < 0 || text === '' || by === null) return null;
  return text.split(by)[at] ?? null;
}

const characterOf = (code: number): string | null => (code < 1 || code > 255 ? null : String.fromCharCode(code));

export const SUBSTRINGS: readonly ScalarFunction[] = [
  substringOf('SUBSTRING'),
  substringOf('SUBSTR'),
  part('LEFT', left),
  part('RIGHT', right),
  {
    name: 'OVERLAY',
    resolve: inForms('OVERLAY', [[STRINGS, STRINGS, INTEGERS], [STRINGS, STRINGS, INTEGERS, INTEGERS]], ([a, b]) =>
      varying(0)([joined(a ?? aString([]), b ?? aString([]))]),
    ),
    compile: strict(overlay),
  },
  {
    name: 'SPLIT_INDEX',
    resolve: inForms('SPLIT_INDEX', [[STRINGS, INTEGERS, INTEGERS], [STRINGS, STRINGS, INTEGERS]], aString),
    nullable: () => true,
    compile: strict(splitIndex),
  },
];
