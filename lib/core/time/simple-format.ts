/** Instants as text, by the rules of java.text.SimpleDateFormat. */
import { MS_PER_DAY } from '../calendar.ts';
import { MONTHS, WEEKDAYS, dayOfWeek, sundayWeek } from './date-time.ts';
import { daysFromHybrid, hybridFromDays } from './hybrid-calendar.ts';
import type { SimplePart } from './simple-pattern.ts';
import { shortZoneName } from './zone-names.ts';
import { toLocal, type TimeZone } from './zone.ts';

interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly days: number;
  readonly msOfDay: number;
  readonly offset: number;
  readonly zone: TimeZone;
}

export function formatSimple(parts: readonly SimplePart[], epochMs: number, zone: TimeZone): string {
  const local = toLocal(zone, epochMs);
  const days = Math.floor(local / MS_PER_DAY);
  const moment = { ...hybridFromDays(days), days, msOfDay: local - days * MS_PER_DAY, offset: local - epochMs, zone };
  let text = '';
  for (const part of parts) text += part.kind === 'literal' ? part.text : fieldText(part.letter, part.count, moment);
  return text;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

function fieldText(letter: string, count: number, moment: Moment): string {
  const text = TEXTS[letter]?.(count, moment);
  return text ?? pad(numberOf(letter, moment), count);
}

const hourOf = ({ msOfDay }: Moment): number => Math.floor(msOfDay / 3_600_000);
const dayOfYear = ({ days, year }: Moment): number => days - daysFromHybrid(year, 1, 1) + 1;

/** Letters that are not simply a number with as many digits as there are letters. */
const TEXTS: Readonly<Record<string, (count: number, moment: Moment) => string | undefined>> = {
  G: (_, { year }) => (year > 0 ? 'AD' : 'BC'),
  y: (count, { year }) => yearText(count, year > 0 ? year : 1 - year),
  Y: (count, moment) => yearText(count, weekYear(moment)),
  M: (count, { month }) => monthText(count, month),
  L: (count, { month }) => monthText(count, month),
  E: (count, { days }) => WEEKDAYS[dayOfWeek(days)]?.slice(0, count >= 4 ? undefined : 3),
  a: (_, moment) => (hourOf(moment) < 12 ? 'AM' : 'PM'),
  z: (_, moment) => shortZoneName(moment.zone, moment.offset, standardOffset(moment)) ?? `GMT${offsetText(moment.offset, ':', 3)}`,
  Z: (_, { offset }) => offsetText(offset, '', 2),
  X: (count, { offset }) => (offset === 0 ? 'Z' : offsetText(offset, count === 3 ? ':' : '', count)),
};

/** The offset of the year's winter, north and south. */
const standardOffset = ({ zone, year }: Moment): number => Math.min(...[1, 7].map((month) => zone.offsetAt(daysFromHybrid(year, month, 1) * MS_PER_DAY)));

const yearText = (count: number, year: number): string => (count === 2 ? pad(year % 100, 2) : pad(year, count));

function monthText(count: number, month: number): string | undefined {
  return count >= 3 ? MONTHS[month - 1]?.slice(0, count >= 4 ? undefined : 3) : undefined;
}

/** `+01`, `+0100` or `+01:00`. */
function offsetText(offset: number, colon: string, count: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60_000);
  const hours = (offset < 0 ? '-' : '+') + pad(Math.floor(minutes / 60), 2);
  return count === 1 ? hours : hours + colon + pad(minutes % 60, 2);
}

/** The year that the week, from Sunday to Saturday, ends in. */
function weekYear({ days, year }: Moment): number {
  return hybridFromDays(days + 6 - dayOfWeek(days)).year > year ? year + 1 : year;
}

function numberOf(letter: string, moment: Moment): number {
  const { days, day, month, msOfDay } = moment;
  switch (letter) {
    case 'M':
    case 'L':
      return month;
    case 'w':
      return weekYear(moment) > moment.year ? 1 : sundayWeek(dayOfYear(moment) - 1, dayOfWeek(days));
    case 'W':
      return sundayWeek(day - 1, dayOfWeek(days));
    case 'D':
      return dayOfYear(moment);
    case 'd':
      return day;
    case 'F':
      return Math.floor((day - 1) / 7) + 1;
    case 'u':
      return dayOfWeek(days) || 7;
    case 'H':
      return hourOf(moment);
    case 'k':
      return hourOf(moment) || 24;
    case 'K':
      return hourOf(moment) % 12;
    case 'h':
      return hourOf(moment) % 12 || 12;
    case 'm':
      return Math.floor(msOfDay / 60_000) % 60;
    case 's':
      return Math.floor(msOfDay / 1000) % 60;
    default:
      return msOfDay % 1000;
  }
}
