/** Text as wall clocks, by the parts of a pattern (java.time's DateTimeFormatter.parse, strict about the text and SMART about the values). */
import { textsOf } from './datetime-format.ts';
import { isFraction, type Field, type NumberPart, type Part } from './datetime-pattern.ts';
import { resolveFields } from './datetime-resolve.ts';
import type { DateTime } from './date-time.ts';

/** What was read so far, and where the next part begins. */
export interface Reading {
  readonly text: string;
  position: number;
  fields: Map<Field, number>;
}

/** Where reading failed. */
interface Failure {
  readonly failedAt: number;
}

/** The wall clock, with January, the first and midnight for what the pattern does not have; or what java.time says is wrong. */
export function parseDateTime(parts: readonly Part[], text: string): DateTime | string {
  const reading: Reading = { text, position: 0, fields: new Map() };
  const failure = readAll(parts, reading);
  if (failure !== null) return `Text '${shortened(text)}' could not be parsed at index ${failure.failedAt}`;
  if (reading.position < text.length) {
    return `Text '${shortened(text)}' could not be parsed, unparsed text found at index ${reading.position}`;
  }
  return resolveFields(reading.fields);
}

const shortened = (text: string): string => (text.length > 64 ? `${text.slice(0, 64)}...` : text);

function readAll(parts: readonly Part[], reading: Reading): Failure | null {
  for (const part of parts) {
    const failure = readPart(part, reading);
    if (failure !== null) return failure;
  }
  return null;
}

const failAt = (failedAt: number): Failure => ({ failedAt });

function readPart(part: Part, reading: Reading): Failure | null {
  switch (part.kind) {
    case 'literal':
      if (!reading.text.startsWith(part.text, reading.position)) return failAt(reading.position);
      reading.position += part.text.length;
      return null;
    case 'number':
      return readNumber(part, reading);
    case 'text':
      return readText(part.field, part.style, reading);
    case 'fraction':
      return readFraction(reading);
    case 'optional':
      return readOptional(part.parts, reading);
    case 'zone':
      return readZone(reading);
  }
}

/** What cannot be read is as if it were not there. */
function readOptional(parts: readonly Part[], reading: Reading): null {
  const { position, fields } = reading;
  reading.fields = new Map(fields);
  if (readAll(parts, reading) !== null) {
    reading.position = position;
    reading.fields = fields;
  }
  return null;
}

/** A field that is read twice must have one value. */
function put(reading: Reading, field: Field, value: number, from: number, to: number): Failure | null {
  const old = reading.fields.get(field);
  if (old !== undefined && old !== value) return failAt(from);
  reading.fields.set(field, value);
  reading.position = to;
  return null;
}

/** Digits from `from`, at most `most`. */
function digitsAt(text: string, from: number, most: number): string {
  let end = from;
  while (end < text.length && end - from < most && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return text.slice(from, end);
}

function readNumber(part: NumberPart, reading: Reading): Failure | null {
  const { text, position: start } = reading;
  const { min, max, sign, following } = part;
  const char = text.charAt(start);
  const signed = char === '-' || char === '+';
  const takesSign = sign === 'EXCEEDS_PAD' || (sign === 'NORMAL' && char === '-');
  if (start === text.length || (signed && !takesSign)) return failAt(start);
  const from = signed ? start + 1 : start;
  const isExact = following === -1 || (following > 0 && min === max && sign === 'NOT_NEGATIVE');
  const most = (isExact ? min : max) + Math.max(following, 0);
  let digits = digitsAt(text, from, most);
  if (digits.length < min) return failAt(from);
  if (following > 0) digits = digits.slice(0, Math.max(min, digits.length - following));
  const to = from + digits.length;
  if (char === '-') return Number(digits) === 0 ? failAt(start) : putNumber(part, reading, 0 - Number(digits), from, to);
  if (sign === 'EXCEEDS_PAD' && (char === '+') !== (digits.length > min)) return failAt(start);
  return putNumber(part, reading, valueOf(part, digits), from, to);
}

function valueOf(part: NumberPart, digits: string): number {
  if (isFraction(part)) return Number(digits.padEnd(9, '0'));
  return part.reduced === true ? 2000 + Number(digits) : Number(digits);
}

const putNumber = (part: NumberPart, reading: Reading, value: number, from: number, to: number): Failure | null =>
  put(reading, part.field, value, from, to);

/** Nothing, or a point with up to nine digits behind it. */
function readFraction(reading: Reading): Failure | null {
  const { text, position } = reading;
  if (text.charAt(position) !== '.') return put(reading, 'NanoOfSecond', 0, position, position);
  const digits = digitsAt(text, position + 1, 9);
  return put(reading, 'NanoOfSecond', Number(digits.padEnd(9, '0')), position, position + 1 + digits.length);
}

function readText(field: Field, style: 'short' | 'full' | 'narrow', reading: Reading): Failure | null {
  const { text, position } = reading;
  const found = textsOf(field, style).toSorted(([, a], [, b]) => b.length - a.length).find(([, each]) => text.startsWith(each, position));
  return found === undefined ? failAt(position) : put(reading, field, found[0], position, position + found[1].length);
}

/** An offset or a zone; a wall clock does not mind it. */
function readZone(reading: Reading): Failure | null {
  const zone = /^(?:Z|(?:UTC|GMT|UT)?[+-]\d{1,2}(?::?\d{2}(?::?\d{2})?)?|[A-Z][A-Za-z0-9_+/-]+)/.exec(reading.text.slice(reading.position));
  if (zone === null) return failAt(reading.position);
  reading.position += zone[0].length;
  return null;
}
