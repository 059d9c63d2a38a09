/** Units of time as functions take them: words that are no values, `EXTRACT(DAY FROM …)`. */
import { SluiceError } from '../errors.ts';
import { isNanos, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf, type Present } from '../value-access.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, NANOS_PER_MS } from '../calendar.ts';
import { epochMs } from './cast-time.ts';

/** Milliseconds of the units that all have the same length. */
export const MS_PER_UNIT: Readonly<Record<string, number>> = {
  WEEK: 7 * MS_PER_DAY,
  DAY: MS_PER_DAY,
  HOUR: MS_PER_HOUR,
  MINUTE: MS_PER_MINUTE,
  SECOND: 1000,
  MILLISECOND: 1,
};

/** Units that are counted in months. */
export const MONTHS_PER_UNIT: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12, DECADE: 120, CENTURY: 1200, MILLENNIUM: 12_000 };

const UNITS = 'YEAR,QUARTER,MONTH,WEEK,DAY,HOUR,MINUTE,SECOND,MILLISECOND,MICROSECOND,NANOSECOND,DOW,ISODOW,DOY,ISOYEAR,EPOCH,DECADE,CENTURY,MILLENNIUM';

/** The names that the parser knows as units; others are time frames that nobody has defined. */
const TIME_UNITS: ReadonlySet<string> = new Set(UNITS.split(','));

/** Other names of units in TIMESTAMPADD and TIMESTAMPDIFF. */
const SYNONYMS: Readonly<Record<string, string>> = { SQL_TSI_FRAC_SECOND: 'NANOSECOND', FRAC_SECOND: 'MICROSECOND' };

/** `SQL_TSI_DAY` is a DAY. */
export const unitName = (word: string): string => SYNONYMS[word] ?? word.replace(/^SQL_TSI_/, '');

/** The reason why a word is no unit; null if it is one. */
export const unknownUnit = (unit: string): string | null => (TIME_UNITS.has(unit) ? null : `'${unit}' is not a valid time frame`);

/** Milliseconds of a timestamp since the epoch, or of a TIME since midnight; days of a DATE. */
export const ticksOf = (type: SqlType, time: Present): number => (isNanos(type) ? epochMs(type, time) : numberOf(time));

/** Nanoseconds behind the millisecond. */
export const nanosOf = (type: SqlType, time: Present): number => {
  if (!isNanos(type)) return 0;
  const rest = Number(bigintOf(time) % NANOS_PER_MS);
  return rest < 0 ? rest + 1_000_000 : rest;
};

/** A timestamp of the type at a millisecond. */
export const timestampAt = (type: SqlType, ms: number, nanos = 0): Value => (isNanos(type) ? BigInt(ms) * NANOS_PER_MS + BigInt(nanos) : ms);

/** What java.time says when a TIME lies outside of the day, as soon as anybody looks at it. */
export function timeOfDay(ms: number): number {
  if (ms >= 0 && ms < MS_PER_DAY) return ms;
  const [hour, minute, second, milli] = [Math.trunc(ms / MS_PER_HOUR), Math.trunc(ms / MS_PER_MINUTE) % 60, Math.trunc(ms / 1000) % 60, ms % 1000];
  const wrong: readonly [string, string, number] =
    hour < 0 || hour > 23
      ? ['HourOfDay', '0 - 23', hour]
      : minute < 0
        ? ['MinuteOfHour', '0 - 59', minute]
        : second < 0
          ? ['SecondOfMinute', '0 - 59', second]
          : ['NanoOfSecond', '0 - 999999999', milli * 1_000_000];
  throw new SluiceError('EXPRESSION_FAILED', { message: `Invalid value for ${wrong[0]} (valid values ${wrong[1]}): ${wrong[2]}` });
}
