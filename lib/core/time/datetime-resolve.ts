/** From the fields that a text has to a wall clock (java.time's Parsed and IsoChronology with ResolverStyle.SMART; Flink's fromTemporalAccessor). */
import { civilFromDays, daysFromCivil, daysInMonth } from '../calendar.ts';
import { dayOfWeek, type DateTime } from './date-time.ts';
import type { Field } from './datetime-pattern.ts';

type Fields = ReadonlyMap<Field, number>;

/** The values that a field may have (java.time's ChronoField). */
const RANGES: Readonly<Partial<Record<Field, readonly [least: number, most: number, range: string]>>> = {
  YearOfEra: [1, 999_999_999, '1 - 999999999/1000000000'],
  Year: [-999_999_999, 999_999_999, '-999999999 - 999999999'],
  MonthOfYear: [1, 12, '1 - 12'],
  DayOfMonth: [1, 31, '1 - 28/31'],
  DayOfYear: [1, 366, '1 - 365/366'],
  HourOfDay: [0, 23, '0 - 23'],
  ClockHourOfDay: [1, 24, '1 - 24'],
  HourOfAmPm: [0, 11, '0 - 11'],
  ClockHourOfAmPm: [1, 12, '1 - 12'],
  MinuteOfHour: [0, 59, '0 - 59'],
  SecondOfMinute: [0, 59, '0 - 59'],
  NanoOfSecond: [0, 999_999_999, '0 - 999999999'],
  MilliOfDay: [0, 86_399_999, '0 - 86399999'],
  NanoOfDay: [0, 86_399_999_999_999, '0 - 86399999999999'],
};

/** What java.time says about a value that the field cannot have; null if it can. */
export function outOfRange(field: Field, value: number): string | null {
  const [least, most, range] = RANGES[field] ?? [-Infinity, Infinity, ''];
  return value >= least && value <= most ? null : `Invalid value for ${field} (valid values ${range}): ${value}`;
}

interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nano: number;
}

export function resolveFields(fields: Fields): DateTime | string {
  for (const [field, value] of fields) {
    // A date without a year is not looked at; but what is taken of it must do.
    const wrong = field === 'HourOfDay' && value === 24 ? null : outOfRange(field, value);
    if (wrong !== null) return wrong;
  }
  const clock = resolveClock(fields);
  if (typeof clock === 'string') return clock;
  const days = resolveDays(fields);
  if (typeof days === 'string') return days;
  const weekday = fields.get('DayOfWeek');
  if (weekday !== undefined && fields.has('DayOfMonth') && (dayOfWeek(days) || 7) !== weekday) {
    return `Conflict found: Field DayOfWeek ${dayOfWeek(days) || 7} differs from DayOfWeek ${weekday}`;
  }
  const nextDay = clock.hour === 24 ? 1 : 0;
  return { ...civilFromDays(days + nextDay), ...clock, hour: clock.hour % 24 };
}

/** A day that the month does not have becomes its last one. */
function resolveDays(fields: Fields): number | string {
  const year = fields.get('Year') ?? yearOf(fields);
  const dayOfYear = fields.get('DayOfYear');
  const month = fields.get('MonthOfYear');
  if (dayOfYear !== undefined && month === undefined) {
    const days = daysFromCivil(year, 1, 1) + dayOfYear - 1;
    return days < daysFromCivil(year + 1, 1, 1) ? days : `Invalid date 'DayOfYear 366' as '${year}' is not a leap year`;
  }
  const day = fields.get('DayOfMonth') ?? 1;
  return daysFromCivil(year, month ?? 1, Math.min(day, daysInMonth(year, month ?? 1)));
}

function yearOf(fields: Fields): number {
  const year = fields.get('YearOfEra');
  if (year === undefined) return 1970;
  return fields.get('Era') === 0 ? 1 - year : year;
}

function resolveClock(fields: Fields): Clock | string {
  const ofDay = wholeDay(fields);
  if (ofDay !== null) return ofDay;
  const [minute, second, nano] = [fields.get('MinuteOfHour') ?? 0, fields.get('SecondOfMinute') ?? 0, fields.get('NanoOfSecond') ?? 0];
  const hour = hourOf(fields);
  if (hour === 24 && minute + second + nano > 0) return outOfRange('HourOfDay', 24) ?? '';
  return { hour, minute, second, nano };
}

/** An hour of half a day without AM or PM tells nothing. */
function hourOf(fields: Fields): number {
  const clock = fields.get('ClockHourOfDay');
  const half = fields.get('HourOfAmPm') ?? (fields.get('ClockHourOfAmPm') ?? -1) % 12;
  const ampm = fields.get('AmPmOfDay');
  const hour = fields.get('HourOfDay') ?? (clock === undefined ? undefined : clock % 24);
  return hour ?? (half >= 0 && ampm !== undefined ? ampm * 12 + half : 0);
}

function wholeDay(fields: Fields): Clock | null {
  const ms = fields.get('MilliOfDay');
  const nanos = fields.get('NanoOfDay') ?? (ms === undefined ? undefined : ms * 1_000_000);
  if (nanos === undefined) return null;
  const seconds = Math.floor(nanos / 1_000_000_000);
  return { hour: Math.floor(seconds / 3600), minute: Math.floor(seconds / 60) % 60, second: seconds % 60, nano: nanos - seconds * 1_000_000_000 };
}
