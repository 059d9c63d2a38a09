/** Text as instants, by the rules of java.text.SimpleDateFormat: lenient about values, and what follows the pattern is ignored. */
import { MS_PER_DAY } from '../calendar.ts';
import { MONTHS, WEEKDAYS } from './date-time.ts';
import { daysFromHybrid } from './hybrid-calendar.ts';
import type { SimplePart } from './simple-pattern.ts';
import { toEpoch, type TimeZone } from './zone.ts';

/** Two digits of a year are one of the hundred years from here; Java counts 80 years back from the day it is asked. */
const CENTURY_FROM = 1946;

interface Reading {
  readonly text: string;
  position: number;
  /** Values by letter. */
  readonly values: Map<string, number>;
  offset: number | null;
}

/** Epoch milliseconds; null if the text is not of this pattern. */
export function parseSimple(parts: readonly SimplePart[], text: string, zone: TimeZone): number | null {
  const reading: Reading = { text, position: 0, values: new Map(), offset: null };
  for (const part of parts) {
    const fits = part.kind === 'literal' ? readLiteral(part.text, reading) : readField(part.letter, part.count, part.abuts, reading);
    if (!fits) return null;
  }
  const local = localOf(reading.values);
  return reading.offset === null ? toEpoch(zone, local, true) : local - reading.offset;
}

function readLiteral(literal: string, reading: Reading): boolean {
  if (!reading.text.startsWith(literal, reading.position)) return false;
  reading.position += literal.length;
  return true;
}

function readField(letter: string, count: number, abuts: boolean, reading: Reading): boolean {
  while (' \t'.includes(reading.text.charAt(reading.position)) && reading.position < reading.text.length) reading.position++;
  if (reading.position >= reading.text.length) return false;
  switch (letter) {
    case 'M':
    case 'L':
      return count <= 2 ? readNumber('M', count, abuts, reading) : readName('M', MONTHS, 1, reading);
    case 'E':
      return readName('E', WEEKDAYS, 0, reading);
    case 'a':
      return readName('a', ['AM', 'PM'], 0, reading);
    case 'G':
      return readName('G', ['BC', 'AD'], 0, reading);
    case 'z':
    case 'Z':
    case 'X':
      return readOffset(reading);
    default:
      return readNumber(letter, count, abuts, reading);
  }
}

/** The full name or its first three letters, in any case. */
function readName(letter: string, names: readonly string[], first: number, reading: Reading): boolean {
  const rest = reading.text.slice(reading.position).toLowerCase();
  for (const length of [undefined, 3]) {
    const index = names.findIndex((name) => rest.startsWith(name.slice(0, length).toLowerCase()));
    if (index < 0) continue;
    reading.values.set(letter, index + first);
    reading.position += names[index]?.slice(0, length).length ?? 0;
    return true;
  }
  return false;
}

function readNumber(letter: string, count: number, abuts: boolean, reading: Reading): boolean {
  const { text, position } = reading;
  if (abuts && position + count > text.length) return false;
  const digits = /^-?\d+/.exec(text.slice(position, abuts ? position + count : undefined))?.[0];
  if (digits === undefined) return false;
  reading.position += digits.length;
  const value = Number(digits) | 0;
  reading.values.set(letter, letter === 'y' && count <= 2 && /^\d\d$/.test(digits) ? yearOf(value) : value);
  return true;
}

const yearOf = (twoDigits: number): number => CENTURY_FROM - (CENTURY_FROM % 100) + twoDigits + (twoDigits < CENTURY_FROM % 100 ? 100 : 0);

function readOffset(reading: Reading): boolean {
  const match = /^(?:Z|UTC|GMT|(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?)/.exec(reading.text.slice(reading.position));
  if (match === null) return false;
  const size = (Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0)) * 60_000;
  reading.offset = match[1] === '-' ? 0 - size : size;
  reading.position += match[0].length;
  return true;
}

function localOf(values: ReadonlyMap<string, number>): number {
  const year = values.get('G') === 0 ? 1 - (values.get('y') ?? 1970) : (values.get('y') ?? 1970);
  const dayOfYear = values.get('D');
  const byYear = dayOfYear !== undefined && !values.has('d') && !values.has('M');
  const days = byYear ? daysFromHybrid(year, 1, dayOfYear) : daysFromHybrid(year, values.get('M') ?? 1, values.get('d') ?? 1);
  const seconds = (hourOf(values) * 60 + (values.get('m') ?? 0)) * 60 + (values.get('s') ?? 0);
  return days * MS_PER_DAY + seconds * 1000 + (values.get('S') ?? 0);
}

function hourOf(values: ReadonlyMap<string, number>): number {
  const half = values.get('h') ?? values.get('K');
  const day = values.get('H') ?? values.get('k');
  if (day !== undefined) return values.has('k') && day === 24 ? 0 : day;
  return half === undefined ? (values.get('a') ?? 0) * 12 : (half % 12) + (values.get('a') ?? 0) * 12;
}
