/** A wall clock taken apart: what formats print and parse. */
import { MS_PER_DAY, civilFromDays, daysFromCivil } from '../calendar.ts';

/** A date and a time of day, of the proleptic Gregorian calendar (java.time.LocalDateTime). */
export interface DateTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nano: number;
}

/** `local`: milliseconds of the wall clock; `nanos`: those behind the millisecond. */
export function dateTimeOf(local: number, nanos = 0): DateTime {
  const days = Math.floor(local / MS_PER_DAY);
  const ms = local - days * MS_PER_DAY;
  const seconds = Math.floor(ms / 1000);
  return {
    ...civilFromDays(days),
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    nano: (ms % 1000) * 1_000_000 + nanos,
  };
}

/** Milliseconds of the wall clock, without what lies behind the millisecond. */
export function localMs({ year, month, day, hour, minute, second, nano }: DateTime): number {
  return daysFromCivil(year, month, day) * MS_PER_DAY + (hour * 3600 + minute * 60 + second) * 1000 + Math.floor(nano / 1_000_000);
}

/** 0 is Sunday. */
export const dayOfWeek = (days: number): number => (((days + 4) % 7) + 7) % 7;

/** The week of a year or month in America: it begins on Sunday, and the first is that of the first day. `day`: from 0; `weekday`: of that day. */
export const sundayWeek = (day: number, weekday: number): number => Math.floor((day + ((weekday - (day % 7) + 7) % 7)) / 7) + 1;

export const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
