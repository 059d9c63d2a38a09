/** FLOOR and CEIL of dates and times (Flink's FloorCeilCallGen and DateTimeUtils.julianDateFloor). */
import { MS_PER_DAY, MS_PER_HOUR, daysFromCivil } from '../calendar.ts';
import { dayOfWeek } from '../time/date-time.ts';
import { hybridFromDays } from '../time/hybrid-calendar.ts';
import type { TimeZone } from '../time/zone.ts';
import { TIMESTAMP3, type SqlType, type Value } from '../types.ts';
import type { Present } from '../value-access.ts';
import { strict, zoneOf, type ScalarFunction, type Signature } from './function.ts';
import { literalString } from './literals.ts';
import { MS_PER_UNIT, nanosOf, ticksOf, timeOfDay, timestampAt, unitName, unknownUnit } from './time-unit.ts';
import { isDatetime, isTimestamp } from './type-rules.ts';

type DayRounding = (days: number, up: boolean) => number;

const firstOf = (year: number, month = 1): number => daysFromCivil(year + Math.floor((month - 1) / 12), ((month - 1) % 12) + 1, 1);

/** The first year of so many, counted from 1; rounding up always goes to the next. */
const byYears =
  (years: number): DayRounding =>
  (days, up) => {
    const end = years * Math.trunc((hybridFromDays(days).year + years - 1) / years);
    return firstOf(up ? end + 1 : end - years + 1);
  };

const OF_DAYS: Readonly<Record<string, DayRounding>> = {
  MILLENNIUM: byYears(1000),
  CENTURY: byYears(100),
  DECADE: (days, up) => firstOf(10 * (Math.trunc(hybridFromDays(days).year / 10) + (up ? 1 : 0))),
  YEAR: (days, up) => {
    const { year, month, day } = hybridFromDays(days);
    return firstOf(year + (up && (month > 1 || day > 1) ? 1 : 0));
  },
  QUARTER: (days, up) => {
    const { year, month, day } = hybridFromDays(days);
    return firstOf(year, Math.ceil(month / 3) * 3 - 2 + (up && (month > 1 || day > 1) ? 3 : 0));
  },
  MONTH: (days, up) => {
    const { year, month, day } = hybridFromDays(days);
    return firstOf(year, month + (up && day > 1 ? 1 : 0));
  },
  WEEK: (days, up) => {
    const { year, month, day } = hybridFromDays(days);
    const weekday = dayOfWeek(days);
    return daysFromCivil(year, month, day) - weekday + (up && weekday > 0 ? 7 : 0);
  },
};

function roundTicks(ticks: number, size: number, up: boolean): number {
  const down = Math.floor(ticks / size) * size;
  return up && down < ticks ? down + size : down;
}

type Rounding = (ticks: number) => number;

/** Of days for a DATE, of milliseconds otherwise. */
function rounding(unit: string, type: SqlType, up: boolean, zone: TimeZone | null): Rounding {
  const ofDays = OF_DAYS[unit];
  const size = MS_PER_UNIT[unit] ?? 1;
  if (type.kind === 'DATE') {
    // Rounded up to a day a DATE becomes the next one; to less than a day it stays what it is.
    if (ofDays === undefined) return (days) => days + (up && unit === 'DAY' ? 1 : 0);
    return (days) => ofDays(days, up);
  }
  const onClock: Rounding = ofDays === undefined ? (ms) => roundTicks(ms, size, up) : (ms) => ofDays(Math.trunc(ms / MS_PER_DAY), up) * MS_PER_DAY;
  // The offset is that of the time before it is rounded, also across a change of the clock.
  if (zone === null || (ofDays === undefined && size < MS_PER_HOUR)) return onClock;
  return (ms) => {
    const offset = zone.offsetAt(ms);
    return onClock(ms + offset) - offset;
  };
}

function resolveRounding(unit: string, type: SqlType | undefined, name: string): SqlType | string {
  if (type === undefined || !isDatetime(type)) return `it takes (number) or (date or time TO unit)`;
  const unknown = unknownUnit(unit);
  if (unknown !== null) return unknown;
  const known = unit in MS_PER_UNIT || (unit in OF_DAYS && type.kind !== 'TIME');
  return known ? type : `${name} of a ${type.kind} to ${unit} is not supported`;
}

/** `FLOOR TO(time, unit)`, the arguments of `FLOOR(time TO unit)`. */
const rounded = (name: string, up: boolean): ScalarFunction => ({
  name: `${name} TO`,
  resolve: ([time, unit]): Signature | string => {
    const type = resolveRounding(unitName(literalString(unit) ?? ''), time?.type, name);
    return typeof type === 'string' || unit === undefined ? String(type) : { args: [type, unit.type], type };
  },
  isZoned: ({ type }) => type.kind === 'TIMESTAMP_LTZ',
  compile: (args, call) => {
    const type = call.args[0]?.type ?? TIMESTAMP3;
    const round = rounding(unitName(literalString(call.args[1]) ?? ''), type, up, type.kind === 'TIMESTAMP_LTZ' ? zoneOf(call) : null);
    return strict(roundedValue(type, round, up))(args.slice(0, 1));
  },
});

function roundedValue(type: SqlType, round: Rounding, up: boolean): (time: Present) => Value {
  // What lies behind the millisecond counts where it is rounded up.
  if (isTimestamp(type)) return (time) => timestampAt(type, round(ticksOf(type, time) + (up && nanosOf(type, time) > 0 ? 1 : 0)));
  return type.kind === 'TIME' ? (time) => timeOfDay(round(ticksOf(type, time))) : (time) => round(ticksOf(type, time));
}

export const ROUNDINGS: readonly ScalarFunction[] = [rounded('FLOOR', false), rounded('CEIL', true), rounded('CEILING', true)];
