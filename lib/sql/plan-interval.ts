/** Interval literals: milliseconds for DAY TO SECOND, months for YEAR TO MONTH. */
import { literal } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
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

/** Units that can follow one another, as in DAY TO SECOND. */
const CHAINS: readonly (readonly IntervalUnit[])[] = [
  ['YEAR', 'MONTH'],
  ['DAY', 'HOUR', 'MINUTE', 'SECOND'],
];

export function intervalLiteral(e: IntervalLiteral): Expression {
  const units = unitsOf(e);
  const fields = e.text.trim().replace(/^[+-]/, '').split(/[\s:-]+/);
  const malformed = fields.length !== units.length || fields.some((text, i) => !isField(text, units[i], i, e.precision));
  if (malformed) return invalid(e.span, `Illegal interval literal '${e.text}' for ${units.join(' TO ')}`);
  const inMonths = MONTHS[e.from] !== undefined;
  const size = fields.reduce((sum, text, i) => sum + Number(text) * (unitSize(units[i]) ?? 0), 0);
  const negative = e.negative !== e.text.trim().startsWith('-');
  return literal({ kind: inMonths ? 'INTERVAL_YEAR' : 'INTERVAL_DAY' }, Math.trunc(negative ? 0 - size : size));
}

const unitSize = (unit: IntervalUnit | undefined): number | undefined =>
  unit === undefined ? undefined : (MONTHS[unit] ?? MILLISECONDS[unit]);

/** All units from the first to the last, since the text has a field for each. */
function unitsOf(e: IntervalLiteral): readonly IntervalUnit[] {
  if (e.to === null) return [e.from];
  const to = e.to;
  const chain = CHAINS.find((units) => units.includes(e.from) && units.includes(to)) ?? [];
  const units = chain.slice(chain.indexOf(e.from), chain.indexOf(to) + 1);
  return units.length > 1 ? units : invalid(e.span, `Illegal interval ${e.from} TO ${to}`);
}

/** Only seconds have a fraction, and the first field has no more digits than its precision. */
function isField(text: string, unit: IntervalUnit | undefined, index: number, precision: number): boolean {
  const [whole = '', fraction] = text.split('.');
  if (!/^\d+$/.test(whole) || (fraction !== undefined && !(unit === 'SECOND' && /^\d{1,9}$/.test(fraction)))) return false;
  return index > 0 || whole.replace(/^0+/, '').length <= precision;
}
