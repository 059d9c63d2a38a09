/** The calendar of java.util.GregorianCalendar: Julian before October 15th, 1582, and lenient: the 32nd of a month is the first of the next. */
import { civilFromDays, daysFromCivil, type CivilDate } from '../calendar.ts';

/** 1582-10-15. */
const GREGORIAN_FROM = -141_427;
/** The Julian day of 1970-01-01. */
const EPOCH_JULIAN = 2_440_588;

/** Days since 1970-01-01; months and days may lie outside of their ranges. */
export function daysFromHybrid(year: number, month: number, day: number): number {
  const index = year * 12 + month - 1;
  const [y, m] = [Math.floor(index / 12), (((month - 1) % 12) + 12) % 12 + 1];
  const gregorian = daysFromCivil(y, m, 1) + day - 1;
  return gregorian >= GREGORIAN_FROM ? gregorian : daysFromJulian(y, m) + day - 1;
}

function daysFromJulian(year: number, month: number): number {
  const early = month <= 2 ? 1 : 0;
  const [y, m] = [year + 4800 - early, month + 12 * early - 3];
  return 1 + Math.floor((153 * m + 2) / 5) + 365 * y + Math.floor(y / 4) - 32_083 - EPOCH_JULIAN;
}

/** The inverse of `daysFromHybrid`. */
export function hybridFromDays(days: number): CivilDate {
  if (days >= GREGORIAN_FROM) return civilFromDays(days);
  const c = days + EPOCH_JULIAN + 32_082;
  const d = Math.floor((4 * c + 3) / 1461);
  const e = c - Math.floor((1461 * d) / 4);
  const m = Math.floor((5 * e + 2) / 153);
  return { year: d - 4800 + Math.floor(m / 10), month: m + 3 - 12 * Math.floor(m / 10), day: e - Math.floor((153 * m + 2) / 5) + 1 };
}
