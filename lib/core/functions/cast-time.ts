/** Casts between dates, times and timestamps, and from text to them (Flink's cast rules and DateTimeUtils). */
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, NANOS_PER_MS, daysFromCivil, daysInMonth } from '../calendar.ts';
import { pow10 } from '../decimal.ts';
import { timestampParser, withNanos } from '../parse-time.ts';
import { localMs, type DateTime } from '../time/date-time.ts';
import { parseDateTime } from '../time/datetime-parse.ts';
import { compilePattern, type Part } from '../time/datetime-pattern.ts';
import { toEpoch, toLocal, type TimeZone } from '../time/zone.ts';
import { isNanos, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf, type Present } from '../value-access.ts';
import { isTimestamp } from './type-rules.ts';

/** Epoch milliseconds of a timestamp of any precision, rounded down. */
export function epochMs(type: SqlType, value: Present): number {
  return isNanos(type) ? Number(floorToMs(bigintOf(value))) : numberOf(value);
}

function floorToMs(nanos: bigint): bigint {
  const ms = nanos / NANOS_PER_MS;
  return ms * NANOS_PER_MS > nanos ? ms - 1n : ms;
}

/** A milliseconds-and-nanoseconds pair as a value of the type; digits that it does not have are cut off towards 1970. */
function timestampOf(type: SqlType, ms: number, nanos: number): Value {
  const precision = 'precision' in type ? type.precision : 3;
  if (precision <= 3) {
    const unit = 10 ** (3 - precision);
    return Math.trunc(ms / unit) * unit;
  }
  const unit = 10 ** (9 - precision);
  return BigInt(ms) * NANOS_PER_MS + BigInt(nanos - (nanos % unit));
}

const behindMs = (type: SqlType, value: Present): number => (isNanos(type) ? Number(bigintOf(value) - floorToMs(bigintOf(value)) * NANOS_PER_MS) : 0);

/** True for a cast that depends on the session time zone. */
export function isZonedCast(from: SqlType, to: SqlType): boolean {
  const local = (type: SqlType): boolean => type.kind === 'TIMESTAMP_LTZ';
  return local(from) !== local(to);
}

/** Between DATE, TIME and the timestamps; null where Flink has no cast. */
export function datetimeConverter(from: SqlType, to: SqlType, zone: TimeZone): ((value: Present) => Value) | null {
  if (isTimestamp(to)) return toTimestamp(from, to, zone);
  if (from.kind === to.kind) return (value) => value;
  if (!isTimestamp(from)) return null;
  const isLocal = from.kind === 'TIMESTAMP_LTZ';
  const msOf = (value: Present): number => (isLocal ? toLocal(zone, epochMs(from, value)) : epochMs(from, value));
  // A TIMESTAMP is divided without regard to its sign; the wall clock of a TIMESTAMP_LTZ is taken apart as it should be.
  if (to.kind === 'DATE') return isLocal ? (value) => Math.floor(msOf(value) / MS_PER_DAY) : (value) => Math.trunc(msOf(value) / MS_PER_DAY);
  return isLocal ? (value) => msOf(value) - Math.floor(msOf(value) / MS_PER_DAY) * MS_PER_DAY : (value) => msOf(value) % MS_PER_DAY;
}

function toTimestamp(from: SqlType, to: SqlType, zone: TimeZone): (value: Present) => Value {
  const shift = shiftBetween(from, to, zone);
  if (!isTimestamp(from)) {
    const unit = from.kind === 'DATE' ? MS_PER_DAY : 1;
    return (value) => timestampOf(to, shift(numberOf(value) * unit), 0);
  }
  return (value) => timestampOf(to, shift(epochMs(from, value)), behindMs(from, value));
}

function shiftBetween(from: SqlType, to: SqlType, zone: TimeZone): (ms: number) => number {
  if (from.kind === 'TIMESTAMP_LTZ') return to.kind === 'TIMESTAMP_LTZ' ? (ms) => ms : (ms) => toLocal(zone, ms);
  return to.kind === 'TIMESTAMP_LTZ' ? (ms) => toEpoch(zone, ms) : (ms) => ms;
}

/** Either what the text says, or why it says nothing. */
export type Read<T> = { readonly value: T } | { readonly wrong: string };

/** `yyyy-[MM][M]-[dd][d]`, and behind it maybe ` [HH][H]:[mm][m]:[ss][s]` with a fraction (DateTimeUtils.DEFAULT_TIMESTAMP_FORMATTER). */
const TIMESTAMP_PATTERN: readonly Part[] = [
  ...compilePattern('yyyy-[MM][M]-[dd][d]'),
  { kind: 'optional', parts: [...compilePattern(' [HH][H]:[mm][m]:[ss][s]'), { kind: 'fraction' }] },
];

/** The texts that nearly all are, read without the pattern. */
const quickly = timestampParser({ separator: ' ', optionalSeconds: false, zone: false, smart: true });

/** A timestamp of the type from text, without the digits that it does not have. The zone is that of a TIMESTAMP_LTZ. */
export function readTimestamp(to: SqlType, text: string, zone: TimeZone | null): Read<Value> {
  const ms = text.startsWith('0000') ? NaN : quickly(text);
  if (!Number.isNaN(ms)) return { value: cutOff(to, zone === null ? ms : toEpoch(zone, ms), Number(withNanos(text, 0))) };
  const read = parseDateTime(TIMESTAMP_PATTERN, text);
  return typeof read === 'string' ? { wrong: read } : { value: timestampFrom(to, read, zone) };
}

/** The wall clock as a timestamp of the type. */
export function timestampFrom(to: SqlType, at: DateTime, zone: TimeZone | null): Value {
  const ms = localMs(at);
  return cutOff(to, zone === null ? ms : toEpoch(zone, ms), at.nano % 1_000_000);
}

/** As `timestampOf`, but rounded down: the digits are cut off before there is a number. */
function cutOff(to: SqlType, ms: number, nanos: number): Value {
  const precision = 'precision' in to ? to.precision : 3;
  if (precision > 3) return timestampOf(to, ms, nanos);
  const unit = Number(pow10(3 - precision));
  return Math.floor(ms / unit) * unit;
}

const WHOLE = /^\d+$/;

/** An integer that blanks may stand around; NaN for any other text, and above 2^31 (Integer.parseInt). */
function wholeOf(text: string): number {
  const digits = text.trim();
  return WHOLE.test(digits) && Number(digits) < 2 ** 31 ? Number(digits) : NaN;
}

/** `y-M-d` or a part of it; what stands behind a blank is ignored (DateTimeUtils.parseDate). NaN if it is no date. */
export function readDate(text: string): number {
  const blank = text.indexOf(' ');
  const [y = '', m, d, ...rest] = splitAt(blank > 0 ? text.slice(0, blank) : text, '-', 3);
  const [year, month, day] = [wholeOf(y), m === undefined ? 1 : wholeOf(m), d === undefined ? 1 : wholeOf(d)];
  const exists = year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  return exists && rest.length === 0 ? daysFromCivil(year, month, day) : NaN;
}

/** At most so many parts; the last one has the rest. */
function splitAt(text: string, separator: string, most: number): string[] {
  const parts = text.split(separator);
  return parts.length <= most ? parts : [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
}

/**
 * `H[:m[:s[.f]]]`, and an offset that is added or taken off, in milliseconds (DateTimeUtils.parseTime). NaN if it is no time; but values are not
 * checked: what is no time of day fails as soon as somebody looks at it.
 */
export function readTime(text: string): number {
  const minus = text.indexOf('-');
  const zone = minus >= 0 ? minus : text.indexOf('+');
  const sign = minus >= 0 ? -1 : 1;
  const [zoneHours = '0', zoneMinutes = '0'] = zone < 0 ? [] : splitAt(text.slice(zone + 1), ':', 2);
  const [hours = '', minutes = '0', rest = '0'] = splitAt(zone < 0 ? text : text.slice(0, zone), ':', 3);
  const [seconds = '', fraction = ''] = splitAt(rest, '.', 2);
  const hour = wholeOf(hours) + sign * wholeOf(zoneHours);
  const minute = wholeOf(minutes) + sign * wholeOf(zoneMinutes);
  return hour * MS_PER_HOUR + minute * MS_PER_MINUTE + wholeOf(seconds) * 1000 + fractionMs(fraction.trim());
}

/** Three digits, rounded by the fourth; a character that is no digit is a 0. */
function fractionMs(text: string): number {
  const digit = (i: number): number => (/\d/.test(text.charAt(i)) ? Number(text.charAt(i)) : 0);
  return digit(0) * 100 + digit(1) * 10 + digit(2) + (text.charAt(3) >= '5' ? 1 : 0);
}
