/**
 * Civil calendar arithmetic on plain numbers (proleptic Gregorian, UTC). No Date: its parsing depends on the zone of
 * the process, and it costs five times as much.
 */
export const MS_PER_MINUTE = 60_000;
export const MS_PER_HOUR = 3_600_000;
export const MS_PER_DAY = 86_400_000;
export const NANOS_PER_MS = 1_000_000n;

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** Days since 1970-01-01 (Hinnant's days_from_civil: the year starts in March, so that the leap day comes last). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** The inverse of `daysFromCivil`. */
export function civilFromDays(days: number): CivilDate {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** 28 to 31. */
export const daysInMonth = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (MONTH_DAYS[month - 1] ?? 0);

/** The date `months` later; a day that the month does not have becomes its last one, as in SQL and java.time. */
export function addMonths(days: number, months: number): number {
  const { year, month, day } = civilFromDays(days);
  const index = year * 12 + month - 1 + months;
  const newYear = Math.floor(index / 12);
  const newMonth = index - newYear * 12 + 1;
  return daysFromCivil(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)));
}

const pad = (n: number, width: number): string => String(n).padStart(width, '0');

/** `2025-12-30`; a year before 0 has a sign. */
export function dateText(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${year < 0 ? '-' : ''}${pad(Math.abs(year), 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** `10:00:00`, followed by as many digits of the fraction as the precision says. */
export function timeText(nanosOfDay: bigint, precision: number): string {
  const seconds = Number(nanosOfDay / 1_000_000_000n);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((n) => pad(n, 2)).join(':');
  if (precision === 0) return clock;
  return `${clock}.${(nanosOfDay % 1_000_000_000n).toString().padStart(9, '0').slice(0, precision)}`;
}

/** Date and time of day of epoch nanoseconds, with the given separator between them. */
export function timestampText(epochNanos: bigint, precision: number, separator: ' ' | 'T'): string {
  const perDay = BigInt(MS_PER_DAY) * NANOS_PER_MS;
  const nanosOfDay = ((epochNanos % perDay) + perDay) % perDay;
  const days = Number((epochNanos - nanosOfDay) / perDay);
  return dateText(days) + separator + timeText(nanosOfDay, precision);
}
