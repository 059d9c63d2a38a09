/** Literals of dates and times: `DATE '2024-02-29'`, `TIMESTAMP '2024-02-29 12:00:00.5'` (Calcite's SqlParserUtil). */
import { MS_PER_DAY, NANOS_PER_MS, daysFromCivil, daysInMonth } from '../core/calendar.ts';
import { literal } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import type { Value } from '../core/types.ts';
import type { DateTimeLiteral } from './ast.ts';
import { invalid } from './refusal.ts';

const FORMATS = { DATE: 'yyyy-MM-dd', TIME: 'HH:mm:ss', TIMESTAMP: 'yyyy-MM-dd HH:mm:ss' } as const;

/** Digits that a value has; further ones are cut off. */
const MOST_DIGITS = 9;

export function datetimeLiteral({ type, text, span }: DateTimeLiteral): Expression {
  const found = type === 'DATE' ? dateLiteral(text) : type === 'TIME' ? timeLiteral(text) : timestampLiteral(text);
  return found ?? invalid(span, `Illegal ${type} literal '${text}': not in format '${FORMATS[type]}'`, WIDTHS);
}

const WIDTHS = 'Month, day, hour, minute and second have one or two digits.';

function dateLiteral(text: string): Expression | null {
  const days = daysOf(text);
  return days === null ? null : literal({ kind: 'DATE' }, days);
}

/** Widths do not matter, but there must be such a day. */
function daysOf(text: string): number | null {
  const [, year, month, day] = /^(\d+)-(\d+)-(\d+)$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined || year > 9999) return null;
  return day >= 1 && day <= daysInMonth(year, month) ? daysFromCivil(year, month, day) : null;
}

interface TimeOfDay {
  readonly ms: number;
  /** Digits of the fraction. */
  readonly fraction: string;
}

function timeOf(text: string): TimeOfDay | null {
  const match = /^(\d+):(\d+):(\d+)(?:\.(\d*))?$/.exec(text);
  const [hours, minutes, seconds] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  if (match === null || hours > 23 || minutes > 59 || seconds > 59) return null;
  return { ms: ((hours * 60 + minutes) * 60 + seconds) * 1000, fraction: (match[4] ?? '').slice(0, MOST_DIGITS) };
}

const digits = (fraction: string, from: number, to: number): number => Number(fraction.slice(from, to).padEnd(to - from, '0'));

/** Of type TIME(0), whatever its fraction; it keeps milliseconds all the same. */
function timeLiteral(text: string): Expression | null {
  const time = timeOf(text);
  return time === null ? null : literal({ kind: 'TIME', precision: 0 }, time.ms + digits(time.fraction, 0, 3));
}

/** The time may be left out. It has as many digits of the fraction as are written. */
function timestampLiteral(text: string): Expression | null {
  const blank = text.indexOf(' ');
  const days = daysOf(blank < 0 ? text : text.slice(0, blank));
  const time = blank < 0 ? { ms: 0, fraction: '' } : timeOf(text.slice(blank + 1));
  if (days === null || time === null) return null;
  const precision = time.fraction.length;
  const ms = days * MS_PER_DAY + time.ms + digits(time.fraction, 0, 3);
  const value: Value = precision > 3 ? BigInt(ms) * NANOS_PER_MS + BigInt(digits(time.fraction, 3, 9)) : ms;
  return literal({ kind: 'TIMESTAMP', precision }, value);
}
