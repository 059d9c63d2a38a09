/** TIMESTAMPADD and TIMESTAMPDIFF (Calcite's convertlets for them, Flink's ScalarOperatorGens.generateTemporalPlusMinus). */
import { MS_PER_DAY, addMonths } from '../calendar.ts';
import type { Expression } from '../plan.ts';
import { INT, TIMESTAMP3, type SqlType, type Value } from '../types.ts';
import { numberOf, type Present } from '../value-access.ts';
import { strict, type ScalarFunction, type Signature } from './function.ts';
import { shiftByMonths, shiftByMs } from './interval.ts';
import { literalString } from './literals.ts';
import { INTEGERS, cannotCombine, expecting } from './operands.ts';
import { DATETIMES, cannotApplyToUnit } from './time-operands.ts';
import { MONTHS_PER_UNIT, MS_PER_UNIT, ticksOf, unitName, unknownUnit } from './time-unit.ts';
import { isDatetime, isInteger } from './type-rules.ts';

/** Digits of the fraction that a result has at least. */
const FRACTIONS: Readonly<Record<string, number>> = { MILLISECOND: 3, MICROSECOND: 6, NANOSECOND: 9 };
const PER_MS: Readonly<Record<string, number>> = { MICROSECOND: 1000, NANOSECOND: 1_000_000 };

const unitOf = (unit: Expression | undefined): string => unitName(literalString(unit) ?? '');

const noDifference = (unit: string): string | null => {
  const known = unit in MS_PER_UNIT || unit in MONTHS_PER_UNIT || unit in PER_MS;
  return unknownUnit(unit) ?? (known ? null : `'${unit}' is not a valid time frame in this operation`);
};

/** An hour later than a DATE is a TIMESTAMP. */
function sumType(unit: string, type: SqlType): SqlType {
  const fraction = FRACTIONS[unit];
  if (fraction !== undefined && 'precision' in type && type.kind !== 'DECIMAL') return { ...type, precision: Math.max(fraction, type.precision) };
  return type.kind === 'DATE' && ['HOUR', 'MINUTE', 'SECOND'].includes(unit) ? { kind: 'TIMESTAMP', precision: 6 } : type;
}

const TIMESTAMPADD: ScalarFunction = {
  name: 'TIMESTAMPADD',
  resolve: ([unit, count, time, ...rest]): Signature | string => {
    if (unit === undefined || count === undefined || time === undefined || rest.length > 0) return expecting('TIMESTAMPADD', 3);
    if (!isInteger(count.type) || !isDatetime(time.type)) return cannotApplyToUnit('TIMESTAMPADD', unitOf(unit), [count, time], [INTEGERS, DATETIMES]);
    const type = sumType(unitOf(unit), time.type);
    return noDifference(unitOf(unit)) ?? { args: [unit.type, count.type, type], type };
  },
  compile: (args, call) => strict(adder(unitOf(call.args[0]), call.type))(args.slice(1)),
};

function adder(unit: string, type: SqlType): (count: Present, time: Present) => Value {
  const months = MONTHS_PER_UNIT[unit];
  if (months !== undefined) return (count, time) => shiftByMonths(type, time, Number(count) * months);
  const perMs = PER_MS[unit];
  if (perMs !== undefined) return (count, time) => shiftByMs(type, time, Math.trunc(Number(count) / perMs));
  const ms = MS_PER_UNIT[unit] ?? 1;
  return (count, time) => shiftByMs(type, time, Number(count) * ms);
}

const NO_DATE = 'a TIME has no date; CAST it to a TIMESTAMP';

const isInstant = ({ kind }: SqlType): boolean => kind === 'TIMESTAMP_LTZ';

const TIMESTAMPDIFF: ScalarFunction = {
  name: 'TIMESTAMPDIFF',
  resolve: ([unit, from, to, ...rest]): Signature | string => {
    if (unit === undefined || from === undefined || to === undefined || rest.length > 0) return expecting('TIMESTAMPDIFF', 3);
    if (!isDatetime(from.type) || !isDatetime(to.type)) return cannotApplyToUnit('TIMESTAMPDIFF', unitOf(unit), [from, to], [DATETIMES, DATETIMES]);
    if (isInstant(from.type) !== isInstant(to.type)) return 'TIMESTAMP_LTZ only supports diff between the same type.';
    // In months a TIME is one of 1970-01-01; in other units Flink compiles no code for it.
    const hasTime = [from, to].some(({ type }) => type.kind === 'TIME');
    if (hasTime && !(unitOf(unit) in MONTHS_PER_UNIT)) return NO_DATE;
    return noDifference(unitOf(unit)) ?? { args: [unit.type, from.type, to.type], type: INT };
  },
  compile: (args, call) => {
    const [from = TIMESTAMP3, to = TIMESTAMP3] = call.args.slice(1).map(({ type }) => type);
    const between = difference(unitOf(call.args[0]));
    return strict((a, b) => between(instantOf(from, a), instantOf(to, b)) | 0)(args.slice(1));
  },
};

const instantOf = (type: SqlType, time: Present): number => (type.kind === 'DATE' ? numberOf(time) * MS_PER_DAY : ticksOf(type, time));

function difference(unit: string): (from: number, to: number) => number {
  const months = MONTHS_PER_UNIT[unit];
  if (months !== undefined) return (from, to) => Math.trunc(monthsBetween(from, to) / months);
  // Whole seconds, in smaller units.
  const finer = (1000 / (MS_PER_UNIT[unit] ?? 1)) * (PER_MS[unit] ?? 1);
  if (unit === 'MILLISECOND' || unit in PER_MS) return (from, to) => Number(BigInt.asIntN(32, BigInt(Math.trunc((to - from) / 1000)) * BigInt(finer)));
  const ms = MS_PER_UNIT[unit] ?? 1;
  return (from, to) => Math.trunc((to - from) / ms);
}

/** Whole months; the last one counts when its day and time have come. */
function monthsBetween(from: number, to: number): number {
  const [fromDay, toDay] = [Math.floor(from / MS_PER_DAY), Math.floor(to / MS_PER_DAY)];
  const months = wholeMonths(fromDay, toDay);
  const isUnfinished = addMonths(fromDay, months) === toDay && to - toDay * MS_PER_DAY < from - fromDay * MS_PER_DAY;
  return isUnfinished ? months - 1 : months;
}

function wholeMonths(from: number, to: number): number {
  if (to < from) return 0 - wholeMonths(to, from);
  let months = Math.trunc((to - from) / 31);
  while (addMonths(from, months) < to && addMonths(from, months + 1) <= to) months++;
  return months;
}

/** `(a - b) DAY` and `(a - b) MONTH` (Calcite's MINUS_DATE): an interval of milliseconds or months, of two times of one kind. */
const minusDate = (name: string, type: SqlType, between: (from: number, to: number) => number): ScalarFunction => ({
  name,
  resolve: ([a, b]): Signature | string => {
    if (a === undefined || b === undefined) return expecting('-', 2);
    const isSame = isDatetime(a.type) && a.type.kind === b.type.kind;
    if (!isSame) return cannotCombine('-', [a.type, b.type], [[DATETIMES, DATETIMES]]);
    return a.type.kind === 'TIME' && type.kind === 'INTERVAL_DAY' ? NO_DATE : { args: [a.type, b.type], type };
  },
  compile: (args, call) => {
    const [to = TIMESTAMP3, from = TIMESTAMP3] = call.args.map((argument) => argument.type);
    return strict((a, b) => between(instantOf(from, b), instantOf(to, a)))(args);
  },
});

export const DIFFERENCES: readonly ScalarFunction[] = [
  TIMESTAMPADD,
  TIMESTAMPDIFF,
  minusDate('- IN TIME', { kind: 'INTERVAL_DAY' }, (from, to) => to - from),
  minusDate('- IN MONTHS', { kind: 'INTERVAL_YEAR' }, monthsBetween),
];
