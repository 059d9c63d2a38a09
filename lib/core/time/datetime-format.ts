/** Wall clocks as text, by the parts of a pattern (java.time's DateTimeFormatter.format). */
import { civilFromDays, daysFromCivil } from '../calendar.ts';
import { MONTHS, WEEKDAYS, dayOfWeek, sundayWeek, type DateTime } from './date-time.ts';
import { isFraction, type Field, type NumberPart, type Part } from './datetime-pattern.ts';

/** What java.time says about a wall clock that it cannot print. */
export class FormatError extends Error {}

export function formatDateTime(parts: readonly Part[], at: DateTime): string {
  let text = '';
  for (const part of parts) text += formatPart(part, at);
  return text;
}

function formatPart(part: Part, at: DateTime): string {
  switch (part.kind) {
    case 'literal':
      return part.text;
    case 'number':
      return isFraction(part) ? String(at.nano).padStart(9, '0').slice(0, part.max) : formatNumber(part, at);
    case 'text':
      return formatText(part.field, part.style, at);
    case 'optional':
      return formatDateTime(part.parts, at);
    case 'fraction':
      return at.nano === 0 ? '' : `.${String(at.nano).padStart(9, '0').replace(/0+$/, '')}`;
    case 'zone':
      throw new FormatError(`Unable to extract ${part.letter === 'X' || part.letter === 'x' || part.letter === 'Z' ? 'OffsetSeconds' : 'ZoneId'} from temporal`);
  }
}

function formatNumber({ field, min, max, sign, reduced }: NumberPart, at: DateTime): string {
  const value = valueOf(field, at);
  if (reduced === true) return String(Math.abs(value) % 100).padStart(2, '0');
  const digits = String(Math.abs(value));
  if (digits.length > max) throw new FormatError(`Field ${field} cannot be printed as the value ${value} exceeds the maximum print width of ${max}`);
  const plus = sign === 'EXCEEDS_PAD' && min < 19 && digits.length > min ? '+' : '';
  return (value < 0 ? '-' : plus) + digits.padStart(min, '0');
}

const daysOf = ({ year, month, day }: DateTime): number => daysFromCivil(year, month, day);

/** The local week and its year: that of January 1st belongs to the new year. */
function localWeek(at: DateTime): { readonly year: number; readonly week: number } {
  const days = daysOf(at);
  const saturday = civilFromDays(days + 6 - dayOfWeek(days));
  if (saturday.year > at.year) return { year: saturday.year, week: 1 };
  return { year: at.year, week: sundayWeek(days - daysFromCivil(at.year, 1, 1), dayOfWeek(days)) };
}

const VALUES: Readonly<Record<Field, (at: DateTime) => number>> = {
  Era: ({ year }) => (year > 0 ? 1 : 0),
  Year: ({ year }) => year,
  YearOfEra: ({ year }) => (year > 0 ? year : 1 - year),
  QuarterOfYear: ({ month }) => Math.ceil(month / 3),
  MonthOfYear: ({ month }) => month,
  DayOfMonth: ({ day }) => day,
  DayOfYear: (at) => daysOf(at) - daysFromCivil(at.year, 1, 1) + 1,
  DayOfWeek: (at) => dayOfWeek(daysOf(at)) || 7,
  AlignedWeekOfMonth: ({ day }) => Math.floor((day - 1) / 7) + 1,
  WeekBasedYear: (at) => localWeek(at).year,
  WeekOfWeekBasedYear: (at) => localWeek(at).week,
  WeekOfMonth: (at) => sundayWeek(at.day - 1, dayOfWeek(daysOf(at))),
  LocalDayOfWeek: (at) => dayOfWeek(daysOf(at)) + 1,
  ModifiedJulianDay: (at) => daysOf(at) + 40587,
  AmPmOfDay: ({ hour }) => Math.floor(hour / 12),
  HourOfDay: ({ hour }) => hour,
  ClockHourOfDay: ({ hour }) => hour || 24,
  HourOfAmPm: ({ hour }) => hour % 12,
  ClockHourOfAmPm: ({ hour }) => hour % 12 || 12,
  MinuteOfHour: ({ minute }) => minute,
  SecondOfMinute: ({ second }) => second,
  NanoOfSecond: ({ nano }) => nano,
  MilliOfDay: ({ hour, minute, second, nano }) => ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(nano / 1_000_000),
  NanoOfDay: ({ hour, minute, second, nano }) => ((hour * 60 + minute) * 60 + second) * 1_000_000_000 + nano,
};

const valueOf = (field: Field, at: DateTime): number => VALUES[field](at);

/** The texts of a field, by its value. */
export function textsOf(field: Field, style: 'short' | 'full' | 'narrow'): readonly (readonly [value: number, text: string])[] {
  const cut = (name: string): string => (style === 'full' ? name : name.slice(0, style === 'short' ? 3 : 1));
  switch (field) {
    case 'MonthOfYear':
      return MONTHS.map((name, i) => [i + 1, cut(name)]);
    case 'DayOfWeek':
      return WEEKDAYS.map((name, i) => [i || 7, cut(name)]);
    case 'QuarterOfYear':
      return ['1st', '2nd', '3rd', '4th'].map((name, i) => [i + 1, style === 'full' ? `${name} quarter` : style === 'short' ? `Q${i + 1}` : String(i + 1)]);
    case 'AmPmOfDay':
      return [[0, 'AM'], [1, 'PM']];
    default:
      return style === 'full' ? [[0, 'Before Christ'], [1, 'Anno Domini']] : style === 'short' ? [[0, 'BC'], [1, 'AD']] : [[0, 'B'], [1, 'A']];
  }
}

function formatText(field: Field, style: 'short' | 'full' | 'narrow', at: DateTime): string {
  const value = valueOf(field, at);
  return textsOf(field, style).find(([each]) => each === value)?.[1] ?? String(value);
}
