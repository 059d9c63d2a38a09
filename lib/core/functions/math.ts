/** Functions on numbers. */
import { bigintOf, numberOf, type Present } from '../value-access.ts';
import { toDouble } from './decimal-double.ts';
import { strict, type CallExpression, type ScalarFunction } from './function.ts';
import { NUMBERS, expecting, inForms, type Form } from './operands.ts';
import { DOUBLE, type SqlType, type Value } from '../types.ts';
import { firstType, isFloating, isInteger } from './type-rules.ts';
import { pow10 } from '../decimal.ts';
import { wrapTo } from './wrap.ts';

const onNumber = (name: string, result: (types: readonly SqlType[]) => SqlType, compute: (call: CallExpression) => (value: Present) => Value): ScalarFunction => ({
  name,
  resolve: inForms(name, [[NUMBERS]], result),
  compile: (args, call) => strict(compute(call))(args),
});

function absolute({ type }: CallExpression): (value: Present) => Value {
  return (value) => {
    if (typeof value === 'number') return isInteger(type) ? wrapTo(type, BigInt(Math.abs(value))) : Math.abs(value);
    const size = bigintOf(value) < 0n ? -bigintOf(value) : bigintOf(value);
    return type.kind === 'DECIMAL' ? size : wrapTo(type, size);
  };
}

/** 1, 0 or -1, as a number of the same type: 1.00 for a DECIMAL of two digits. */
function sign({ type }: CallExpression): (value: Present) => Value {
  const one = type.kind === 'DECIMAL' ? pow10(type.scale) : 1n;
  return (value) => (typeof value === 'bigint' ? (value > 0n ? one : value < 0n ? -one : 0n) : Math.sign(numberOf(value)));
}

/** Integers stay as they are; a DECIMAL loses its fraction, and may then have a digit more than its type. */
const whole =
  (up: boolean) =>
  (call: CallExpression): ((value: Present) => Value) => {
    const from = call.args[0]?.type ?? DOUBLE;
    if (isFloating(from)) return (value) => (up ? Math.ceil(numberOf(value)) : Math.floor(numberOf(value)));
    if (from.kind !== 'DECIMAL') return (value) => value;
    const unit = pow10(from.scale);
    return (value) => {
      const unscaled = bigintOf(value);
      const rest = ((unscaled % unit) + unit) % unit;
      return (unscaled - rest) / unit + (up && rest > 0n ? 1n : 0n);
    };
  };

const wholeType = ([type = DOUBLE]: readonly SqlType[]): SqlType => (type.kind === 'DECIMAL' ? { ...type, scale: 0 } : type);

/** Functions of doubles; a DECIMAL becomes one as Flink's DecimalDataUtils.doubleValue makes it. */
const ofDoubles = (name: string, forms: readonly Form[], apply: (a: number, b: number) => number): ScalarFunction => ({
  name,
  resolve: inForms(name, forms, () => DOUBLE),
  compile: (args, call) => {
    const [first = DOUBLE, second = DOUBLE] = call.args.map(({ type }) => type);
    if (args.length === 1) return strict((value) => apply(toDouble(first, value), NaN))(args);
    return strict((a, b) => apply(toDouble(first, a), toDouble(second, b)))(args);
  },
});

const onDouble = (name: string, apply: (value: number) => number): ScalarFunction => ofDoubles(name, [[NUMBERS]], (value) => apply(value));
const onDoubles = (name: string, apply: (a: number, b: number) => number): ScalarFunction => ofDoubles(name, [[NUMBERS, NUMBERS]], apply);

/** `LOG(x)` is the natural logarithm, `LOG(base, x)` has the base in front. */
const log = (a: number, b: number): number => Math.log(b) / Math.log(a);
const LOG: ScalarFunction = {
  ...ofDoubles('LOG', [[NUMBERS], [NUMBERS, NUMBERS]], log),
  compile: (args, call, clock) => (args.length === 1 ? onDouble('LOG', Math.log) : onDoubles('LOG', log)).compile(args, call, clock),
};

/** Calcite makes POWER(x, 0.5) of SQRT(x), which differs from a root for -Infinity and -0. */
const squareRoot = (value: number): number => (value === -Infinity ? Infinity : Math.sqrt(value) + 0);

/** Java's StrictMath takes e as 2.7182818284590455 here, JavaScript's is exact at 1. */
const hyperbolicCosine = (value: number): number => (Math.abs(value) === 1 ? 1.543080634815244 : Math.cosh(value));

const RADIANS_PER_DEGREE = 0.017453292519943295;
const DEGREES_PER_RADIAN = 57.29577951308232;

const constant = (name: string, value: number): ScalarFunction => ({
  name,
  resolve: (args) => (args.length === 0 ? { args: [], type: DOUBLE } : expecting(name, 0)),
  nullable: () => false,
  compile: () => () => value,
});

export const MATH: readonly ScalarFunction[] = [
  onNumber('ABS', firstType, absolute),
  onNumber('SIGN', firstType, sign),
  onNumber('FLOOR', wholeType, whole(false)),
  onNumber('CEIL', wholeType, whole(true)),
  onNumber('CEILING', wholeType, whole(true)),
  onDouble('SQRT', squareRoot),
  onDouble('EXP', Math.exp),
  onDouble('LN', Math.log),
  onDouble('LOG10', Math.log10),
  onDouble('LOG2', (value) => Math.log(value) / Math.LN2),
  LOG,
  onDoubles('POWER', Math.pow),
  onDouble('SIN', Math.sin),
  onDouble('COS', Math.cos),
  onDouble('TAN', Math.tan),
  onDouble('COT', (value) => 1 / Math.tan(value)),
  onDouble('ASIN', Math.asin),
  onDouble('ACOS', Math.acos),
  onDouble('ATAN', Math.atan),
  onDoubles('ATAN2', Math.atan2),
  onDouble('SINH', Math.sinh),
  onDouble('COSH', hyperbolicCosine),
  onDouble('TANH', Math.tanh),
  onDouble('DEGREES', (value) => value * DEGREES_PER_RADIAN),
  onDouble('RADIANS', (value) => value * RADIANS_PER_DEGREE),
  constant('PI', Math.PI),
  constant('E', Math.E),
];
