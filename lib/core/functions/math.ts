/** Functions on numbers. */
import { divideHalfUp, pow10, rescale } from '../decimal.ts';
import { literalNumber } from './literals.ts';
import type { Expression } from '../plan.ts';
import { DOUBLE, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf, type Present } from '../value-access.ts';
import { fitDecimal } from './cast.ts';
import { signature, strict, type CallExpression, type Evaluator, type ScalarFunction, type Signature } from './function.ts';
import { NUMERIC, adjustedDecimal, firstType, isFloating, isInteger, isNumeric } from './type-rules.ts';
import { wrapTo } from './wrap.ts';

const ABS: ScalarFunction = {
  name: 'ABS',
  resolve: signature([NUMERIC], firstType),
  compile: (args, { type }) => strict((value) => absolute(type, value))(args),
};

function absolute(type: SqlType, value: Present): Value {
  if (typeof value === 'number') return isInteger(type) ? wrapTo(type, BigInt(Math.abs(value))) : Math.abs(value);
  const size = bigintOf(value) < 0n ? -bigintOf(value) : bigintOf(value);
  return type.kind === 'DECIMAL' ? size : wrapTo(type, size);
}

/** FLOOR and CEIL: integers stay as they are, a DECIMAL loses its fraction. */
const whole = (name: string, up: boolean): ScalarFunction => ({
  name,
  resolve: signature([NUMERIC], ([type = DOUBLE]) => (type.kind === 'DECIMAL' ? { ...type, scale: 0 } : type)),
  compile: (args, call) => strict(wholeOf(call, up))(args),
});

function wholeOf(call: CallExpression, up: boolean): (value: Present) => Value {
  const from = call.args[0]?.type ?? DOUBLE;
  if (isFloating(from)) return (value) => (up ? Math.ceil(numberOf(value)) : Math.floor(numberOf(value)));
  if (from.kind !== 'DECIMAL') return (value) => value;
  const unit = pow10(from.scale);
  return (value) => {
    const unscaled = bigintOf(value);
    const rest = ((unscaled % unit) + unit) % unit;
    return (unscaled - rest) / unit + (up && rest > 0n ? 1n : 0n);
  };
}

/** `ROUND(x [, digits])`: HALF_UP; the digits of a DECIMAL must be a literal, since they are part of its type. */
const ROUND: ScalarFunction = {
  name: 'ROUND',
  resolve: (args) => resolveRound(args),
  compile: (args, call) => strict(rounder(call))(args),
};

function resolveRound([value, digits, ...rest]: readonly Expression[]): Signature | string {
  const type = value?.type ?? DOUBLE;
  if (rest.length > 0 || !isNumeric(type) || (digits !== undefined && !isInteger(digits.type))) return 'it takes (number, [integer])';
  const types = digits === undefined ? [type] : [type, digits.type];
  if (type.kind !== 'DECIMAL') return { args: types, type };
  const places = digits === undefined ? 0 : literalNumber(digits);
  if (places === null) return 'the digits of a DECIMAL must be a literal';
  return { args: types, type: roundedType(type.precision, type.scale, places) };
}

/** LogicalTypeMerging.findRoundDecimalType. */
function roundedType(precision: number, scale: number, places: number): SqlType {
  if (places >= scale) return { kind: 'DECIMAL', precision, scale };
  const digits = Math.max(places, 0);
  return adjustedDecimal(Math.min(38, 1 + precision - scale + digits), digits);
}

function rounder(call: CallExpression): (value: Present, digits?: Present) => Value {
  const from = call.args[0]?.type ?? DOUBLE;
  const { type } = call;
  return (value, digits) => {
    const places = digits === undefined ? 0 : Number(digits);
    if (from.kind === 'DECIMAL' && type.kind === 'DECIMAL') {
      return fitDecimal(rescale(roundUnscaled(bigintOf(value), from.scale - places), from.scale, type.scale), type.precision);
    }
    if (isFloating(from)) return roundDouble(numberOf(value), places);
    return wrapTo(type, roundUnscaled(BigInt(Number(value)), -places));
  };
}

/** The number with its last `digits` digits rounded to zeros. */
const roundUnscaled = (unscaled: bigint, digits: number): bigint =>
  digits <= 0 ? unscaled : divideHalfUp(unscaled, pow10(digits)) * pow10(digits);

/** By decimal text, so that 2.675 rounds as it is written (BigDecimal.valueOf). */
function roundDouble(value: number, places: number): number {
  if (!Number.isFinite(value)) return value;
  const shifted = Number(`${Math.abs(value)}e${places}`);
  if (!Number.isFinite(shifted)) return value;
  return Math.sign(value) * Number(`${Math.round(shifted)}e${-places}`);
}

const onDouble = (name: string, apply: (...values: number[]) => number, count = 1): ScalarFunction => ({
  name,
  resolve: (args) => resolveDoubles(args, count),
  compile: (args: readonly Evaluator[]) => strict((...values) => apply(...values.map(numberOf)))(args),
});

function resolveDoubles(args: readonly Expression[], count: number): Signature | string {
  const fits = args.length === count && args.every(({ type }) => isNumeric(type));
  return fits ? { args: args.map(() => DOUBLE), type: DOUBLE } : `it takes ${count === 1 ? 'a number' : `${count} numbers`}`;
}

export const MATH: readonly ScalarFunction[] = [
  ABS,
  whole('FLOOR', false),
  whole('CEIL', true),
  whole('CEILING', true),
  ROUND,
  onDouble('SQRT', Math.sqrt),
  onDouble('EXP', Math.exp),
  onDouble('LN', Math.log),
  onDouble('LOG10', Math.log10),
  onDouble('POWER', Math.pow, 2),
];
