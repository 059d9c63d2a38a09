/** EXTRACT and its short forms (Flink's ExtractCallGen and DateTimeUtils.julianExtract). */
import { MS_PER_DAY, civilFromDays, daysFromCivil } from '../calendar.ts';
import type { Expression } from '../plan.ts';
import { dayOfWeek } from '../time/date-time.ts';
import type { TimeZone } from '../time/zone.ts';
import { BIGINT, TIMESTAMP3, typeText, type SqlType, type Value } from '../types.ts';
import { numberOf, type Present } from '../value-access.ts';
import { calciteTypeText } from './calcite-text.ts';
import { strict, zoneOf, type CallExpression, type ScalarFunction, type Signature } from './function.ts';
import { literalString } from './literals.ts';
import { cannotApply, expecting } from './operands.ts';
import { DATETIMES } from './time-operands.ts';
import { MS_PER_UNIT, nanosOf, ticksOf, unitName, unknownUnit } from './time-unit.ts';
import { isDatetime, isInterval, isTimestamp } from './type-rules.ts';

const floorMod = (value: number, by: number): number => value - Math.floor(value / by) * by;

/** ISO-8601: the week with the Thursday, and the year that it belongs to. */
const thursdayOf = (days: number): number => days - floorMod(days + 3, 7) + 3;

function isoWeek(days: number): number {
  const thursday = thursdayOf(days);
  return Math.floor((thursday - daysFromCivil(civilFromDays(thursday).year, 1, 1)) / 7) + 1;
}

/** Years of a decade, century or millennium; the first century is that of the year 1. */
const yearsIn = (years: number, year: number): number => Math.trunc((year > 0 ? year + years - 1 : year - years + 1) / years);

const OF_DAYS: Readonly<Record<string, (days: number) => number>> = {
  MILLENNIUM: (days) => yearsIn(1000, civilFromDays(days).year),
  CENTURY: (days) => yearsIn(100, civilFromDays(days).year),
  DECADE: (days) => Math.trunc(civilFromDays(days).year / 10),
  YEAR: (days) => civilFromDays(days).year,
  ISOYEAR: (days) => civilFromDays(thursdayOf(days)).year,
  QUARTER: (days) => Math.ceil(civilFromDays(days).month / 3),
  MONTH: (days) => civilFromDays(days).month,
  WEEK: isoWeek,
  DAY: (days) => civilFromDays(days).day,
  DOW: (days) => dayOfWeek(days) + 1,
  ISODOW: (days) => dayOfWeek(days) || 7,
  DOY: (days) => days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1,
};

/** The unit above, in milliseconds: what is left of it is divided by the unit. */
const WITHIN: Readonly<Record<string, number>> = { HOUR: MS_PER_DAY, MINUTE: 3_600_000, SECOND: 60_000, MILLISECOND: 1000 };

const OF_MONTHS: Readonly<Record<string, (months: number) => number>> = {
  YEAR: (months) => Math.trunc(months / 12),
  QUARTER: (months) => Math.trunc(((months % 12) - 1) / 3) + 1,
  MONTH: (months) => months % 12,
};

const FINE: Readonly<Record<string, number>> = { MICROSECOND: 1000, NANOSECOND: 1_000_000 };

/** Why the unit cannot be taken of the type; null if it can. */
function unfit(unit: string, type: SqlType): string | null {
  const refused = `unit ${unit} can not be applied to ${type.kind === 'TIME' ? 'time' : typeText(type)} variable`;
  if (type.kind === 'INTERVAL_YEAR') return unit in OF_MONTHS ? null : refused;
  if (type.kind === 'INTERVAL_DAY') return unit in WITHIN || unit === 'DAY' ? null : refused;
  if (unit in WITHIN) return null;
  if (unit in FINE) return isTimestamp(type) ? null : refused;
  return type.kind === 'TIME' ? refused : null;
}

function extractor(unit: string, type: SqlType, zone: TimeZone | null): (time: Present) => Value {
  const ticks = readTicks(type, zone);
  const ofMonths = OF_MONTHS[unit];
  if (type.kind === 'INTERVAL_YEAR' && ofMonths !== undefined) return (time) => BigInt(ofMonths(numberOf(time)));
  if (type.kind === 'INTERVAL_DAY' && unit === 'DAY') return (time) => BigInt(Math.trunc(numberOf(time) / MS_PER_DAY));
  const isDate = type.kind === 'DATE';
  const ofDays = OF_DAYS[unit];
  if (ofDays !== undefined) return (time) => BigInt(ofDays(isDate ? numberOf(time) : Math.trunc(ticks(time) / MS_PER_DAY)));
  if (unit === 'EPOCH') return (time) => BigInt(isDate ? numberOf(time) * 86_400 : Math.trunc(ticks(time) / 1000));
  const fine = FINE[unit];
  if (fine !== undefined) return (time) => BigInt((ticks(time) % 1000) * fine + Math.trunc(nanosOf(type, time) / (1_000_000 / fine)));
  const [within = 1, size = 1] = [WITHIN[unit], MS_PER_UNIT[unit]];
  return (time) => BigInt(Math.trunc((ticks(time) % within) / size));
}

/** Flink divides without regard to the sign: behind -1 ms comes the day of 1970, not that of 1969. */
function readTicks(type: SqlType, zone: TimeZone | null): (time: Present) => number {
  if (zone === null) return (time) => ticksOf(type, time);
  return (time) => {
    const ms = ticksOf(type, time);
    return ms + zone.offsetAt(ms);
  };
}

function notExtracted(name: string, unit: string, type: SqlType): string {
  if (name !== 'EXTRACT') return cannotApply(name, [type], [[DATETIMES]]);
  const given = `'EXTRACT(<INTERVAL ${unit}> FROM <${calciteTypeText(type)}>)'`;
  return `Cannot apply 'EXTRACT' to arguments of type ${given}. Supported form(s): 'EXTRACT(<DATETIME_INTERVAL> FROM <DATETIME_INTERVAL>)'`;
}

function resolveUnit(name: string, unit: string, types: readonly SqlType[]): Signature | string {
  const [type] = types;
  if (type === undefined || types.length > 1) return expecting(name, 1);
  if (!isDatetime(type) && !isInterval(type)) return notExtracted(name, unit, type);
  const refused = unknownUnit(unit) ?? unfit(unit, type);
  return refused ?? { args: types, type: BIGINT };
}

const ofLocalTime = (type: SqlType | undefined): boolean => type?.kind === 'TIMESTAMP_LTZ';

/** `EXTRACT(unit, time)`, the arguments of `EXTRACT(unit FROM time)`. */
const EXTRACT: ScalarFunction = {
  name: 'EXTRACT',
  resolve: ([unit, ...times]) => {
    const signature = resolveUnit('EXTRACT', unitName(literalString(unit) ?? ''), times.map(({ type }) => type));
    return typeof signature === 'string' || unit === undefined ? signature : { ...signature, args: [unit.type, ...signature.args] };
  },
  isZoned: ({ args }) => ofLocalTime(args[1]?.type),
  compile: (args, call) => strict(ofCall(call, unitName(literalString(call.args[0]) ?? ''), call.args[1]))(args.slice(1)),
};

function ofCall(call: CallExpression, unit: string, time: Expression | undefined): (time: Present) => Value {
  const type = time?.type ?? TIMESTAMP3;
  return extractor(unit, type, ofLocalTime(type) ? zoneOf(call) : null);
}

/** `YEAR(date)` and the like, which are EXTRACT by another name. */
const part = (name: string, unit: string): ScalarFunction => ({
  name,
  resolve: (args) => resolveUnit(name, unit, args.map(({ type }) => type)),
  isZoned: ({ args }) => ofLocalTime(args[0]?.type),
  compile: (args, call) => strict(ofCall(call, unit, call.args[0]))(args),
});

export const EXTRACTS: readonly ScalarFunction[] = [
  EXTRACT,
  ...['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'HOUR', 'MINUTE', 'SECOND'].map((unit) => part(unit, unit)),
  part('DAYOFMONTH', 'DAY'),
  part('DAYOFWEEK', 'DOW'),
  part('DAYOFYEAR', 'DOY'),
];
