/** Arithmetic with Flink's types: integers wrap, decimals follow the precision rules of SQL Server, doubles are Java's. */
import { MAX_PRECISION, divideHalfUp, pow10, rescale } from '../decimal.ts';
import { SluiceError } from '../errors.ts';
import type { Expression } from '../plan.ts';
import { DOUBLE, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf, type Present } from '../value-access.ts';
import { fitDecimal } from './cast.ts';
import { strict, type CallExpression, type ScalarFunction, type Signature } from './function.ts';
import { EXACT_NUMBERS, NUMBERS, cannotApply, cannotCombine, expecting } from './operands.ts';
import { resolveDatetime, shiftedBy } from './interval.ts';
import { adjustedDecimal, asDecimal, commonNumber, isFloating, isInteger, isInterval, isNumeric, type DecimalType } from './type-rules.ts';
import { wrapTo } from './wrap.ts';

/** One operator: on exact integers, on decimals of two scales, and on doubles. */
interface Operator {
  readonly name: string;
  readonly decimalType: (a: DecimalType, b: DecimalType) => DecimalType;
  readonly integer: (a: bigint, b: bigint) => bigint;
  readonly decimal: (a: Decimal, b: Decimal, scale: number) => bigint;
  readonly double: (a: number, b: number) => number;
}

interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

const whole = (type: DecimalType): number => type.precision - type.scale;

/** The type of a sum: one digit more than the wider one (findAdditionDecimalType). */
function sumType(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  return adjustedDecimal(Math.max(whole(a), whole(b)) + scale + 1, scale);
}

/** findDivisionDecimalType. */
function quotientType(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(6, a.scale + b.precision + 1);
  return adjustedDecimal(whole(a) + b.scale + scale, scale);
}

/** findModuloDecimalType. */
function remainderType(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  return { kind: 'DECIMAL', precision: Math.min(MAX_PRECISION, Math.min(whole(a), whole(b)) + scale), scale };
}

const bigintOfInteger = (value: Present): bigint => (typeof value === 'bigint' ? value : BigInt(numberOf(value)));

/** Java says it of whole numbers in other words than of decimals. */
function nonZero(divisor: bigint, message = '/ by zero'): bigint {
  if (divisor !== 0n) return divisor;
  throw new SluiceError('EXPRESSION_FAILED', { message, hint: 'NULLIF(divisor, 0) gives NULL instead.' });
}

/** Both numbers in units of the finer scale. */
function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [rescale(a.unscaled, a.scale, scale), rescale(b.unscaled, b.scale, scale), scale];
}

function onAligned(a: Decimal, b: Decimal, to: number, apply: (x: bigint, y: bigint) => bigint): bigint {
  const [x, y, scale] = aligned(a, b);
  return rescale(apply(x, y), scale, to);
}

const plus = (x: bigint, y: bigint): bigint => x + y;
const minus = (x: bigint, y: bigint): bigint => x - y;
const remainder = (x: bigint, y: bigint): bigint => x % nonZero(y);
const decimalRemainder = (x: bigint, y: bigint): bigint => x % nonZero(y, 'Division by zero');

/** Significant digits of a quotient (DecimalDataUtils.MC_DIVIDE). */
const QUOTIENT_DIGITS = 38;

/** Rounded twice, as Flink does: to 38 significant digits, then to the scale. */
function quotient(dividend: bigint, divisor: bigint, scale: number): bigint {
  const whole = String(dividend / divisor).replace('-', '');
  const leading = whole === '0' ? -fractionZeros(dividend, divisor) : whole.length;
  const digits = QUOTIENT_DIGITS - leading;
  if (digits <= scale) return divideHalfUp(dividend * pow10(scale), divisor);
  return rescale(divideHalfUp(dividend * pow10(digits), divisor), digits, scale);
}

/** Zeros between the point and the first digit of a quotient below one. */
function fractionZeros(dividend: bigint, divisor: bigint): number {
  const [size, by] = [dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor];
  if (size === 0n) return 0;
  let zeros = Math.max(String(by).length - String(size).length - 1, 0);
  while (size * pow10(zeros + 1) < by) zeros++;
  return zeros;
}

const ADD: Operator = {
  name: '+',
  decimalType: sumType,
  integer: plus,
  decimal: (a, b, scale) => onAligned(a, b, scale, plus),
  double: (a, b) => a + b,
};

const SUBTRACT: Operator = {
  name: '-',
  decimalType: sumType,
  integer: minus,
  decimal: (a, b, scale) => onAligned(a, b, scale, minus),
  double: (a, b) => a - b,
};

const MULTIPLY: Operator = {
  name: '*',
  decimalType: (a, b) => adjustedDecimal(a.precision + b.precision + 1, a.scale + b.scale),
  integer: (a, b) => a * b,
  decimal: (a, b, scale) => rescale(a.unscaled * b.unscaled, a.scale + b.scale, scale),
  double: (a, b) => a * b,
};

const DIVIDE: Operator = {
  name: '/',
  decimalType: quotientType,
  integer: (a, b) => a / nonZero(b),
  decimal: (a, b, scale) => {
    const [x, y] = aligned(a, b);
    return quotient(x, nonZero(y, x === 0n ? 'Division undefined' : 'Division by zero'), scale);
  },
  double: (a, b) => a / b,
};

const REMAINDER: Operator = {
  name: '%',
  decimalType: remainderType,
  integer: remainder,
  decimal: (a, b, scale) => onAligned(a, b, scale, decimalRemainder),
  double: (a, b) => a % b,
};

function resolveNumeric(operator: Operator, args: readonly Expression[]): Signature | string {
  const [a, b] = args.map((argument) => argument.type);
  if (a === undefined || b === undefined || args.length !== 2) return expecting(operator.name, 2);
  if (!isNumeric(a) || !isNumeric(b)) return cannotCombine(operator.name, [a, b], [[NUMBERS, NUMBERS]]);
  const [left, right] = [asDecimal(a), asDecimal(b)];
  if (left !== null && right !== null && !(isInteger(a) && isInteger(b))) {
    return { args: [left, right], type: operator.decimalType(left, right) };
  }
  const type = commonNumber(a, b);
  return { args: [type, type], type };
}

function compileNumeric(operator: Operator, call: CallExpression): (a: Present, b: Present) => Value {
  const type = call.type;
  if (type.kind === 'DECIMAL') return decimalOperation(operator, call, type);
  if (type.kind === 'FLOAT') return (a, b) => Math.fround(operator.double(numberOf(a), numberOf(b)));
  if (isFloating(type)) return (a, b) => operator.double(numberOf(a), numberOf(b));
  return (a, b) => wrapTo(type, operator.integer(bigintOfInteger(a), bigintOfInteger(b)));
}

function decimalOperation(operator: Operator, call: CallExpression, type: DecimalType): (a: Present, b: Present) => Value {
  const [left = 0, right = 0] = call.args.map((argument) => asDecimal(argument.type)?.scale ?? 0);
  return (a, b) => {
    const [x, y] = [{ unscaled: bigintOf(a), scale: left }, { unscaled: bigintOf(b), scale: right }];
    return fitDecimal(operator.decimal(x, y, type.scale), type.precision);
  };
}

const numeric = (operator: Operator): ScalarFunction => ({
  name: operator.name,
  resolve: (args) => resolveDatetime(operator.name, args) ?? resolveNumeric(operator, args),
  compile: (args, call) => strict(shiftedBy(call) ?? compileNumeric(operator, call))(args),
});

/** The remainder of integers has the type of the divisor, and doubles have none. */
function resolveRemainder(name: string, args: readonly Expression[]): Signature | string {
  const [a, b] = args.map((argument) => argument.type);
  if (a === undefined || b === undefined || args.length !== 2) return expecting(name, 2);
  if (!EXACT_NUMBERS.accepts(a) || !EXACT_NUMBERS.accepts(b)) return (name === '%' ? cannotCombine : cannotApply)(name, [a, b], [[EXACT_NUMBERS, EXACT_NUMBERS]]);
  const signature = resolveNumeric(REMAINDER, args);
  return typeof signature !== 'string' && isInteger(signature.type) ? { ...signature, type: b } : signature;
}

function compileRemainder(call: CallExpression): (a: Present, b: Present) => Value {
  const type = call.type;
  if (type.kind === 'DECIMAL') return compileNumeric(REMAINDER, call);
  return (a, b) => wrapTo(type, remainder(bigintOfInteger(a), bigintOfInteger(b)));
}

const modulo = (name: string): ScalarFunction => ({
  name,
  resolve: (args) => resolveRemainder(name, args),
  compile: (args, call) => strict(compileRemainder(call))(args),
});

function negate(type: SqlType): (value: Present) => Value {
  if (isInteger(type)) return (value) => wrapTo(type, -bigintOfInteger(value));
  return (value) => (typeof value === 'bigint' ? -value : -numberOf(value));
}

const NEGATE: ScalarFunction = {
  name: 'UNARY MINUS',
  resolve: ([argument, ...rest]) => {
    const type = argument?.type ?? DOUBLE;
    const fits = rest.length === 0 && (isNumeric(type) || isInterval(type));
    return fits ? { args: [type], type } : cannotCombine('-', [type], [[NUMBERS]]);
  },
  compile: (args, call) => strict(negate(call.type))(args),
};

export const ARITHMETIC: readonly ScalarFunction[] = [
  ...[ADD, SUBTRACT, MULTIPLY, DIVIDE].map(numeric),
  ...['%', 'MOD'].map(modulo),
  NEGATE,
];
