/** CAST between the common types: Flink's CastRuleProvider. Casts that may fail on a value throw EXPRESSION_FAILED. */
import { fitsPrecision, parseDecimal, pow10, rescale } from '../decimal.ts';
import { SluiceError } from '../errors.ts';
import { doubleText } from '../float-text.ts';
import { isNested, sameType, type SqlType, type Value } from '../types.ts';
import { UTC } from '../time/zone-id.ts';
import { toLocal, type TimeZone } from '../time/zone.ts';
import { bigintOf, bytesOf, numberOf, stringOf, type Present } from '../value-access.ts';
import { epochNanos, valueText } from '../value-text.ts';
import { calciteTypeText } from './calcite-text.ts';
import { nestedConverter } from './cast-nested.ts';
import { castText } from './cast-text.ts';
import { datetimeConverter, readDate, readTime, readTimestamp, type Read } from './cast-time.ts';
import { toDouble } from './decimal-double.ts';
import { asDecimal, isBigint, isBinary, isDatetime, isFloating, isNumeric, isText, isTimestamp } from './type-rules.ts';
import { wrapTo } from './wrap.ts';

export type Converter = (value: Present) => Value;

/** The conversion of values from one type to another, or null if Flink has none; `zone` is that of the session. */
export function converter(from: SqlType, to: SqlType, zone: TimeZone = UTC): Converter | null {
  if (from.kind === 'NULL' || sameType(from, to)) return (value) => value;
  if (isText(to)) return (value) => fitText(to, textIn(zone, from, value));
  if (isText(from)) return isDatetime(to) ? datetimeReader(to, zone) : textConverter(to);
  if (isNested(from)) return isNested(to) ? nestedConverter(from, to, (a, b) => converter(a, b, zone)) : null;
  if (isNumeric(to)) return numberConverter(from, to);
  if (isDatetime(from) && isDatetime(to)) return datetimeConverter(from, to, zone);
  if (to.kind === 'BOOLEAN' && isNumeric(from)) return (value) => Number(value) !== 0;
  return isBinary(from) && isBinary(to) ? (value) => fitBytes(to, bytesOf(value)) : null;
}

/** What Flink says of a cast that it does not have. */
export function castRefusal(from: SqlType, to: SqlType): string {
  const instead = ADVICE.get(`${isNumeric(from) ? 'NUMERIC' : from.kind} ${isNumeric(to) ? 'NUMERIC' : to.kind}`);
  if (instead === undefined) return `Cast function cannot convert value of type ${calciteTypeText(from)} to type ${calciteTypeText(to)}`;
  const [source, target] = [from, to].map((type) => (isNumeric(type) ? 'NUMERIC' : type.kind));
  return `The cast from ${source} type to ${target} type is not allowed.${instead}`;
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['TIMESTAMP NUMERIC', " It's recommended to use UNIX_TIMESTAMP(CAST(timestamp_col AS STRING)) instead."],
  ['TIMESTAMP_LTZ NUMERIC', ''],
  ['NUMERIC TIMESTAMP', " It's recommended to use TO_TIMESTAMP(FROM_UNIXTIME(numeric_col)) instead, note the numeric is in seconds."],
  ['NUMERIC TIMESTAMP_LTZ', " It's recommended to use TO_TIMESTAMP_LTZ(numeric_col, precision) instead."],
]);

/** A TIMESTAMP_LTZ is the wall clock of the zone. */
function textIn(zone: TimeZone, from: SqlType, value: Present): string {
  if (from.kind === 'TIME' && from.precision > 0) return timeText(valueText(from, value));
  if (from.kind !== 'TIMESTAMP_LTZ' || zone === UTC) return valueText(from, value);
  const epochMs = Number(epochNanos(from, value) / 1_000_000n);
  const shift = toLocal(zone, epochMs) - epochMs;
  return valueText({ ...from, kind: 'TIMESTAMP' }, typeof value === 'bigint' ? value + BigInt(shift) * 1_000_000n : numberOf(value) + shift);
}

/** The fraction of a TIME ends behind its last digit, but has one at least (DateTimeUtils.formatTimestampMillis). */
const timeText = (text: string): string => text.replace(/(\.\d+?)0+$/, '$1');

/** Dates, times and timestamps of text; what is wrong with other text is said as Flink says it. */
const datetimeReader = (to: SqlType, zone: TimeZone): Converter => reading(readerOf(to, zone));

const reading =
  (read: (text: string) => Read<Value>): Converter =>
  (value) => {
    const result = read(stringOf(value));
    if ('value' in result) return result.value;
    throw new SluiceError('EXPRESSION_FAILED', { message: result.wrong, hint: 'TRY_CAST gives NULL instead.' });
  };

function readerOf(to: SqlType, zone: TimeZone): (text: string) => Read<Value> {
  if (isTimestamp(to)) return (text) => readTimestamp(to, text, to.kind === 'TIMESTAMP_LTZ' ? zone : null);
  const parse = to.kind === 'DATE' ? readDate : readTime;
  return (text) => {
    const value = parse(text);
    return Number.isNaN(value) ? { wrong: `For input string: '${text}'.` } : { value };
  };
}

/** Text as a CHAR(n) or VARCHAR(n): cut off, and padded for CHAR. */
function fitText(to: SqlType, text: string): string {
  if (to.kind !== 'CHAR' && to.kind !== 'VARCHAR') return text;
  if (text.length <= to.length) return to.kind === 'CHAR' ? text.padEnd(to.length) : text;
  return [...text].slice(0, to.length).join('');
}

function fitBytes(to: SqlType, bytes: Uint8Array): Uint8Array {
  if (to.kind !== 'BINARY' && to.kind !== 'VARBINARY') return bytes;
  if (bytes.length >= to.length) return bytes.subarray(0, to.length);
  if (to.kind === 'VARBINARY') return bytes;
  const padded = new Uint8Array(to.length);
  padded.set(bytes);
  return padded;
}

function textConverter(to: SqlType): Converter | null {
  if (isBinary(to)) return (value) => fitBytes(to, new TextEncoder().encode(stringOf(value)));
  const read = castText(to);
  return read === null ? null : reading(read);
}

function numberConverter(from: SqlType, to: SqlType): Converter | null {
  if (from.kind !== 'BOOLEAN' && !isNumeric(from)) return null;
  if (to.kind === 'DECIMAL') return decimalConverter(from, to.precision, to.scale);
  if (isFloating(to)) return (value) => toFloating(to, toDouble(from, value));
  if (isFloating(from)) return (value) => wrapTo(to, saturate(numberOf(value), isBigint(to) ? 64 : 32));
  return (value) => wrapTo(to, toBigint(from, value));
}

const toFloating = (to: SqlType, value: number): number => (to.kind === 'FLOAT' ? Math.fround(value) : value);

/** Java's conversion of a double to int or long: truncated, held within the range, NaN is 0. */
function saturate(value: number, bits: number): bigint {
  if (Number.isNaN(value)) return 0n;
  const max = 2n ** BigInt(bits - 1) - 1n;
  if (Math.abs(value) >= 2 ** (bits - 1)) return value < 0 ? -max - 1n : max;
  return BigInt(Math.trunc(value));
}

/** The integer part of an exact number. */
function toBigint(from: SqlType, value: Present): bigint {
  if (from.kind === 'DECIMAL') return bigintOf(value) / pow10(from.scale);
  return BigInt(typeof value === 'bigint' ? value : Number(value));
}

/** Too many digits give NULL (DecimalData.fromBigDecimal). */
export const fitDecimal = (unscaled: bigint, precision: number): bigint | null =>
  fitsPrecision(unscaled, precision) ? unscaled : null;

function decimalConverter(from: SqlType, precision: number, scale: number): Converter {
  const exact = asDecimal(from);
  if (from.kind === 'DECIMAL' || exact !== null) {
    return (value) => fitDecimal(rescale(toUnscaled(value), exact?.scale ?? 0, scale), precision);
  }
  return (value) => {
    const unscaled = parseDecimal(doubleText(Number(value)), scale);
    if (unscaled !== null) return fitDecimal(unscaled, precision);
    throw new SluiceError('EXPRESSION_FAILED', { message: `Infinite or NaN: ${String(value)}`, hint: 'TRY_CAST gives NULL instead.' });
  };
}

const toUnscaled = (value: Present): bigint => (typeof value === 'bigint' ? value : BigInt(numberOf(value)));
