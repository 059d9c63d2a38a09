/** CAST from a string, by the rules of Flink's BinaryStringDataUtil and DateTimeUtils. */
import { daysFromCivil, daysInMonth, MS_PER_DAY } from '../calendar.ts';
import { fitsPrecision, parseDecimal, parseTruncated } from '../decimal.ts';
import { parseTime, withNanos } from '../parse-time.ts';
import { isNanos, type SqlType, type Value } from '../types.ts';
import { isInteger, isTimestamp } from './type-rules.ts';
import { wrapTo } from './wrap.ts';

/** Reads a text as a value; undefined says that it does not fit. */
export type TextReader = (text: string) => Value | undefined;

/** The reader for a type, or null if strings cannot be cast to it. */
export function castText(to: SqlType): TextReader | null {
  if (isInteger(to)) return (text) => readInteger(to, text.trim());
  if (isTimestamp(to)) return (text) => readTimestamp(to, text.trim());
  switch (to.kind) {
    case 'BOOLEAN':
      return (text) => BOOLEANS.get(text.trim().toLowerCase());
    case 'FLOAT':
      return (text) => rounded(readDouble(text.trim()));
    case 'DOUBLE':
      return (text) => readDouble(text.trim());
    case 'DECIMAL':
      return (text) => readDecimal(text.trim(), to.precision, to.scale);
    case 'DATE':
      return (text) => numberOrNothing(readDate(text.trim(), false));
    case 'TIME':
      return (text) => numberOrNothing(readTime(text.trim()));
    default:
      return null;
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'true', 'y', 'yes', '1'].map((text) => [text, true] as const),
  ...['f', 'false', 'n', 'no', '0'].map((text) => [text, false] as const),
]);

/** A fraction is cut off, an exponent refused, a number out of range too. */
function readInteger(to: SqlType, text: string): Value | undefined {
  const value = /^[+-]?\d+(\.\d*)?$/.test(text) ? parseTruncated(text) : null;
  if (value === null) return undefined;
  const wrapped = wrapTo(to, value);
  return BigInt(String(wrapped)) === value ? wrapped : undefined;
}

const DOUBLE_TEXT = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;

function readDouble(text: string): number | undefined {
  if (!DOUBLE_TEXT.test(text)) return undefined;
  return text.endsWith('NaN') ? NaN : Number(text);
}

const rounded = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.fround(value));

function readDecimal(text: string, precision: number, scale: number): bigint | undefined {
  const unscaled = parseDecimal(text, scale);
  return unscaled !== null && fitsPrecision(unscaled, precision) ? unscaled : undefined;
}

const numberOrNothing = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

/** `y-M-d` with one to four and two digits; month and day may be missing. NaN if it is no date. */
function readDate(text: string, smart: boolean): number {
  const match = /^(\d{1,4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text);
  const [year, month, day] = [Number(match?.[1] ?? NaN), Number(match?.[2] ?? 1), Number(match?.[3] ?? 1)];
  const last = daysInMonth(year, month);
  if (match === null || last === 0 || day < 1 || day > 31 || (day > last && !smart)) return NaN;
  return daysFromCivil(year, month, Math.min(day, last));
}

/** `H[:m[:s[.f]]]` in milliseconds; NaN if it is no time. */
function readTime(text: string): number {
  const match = /^(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(\.\d{1,9})?)?)?$/.exec(text);
  if (match === null) return NaN;
  const [hours, minutes, seconds] = [1, 2, 3].map((i) => (match[i] ?? '0').padStart(2, '0'));
  return parseTime(`${hours}:${minutes}:${seconds}${match[4] ?? ''}`);
}

/** A whole date, alone or with a whole time behind a blank; the day is clamped to the month. */
function readTimestamp(to: SqlType, text: string): Value | undefined {
  const match = /^(\d+-\d+-\d+)(?: (\d+:\d+:\d+(?:\.\d+)?))?$/.exec(text);
  const ms = readDate(match?.[1] ?? '', true) * MS_PER_DAY + readTime(match?.[2] ?? '0');
  if (Number.isNaN(ms)) return undefined;
  return isNanos(to) ? withNanos(text, ms) : ms;
}
