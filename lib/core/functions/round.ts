/** ROUND (half up) and TRUNCATE (towards zero) to digits behind the point, or in front of it where the number of digits is negative. */
import { divideHalfUp, pow10, rescale } from '../decimal.ts';
import { SluiceError } from '../errors.ts';
import { doubleText } from '../float-text.ts';
import type { Expression } from '../plan.ts';
import { DOUBLE, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf, type Present } from '../value-access.ts';
import { fitDecimal } from './cast.ts';
import { strict, type CallExpression, type ScalarFunction, type Signature } from './function.ts';
import { literalNumber } from './literals.ts';
import { INTEGERS, NUMBERS, inForms } from './operands.ts';
import { adjustedDecimal, isFloating } from './type-rules.ts';
import { wrapTo } from './wrap.ts';

type Division = (dividend: bigint, divisor: bigint) => bigint;

const truncated: Division = (dividend, divisor) => dividend / divisor;

/** The digits of a DECIMAL are part of its type, so that without a literal it keeps its type (LogicalTypeMerging.findRoundDecimalType). */
function resultType([value, digits]: readonly Expression[]): SqlType {
  const type = value?.type ?? DOUBLE;
  if (type.kind !== 'DECIMAL') return type;
  const places = digits === undefined ? 0 : literalNumber(digits);
  return places === null ? type : roundedType(type.precision, type.scale, places);
}

function roundedType(precision: number, scale: number, places: number): SqlType {
  if (places >= scale) return { kind: 'DECIMAL', precision, scale };
  const digits = Math.max(places, 0);
  return adjustedDecimal(Math.min(38, 1 + precision - scale + digits), digits);
}

const rounding = (name: string, divide: Division): ScalarFunction => ({
  name,
  resolve: (args): Signature | string => inForms(name, [[NUMBERS, INTEGERS], [NUMBERS]], () => resultType(args))(args),
  compile: (args, call) => strict(rounder(call, divide))(args),
});

function rounder(call: CallExpression, divide: Division): (value: Present, digits?: Present) => Value {
  const from = call.args[0]?.type ?? DOUBLE;
  const { type } = call;
  return (value, digits = 0) => {
    const places = Number(digits);
    if (from.kind === 'DECIMAL' && type.kind === 'DECIMAL') {
      return fitDecimal(rescale(cutOff(bigintOf(value), from.scale - places, divide), from.scale, type.scale), type.precision);
    }
    if (isFloating(from)) return type.kind === 'FLOAT' ? Math.fround(onDouble(numberOf(value), places, divide)) : onDouble(numberOf(value), places, divide);
    return wrapTo(type, cutOff(BigInt(Number.isSafeInteger(value) ? Number(value) : bigintOf(value)), -places, divide));
  };
}

/** More digits than any number has: of doubles there are 309. */
const MOST_DIGITS = 400;

/** The number with its last `digits` digits as zeros. */
function cutOff(unscaled: bigint, digits: number, divide: Division): bigint {
  if (digits > MOST_DIGITS) return 0n;
  return digits <= 0 ? unscaled : divide(unscaled, pow10(digits)) * pow10(digits);
}

/** By its text, so that 2.675 rounds as it is written (BigDecimal.valueOf); what is no number cannot be rounded. */
function onDouble(value: number, places: number, divide: Division): number {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)\.(\d+)(?:E(-?\d+))?$/.exec(doubleText(value)) ?? [];
  if (whole === '') throw new SluiceError('EXPRESSION_FAILED', { message: `Character ${String(value)[0]} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.` });
  const scale = fraction.length - Number(exponent);
  if (places >= scale) return value === 0 ? 0 : value;
  return Number(`${sign}${cutOff(BigInt(whole + fraction), scale - places, divide)}e${-scale}`) + 0;
}

export const ROUNDINGS: readonly ScalarFunction[] = [rounding('ROUND', divideHalfUp), rounding('TRUNCATE', truncated)];
