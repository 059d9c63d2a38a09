/** Interval literals: milliseconds for DAY TO SECOND, months for YEAR TO MONTH. */
import { literal } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { BIGINT } from '../core/types.ts';
import type { IntervalLiteral, IntervalUnit } from './ast.ts';
import { invalid } from './refusal.ts';

const MONTHS: Readonly<Partial<Record<IntervalUnit, number>>> = { YEAR: 12, QUARTER: 3, MONTH: 1 };
const MILLISECONDS: Readonly<Partial<Record<IntervalUnit, number>>> = {
  WEEK: 604_800_000,
  DAY: 86_400_000,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1000,
};

/** The fields of a literal behind its sign, by the units it goes from and to; all but the first have a range (Calcite's SqlIntervalQualifier). */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  'YEAR TO MONTH': /^(\d+)-(\d{1,2})$/,
  'DAY TO HOUR': /^(\d+) (\d{1,2})$/,
  'DAY TO MINUTE': /^(\d+) (\d{1,2}):(\d{1,2})$/,
  'DAY TO SECOND': /^(\d+) (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d+))?$/,
  'HOUR TO MINUTE': /^(\d+):(\d{1,2})$/,
  'HOUR TO SECOND': /^(\d+):(\d{1,2}):(\d{1,2})(?:\.(\d+))?$/,
  'MINUTE TO SECOND': /^(\d+):(\d{1,2})(?:\.(\d+))?$/,
  SECOND: /^(\d+)(?:\.(\d+))?$/,
};

const WHOLE = /^(\d+)$/;

/** Units in the order in which their fields follow one another. */
const ORDER: readonly IntervalUnit[] = ['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'];
/** What a field that is not the first may be at most. */
const LARGEST: Readonly<Partial<Record<IntervalUnit, number>>> = { MONTH: 11, HOUR: 23, MINUTE: 59, SECOND: 59 };

/** Milliseconds of days to seconds, or months. */
export function intervalLiteral(e: IntervalLiteral): Expression {
  const fields = fieldsOf(e);
  const size = Math.round(fields.reduce((sum, { unit, value }) => sum + value * unitSize(unit), 0));
  return literal({ kind: MONTHS[e.from] === undefined ? 'INTERVAL_DAY' : 'INTERVAL_YEAR' }, isNegative(e) ? 0 - size : size);
}

/** How many of its unit an interval of one unit has, as a number; null for one from a unit to another. */
export function intervalCount(e: IntervalLiteral): Expression | null {
  if (e.to !== null) return null;
  const [first] = fieldsOf(e);
  const count = BigInt(Math.trunc(first?.value ?? 0));
  return literal(BIGINT, isNegative(e) ? -count : count);
}

const isNegative = ({ negative, text }: IntervalLiteral): boolean => negative !== text.trim().startsWith('-');

const unitSize = (unit: IntervalUnit): number => MONTHS[unit] ?? MILLISECONDS[unit] ?? 1;

interface FieldOfInterval {
  readonly unit: IntervalUnit;
  readonly value: number;
}

/** Throws what Calcite throws where the text has not exactly these fields, or one of them is too large. */
function fieldsOf(e: IntervalLiteral): readonly FieldOfInterval[] {
  const name = e.to === null ? e.from : `${e.from} TO ${e.to}`;
  const [, ...found] = (PATTERNS[name] ?? WHOLE).exec(e.text.trim().replace(/^[+-]/, '')) ?? [];
  const units = e.to === null ? [e.from] : ORDER.slice(ORDER.indexOf(e.from), ORDER.indexOf(e.to) + 1);
  const fraction = found[units.length] ?? '';
  const fields = units.map((unit, i) => ({ unit, value: Number(found[i]) + (unit === 'SECOND' ? millisOf(fraction) : 0) }));
  const isWrong = found.length === 0 || fraction.length > e.fractionPrecision || fields.slice(1).some(({ unit, value }) => Math.trunc(value) > (LARGEST[unit] ?? Infinity));
  if (isWrong) return invalid(e.span, `Illegal interval literal format '${e.text}' for INTERVAL ${name}`);
  const leading = found[0]?.replace(/^0+(?=\d)/, '') ?? '';
  if (leading.length > e.precision) return invalid(e.span, `Interval field value ${leading} exceeds precision of ${e.from}(${e.precision}) field`, PRECISION);
  return fields;
}

const PRECISION = 'The unit may have one: DAY(3) has three digits.';

/** Seconds of the digits behind the point; what is smaller than a millisecond is cut off. */
const millisOf = (fraction: string): number => Number(fraction.slice(0, 3).padEnd(3, '0')) / 1000;
