/** Dates and timestamps of text and numbers: TO_DATE, TO_TIMESTAMP, TO_TIMESTAMP_LTZ, UNIX_TIMESTAMP (Flink's DateTimeUtils). */
import { MS_PER_DAY } from '../calendar.ts';
import { pow10 } from '../decimal.ts';
import { SluiceError } from '../errors.ts';
import type { Expression } from '../plan.ts';
import { parseDateTime } from '../time/datetime-parse.ts';
import { PatternError } from '../time/datetime-pattern.ts';
import { parseSimple } from '../time/simple-parse.ts';
import { UTC, lenientZone } from '../time/zone-id.ts';
import { toEpoch, type TimeZone } from '../time/zone.ts';
import { BIGINT, INT, TIMESTAMP3, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf, stringOf, type Present } from '../value-access.ts';
import { readDate, readTimestamp, timestampFrom } from './cast-time.ts';
import { strict, zoneOf, type ScalarFunction, type Signature } from './function.ts';
import { inForms } from './operands.ts';
import { TEXTS } from './time-operands.ts';
import { failing, patternOf, PLAIN_PATTERN, simplePatternOf } from './time-pattern.ts';
import { isInteger, isNumeric, isText } from './type-rules.ts';

const always = (): boolean => true;

const DATE: SqlType = { kind: 'DATE' };
const LTZ3: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 3 };

/** Java's Long.MIN_VALUE, which stands for text that is no time. */
const NO_TIME = -(2n ** 63n);

const instantOf = (text: string, pattern: string, zone: TimeZone): number | null => failing(() => parseSimple(simplePatternOf(pattern), text, zone));

/** The day that DateTimeUtils.parseDate makes of Long.MIN_VALUE: int arithmetic overflows on its year, -292275055. */
const NO_DATE = 622_191_233;

/** Without a pattern text that is no date gives NULL. */
const TO_DATE: ScalarFunction = {
  name: 'TO_DATE',
  resolve: inForms('TO_DATE', [[TEXTS], [TEXTS, TEXTS]], () => DATE),
  nullable: always,
  compile: (args) =>
    args.length === 1
      ? strict((text) => presentOf(readDate(stringOf(text))))(args)
      : strict((text, pattern) => dayOf(instantOf(stringOf(text), stringOf(pattern), UTC)))(args),
};

const presentOf = (value: number): number | null => (Number.isNaN(value) ? null : value);

const dayOf = (epochMs: number | null): number => (epochMs === null ? NO_DATE : Math.floor(epochMs / MS_PER_DAY));

/** By a pattern of DateTimeFormatter, or else as JDBC's Timestamp.valueOf and Date.valueOf have it; NULL if it is neither. */
function parseBy(text: string, pattern: string, zone: TimeZone): Value {
  const read = parseDateTime(patternOf(pattern), text);
  if (typeof read !== 'string') return timestampFrom(TIMESTAMP3, read, zone === UTC ? null : zone);
  const fallback = text.trim();
  const isPlain = /^\d{4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,9})?)?$/.test(fallback);
  const ms = isPlain ? readTimestamp(TIMESTAMP3, fallback, null) : { wrong: read };
  return 'value' in ms ? (zone === UTC ? ms.value : toEpoch(zone, numberOf(ms.value ?? 0))) : null;
}

/** Text that is no timestamp gives NULL, unlike CAST, and so does a pattern that is none. */
const TO_TIMESTAMP: ScalarFunction = {
  name: 'TO_TIMESTAMP',
  resolve: inForms('TO_TIMESTAMP', [[TEXTS], [TEXTS, TEXTS]], () => TIMESTAMP3),
  nullable: always,
  compile: (args) =>
    args.length === 1 ? strict((text) => timestampOrNull(stringOf(text)))(args) : strict((text, pattern) => parseOrNull(stringOf(text), stringOf(pattern)))(args),
};

function timestampOrNull(text: string): Value {
  const read = readTimestamp(TIMESTAMP3, text, null);
  return 'value' in read ? read.value : null;
}

function parseOrNull(text: string, pattern: string): Value {
  try {
    return parseBy(text, pattern, UTC);
  } catch (error) {
    if (error instanceof PatternError) return null;
    throw error;
  }
}

/** 0000-01-01 to the end of 9999. */
const [FIRST_MS, LAST_MS] = [-62_167_219_200_000, 253_402_300_799_999];

const inRange = (ms: number): number | null => (ms >= FIRST_MS && ms <= LAST_MS ? ms : null);

function precisionRefused(precision: number): SluiceError {
  const message = `The precision value '${precision}' for function TO_TIMESTAMP_LTZ(numeric, precision) is unsupported, the supported value is '0' for second or '3' for millisecond.`;
  return new SluiceError('EXPRESSION_FAILED', { message });
}

/** Seconds or milliseconds; a DOUBLE of seconds keeps its fraction. */
function instant(type: SqlType, epoch: Present, precision: number): number | null {
  if (precision !== 0 && precision !== 3) throw precisionRefused(precision);
  const unit = precision === 0 ? 1000 : 1;
  if (type.kind === 'DECIMAL') return inRange(Number(bigintOf(epoch) / pow10(type.scale)) * unit);
  if (type.kind === 'DOUBLE') return inRange(Math.trunc(numberOf(epoch) * unit));
  return inRange(Math.trunc(Number(epoch)) * unit);
}

/** `(number [, 0 or 3])` or `(text [, pattern [, zone]])`, which is UTC. */
const TO_TIMESTAMP_LTZ: ScalarFunction = {
  name: 'TO_TIMESTAMP_LTZ',
  resolve: resolveInstant,
  nullable: always,
  compile: (args, call) => {
    const type = call.args[0]?.type ?? BIGINT;
    if (!isText(type)) return strict((epoch, precision = 3) => instant(type, epoch, numberOf(precision)))(args);
    if (args.length === 1) return strict((text) => timestampOrFail(stringOf(text)))(args);
    return strict((text, pattern, zone = 'UTC') => failing(() => parseBy(stringOf(text), stringOf(pattern), lenientZone(stringOf(zone)))))(args);
  },
};

function timestampOrFail(text: string): Value {
  const read = readTimestamp(LTZ3, text, null);
  if ('value' in read) return read.value;
  throw new SluiceError('EXPRESSION_FAILED', { message: read.wrong, hint: 'With a pattern, text that does not fit gives NULL.' });
}

function resolveInstant(args: readonly Expression[]): Signature | string {
  const types = args.map(({ type }) => type);
  const [epoch, precision] = types;
  if (epoch !== undefined && isNumeric(epoch) && types.length <= 2 && (precision === undefined || isInteger(precision))) {
    return { args: precision === undefined ? [epoch] : [epoch, INT], type: LTZ3 };
  }
  const isTexts = types.length >= 1 && types.length <= 3 && types.every(isText);
  return isTexts ? { args: types, type: LTZ3 } : 'it takes (number, [integer]) or (string, [pattern], [time zone])';
}

/** `UNIX_TIMESTAMP([text [, pattern]])`: seconds since 1970; without a text, now. */
const UNIX_TIMESTAMP: ScalarFunction = {
  name: 'UNIX_TIMESTAMP',
  resolve: inForms('UNIX_TIMESTAMP', [[], [TEXTS], [TEXTS, TEXTS]], () => BIGINT),
  isZoned: ({ args }) => args.length > 0,
  readsClock: ({ args }) => args.length === 0,
  compile: (args, call, clock) => {
    if (args.length === 0) return () => BigInt(Math.floor(clock.now / 1000));
    const zone = zoneOf(call);
    return strict((text, pattern = PLAIN_PATTERN) => secondsOf(instantOf(stringOf(text), stringOf(pattern), zone)))(args);
  },
};

const secondsOf = (epochMs: number | null): bigint => (epochMs === null ? NO_TIME : BigInt(Math.trunc(epochMs / 1000)));

export const TIME_PARSERS: readonly ScalarFunction[] = [TO_DATE, TO_TIMESTAMP, TO_TIMESTAMP_LTZ, UNIX_TIMESTAMP];
