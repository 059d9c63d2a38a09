/** Functions on dates and times. The time zone is UTC. */
import { MS_PER_DAY, civilFromDays, daysFromCivil } from '../calendar.ts';
import type { Expression } from '../plan.ts';
import { BIGINT, TIMESTAMP3, isNanos, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf, stringOf, type Present } from '../value-access.ts';
import { epochMs } from './cast.ts';
import { castText } from './cast-text.ts';
import { signature, strict, type CallExpression, type ScalarFunction, type Signature } from './function.ts';
import { literalNumber, literalString } from './literals.ts';
import { TEXT, isDatetime, isInteger } from './type-rules.ts';

/** Text that is no timestamp gives NULL, unlike CAST. */
const TO_TIMESTAMP: ScalarFunction = {
  name: 'TO_TIMESTAMP',
  resolve: signature([TEXT], () => TIMESTAMP3),
  nullable: () => true,
  compile: strict((text) => castText(TIMESTAMP3)?.(stringOf(text)) ?? null),
};

const TO_DATE: ScalarFunction = {
  name: 'TO_DATE',
  resolve: signature([TEXT], () => ({ kind: 'DATE' })),
  nullable: () => true,
  compile: strict((text) => castText({ kind: 'DATE' })?.(stringOf(text)) ?? null),
};

const LTZ3: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 3 };

/** `TO_TIMESTAMP_LTZ(epoch, 0 | 3)`: seconds or milliseconds. */
const TO_TIMESTAMP_LTZ: ScalarFunction = {
  name: 'TO_TIMESTAMP_LTZ',
  resolve: resolveEpoch,
  compile: (args, call) => {
    const unit = call.args[1] === undefined || literalNumber(call.args[1]) === 3 ? 1 : 1000;
    return strict((epoch) => Number(bigintOf(epoch)) * unit)(args.slice(0, 1));
  },
};

function resolveEpoch([epoch, precision]: readonly Expression[]): Signature | string {
  const digits = precision === undefined ? 3 : literalNumber(precision);
  if (epoch === undefined || !isInteger(epoch.type) || (digits !== 0 && digits !== 3)) return 'it takes (integer, 0 or 3)';
  return { args: precision === undefined ? [BIGINT] : [BIGINT, precision.type], type: LTZ3 };
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { HOUR: 3_600_000, MINUTE: 60_000, SECOND: 1000, MILLISECOND: 1 };
const UNITS_ABOVE: Readonly<Record<string, number>> = { HOUR: 24, MINUTE: 60, SECOND: 60, MILLISECOND: 1000 };
const DAY_UNITS: Readonly<Record<string, (days: number) => number>> = {
  YEAR: (days) => civilFromDays(days).year,
  QUARTER: (days) => Math.ceil(civilFromDays(days).month / 3),
  MONTH: (days) => civilFromDays(days).month,
  WEEK: isoWeek,
  DAY: (days) => civilFromDays(days).day,
  DOW: (days) => mod(days + 4, 7) + 1,
  DOY: (days) => days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1,
  EPOCH: (days) => days * 86_400,
};

const mod = (value: number, by: number): number => value - Math.floor(value / by) * by;

/** The week of ISO-8601: the one with the Thursday. */
function isoWeek(days: number): number {
  const thursday = days - mod(days + 3, 7) + 3;
  return Math.floor((thursday - daysFromCivil(civilFromDays(thursday).year, 1, 1)) / 7) + 1;
}

/** `EXTRACT(unit, time)`, the arguments of `EXTRACT(unit FROM time)`. */
const EXTRACT: ScalarFunction = {
  name: 'EXTRACT',
  resolve: ([unit, time]) => {
    const name = literalString(unit) ?? '';
    if (unit === undefined || time === undefined || !isDatetime(time.type)) return 'it takes a unit and a date or time';
    const known = name in MS_PER_UNIT ? time.type.kind !== 'DATE' : name in DAY_UNITS && time.type.kind !== 'TIME';
    return known ? { args: [unit.type, time.type], type: BIGINT } : `there is no ${name} in a ${time.type.kind}`;
  },
  compile: (args, call) => strict(extractor(call))(args.slice(1)),
};

function extractor(call: CallExpression): (time: Present) => Value {
  const type = call.args[1]?.type ?? TIMESTAMP3;
  const unit = literalString(call.args[0]) ?? '';
  const ofDays = DAY_UNITS[unit];
  const [size = 1, above = 1] = [MS_PER_UNIT[unit], UNITS_ABOVE[unit]];
  if (ofDays === undefined) return (time) => BigInt(Math.floor(mod(msOf(type, time), size * above) / size));
  if (unit === 'EPOCH' && type.kind !== 'DATE') return (time) => BigInt(Math.floor(msOf(type, time) / 1000));
  return (time) => BigInt(ofDays(type.kind === 'DATE' ? numberOf(time) : Math.floor(msOf(type, time) / MS_PER_DAY)));
}

const msOf = (type: SqlType, time: Present): number => (isNanos(type) ? epochMs(type, time) : numberOf(time));

/** `YEAR(date)` and the like, which are EXTRACT by another name. */
function part(name: string, unit: string): ScalarFunction {
  const symbol: Expression = { op: 'literal', value: unit, type: { kind: 'CHAR', length: unit.length } };
  return {
    name,
    resolve: (args) => {
      const full = EXTRACT.resolve([symbol, ...args]);
      return typeof full === 'string' ? full : { args: full.args.slice(1), type: BIGINT };
    },
    compile: (args, call) => strict(extractor({ ...call, args: [symbol, ...call.args] }))(args),
  };
}

export const TIME: readonly ScalarFunction[] = [
  TO_TIMESTAMP,
  TO_DATE,
  TO_TIMESTAMP_LTZ,
  EXTRACT,
  ...['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'HOUR', 'MINUTE', 'SECOND'].map((unit) => part(unit, unit)),
  part('DAYOFMONTH', 'DAY'),
  part('DAYOFWEEK', 'DOW'),
  part('DAYOFYEAR', 'DOY'),
];
