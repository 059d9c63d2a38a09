/** Dates and timestamps from text, by character codes: the inner loop of the JSON format. Failure is NaN, not a throw. */
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, NANOS_PER_MS, daysFromCivil, daysInMonth } from './calendar.ts';

const ZERO = 48;
const DASH = 45;
const COLON = 58;
const POINT = 46;
const LOWER_CASE = 32;
const UPPER_Z = 90;

/** Which of the texts that Flink's formatters take is meant. */
export interface TimestampRules {
  readonly separator: ' ' | 'T';
  /** ISO-8601 takes `10:00`, SQL does not. */
  readonly optionalSeconds: boolean;
  /** A `Z` at the end is needed (TIMESTAMP_LTZ) or refused (TIMESTAMP). */
  readonly zone: boolean;
  /** java.time's SMART resolver turns February 30th into the last day of February, and 24:00:00 into the next day; STRICT refuses them. */
  readonly smart: boolean;
}

/** Two digits at `i`, or NaN. */
function two(text: string, i: number): number {
  const tens = text.charCodeAt(i) - ZERO;
  const ones = text.charCodeAt(i + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** `yyyy-MM-dd` at the start of the text as yyyymmdd, or NaN. */
function dateDigits(text: string): number {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return NaN;
  return two(text, 0) * 1_000_000 + two(text, 2) * 10_000 + two(text, 5) * 100 + two(text, 8);
}

function daysOf(digits: number, smart: boolean): number {
  const [year, month, day] = [Math.floor(digits / 10_000), Math.floor(digits / 100) % 100, digits % 100];
  const last = daysInMonth(year, month);
  if (last === 0 || day < 1 || day > 31 || (day > last && !smart)) return NaN;
  return daysFromCivil(year, month, Math.min(day, last));
}

/** Days since 1970-01-01 of exactly `yyyy-MM-dd`, or NaN. */
export function parseDate(text: string): number {
  if (text.length !== 10) return NaN;
  const digits = dateDigits(text);
  return Number.isNaN(digits) ? NaN : daysOf(digits, false);
}

/** Milliseconds of the digits in `[from, to)` behind a decimal point, where none may stand, or NaN; further digits are cut off. */
function fractionMs(text: string, from: number, to: number): number {
  if (to < from || to - from > 9) return NaN;
  let ms = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    if (i < from + 3) ms = ms * 10 + digit;
  }
  return to - from === 1 ? ms * 100 : to - from === 2 ? ms * 10 : ms;
}

/** The end of a day, which java.time's SMART resolver takes. */
const MIDNIGHT = /^24:00(?::00(?:\.0{0,9})?)?$/;

/** Milliseconds of the day of `HH:mm[:ss[.fffffffff]]` in `[from, to)`, or NaN. */
function timeOfDay(text: string, from: number, to: number, { optionalSeconds, smart }: Pick<TimestampRules, 'optionalSeconds' | 'smart'>): number {
  const [hours, minutes] = [two(text, from), two(text, from + 3)];
  if (!(hours < 24 && minutes < 60) || text.charCodeAt(from + 2) !== COLON) {
    return smart && (optionalSeconds || to > from + 5) && MIDNIGHT.test(text.slice(from, to)) ? MS_PER_DAY : NaN;
  }
  const ms = hours * MS_PER_HOUR + minutes * MS_PER_MINUTE;
  if (to === from + 5) return optionalSeconds ? ms : NaN;
  const seconds = two(text, from + 6);
  if (to < from + 8 || text.charCodeAt(from + 5) !== COLON || !(seconds < 60)) return NaN;
  if (to === from + 8) return ms + seconds * 1000;
  return text.charCodeAt(from + 8) === POINT ? ms + seconds * 1000 + fractionMs(text, from + 9, to) : NaN;
}

const SMART_TIME = { optionalSeconds: false, smart: true };

/** Milliseconds of the day of `HH:mm:ss[.fffffffff]`, or NaN; 24:00:00 is midnight. */
export const parseTime = (text: string): number => timeOfDay(text, 0, text.length, SMART_TIME) % MS_PER_DAY;

/** A parser to epoch milliseconds; NaN for any other text. It remembers the last day, which rarely changes. */
export function timestampParser(rules: TimestampRules): (text: string) => number {
  const separator = rules.separator.charCodeAt(0);
  // ISO_LOCAL_DATE_TIME is case-insensitive: `t` is a T.
  const otherSeparator = rules.separator === 'T' ? separator + LOWER_CASE : separator;
  let lastDigits = NaN;
  let lastMs = NaN;
  return (text) => {
    const end = rules.zone ? text.length - 1 : text.length;
    if (rules.zone && text.charCodeAt(end) !== UPPER_Z) return NaN;
    const code = text.charCodeAt(10);
    if (code !== separator && code !== otherSeparator) return NaN;
    const digits = dateDigits(text);
    if (digits !== lastDigits) {
      lastMs = daysOf(digits, rules.smart) * MS_PER_DAY;
      lastDigits = digits;
    }
    return lastMs + timeOfDay(text, 11, end, rules);
  };
}

/** Epoch nanoseconds of a text whose milliseconds are known: adds the fourth to ninth digit of its fraction. */
export function withNanos(text: string, ms: number): bigint {
  const point = text.indexOf('.');
  const digits = point < 0 ? '' : (/^\d+/.exec(text.slice(point + 1))?.[0] ?? '');
  return BigInt(ms) * NANOS_PER_MS + BigInt(digits.slice(3, 9).padEnd(6, '0'));
}
