/** CASE, COALESCE, IF, GREATEST, LEAST, CAST. */
import { compareValues } from '../compare.ts';
import { isError } from '../errors.ts';
import type { Expression } from '../plan.ts';
import { BOOLEAN, isNested, type SqlType, type Value } from '../types.ts';
import { numberOf } from '../value-access.ts';
import { converter } from './cast.ts';
import { isZonedCast } from './cast-time.ts';
import { NOT_ORDERED } from './comparison.ts';
import { strict, zoneOf, type CallExpression, type Evaluator, type ScalarFunction, type Signature } from './function.ts';
import { cannotApply, expecting, invalidInput } from './operands.ts';
import { timeOfDay } from './time-unit.ts';
import { commonType } from './type-rules.ts';

const typesOf = (args: readonly Expression[]): SqlType[] => args.map((argument) => argument.type);

/** All arguments get the type that they have in common. */
function alike(args: readonly Expression[], refused: string): Signature | string {
  const type = commonType(typesOf(args));
  if (type === null) return refused;
  return type.kind === 'NULL' ? "Illegal use of 'NULL'" : { args: args.map(() => type), type };
}

const COMMON = { name: 'COMMON', accepts: () => true };

const isOpen = (nullable: readonly boolean[]): boolean => nullable.some(Boolean);

/** `CASE(condition, value, …, otherwise)`: conditions stand at the even places, except for the last argument. */
const isCondition = (i: number, count: number): boolean => i % 2 === 0 && i < count - 1;

const CASE: ScalarFunction = {
  name: 'CASE',
  resolve: (args) => {
    const conditions = args.filter((_, i) => isCondition(i, args.length));
    if (conditions.some(({ type }) => type.kind !== 'BOOLEAN' && type.kind !== 'NULL')) return 'Expected a boolean type';
    const branches = args.filter((_, i) => !isCondition(i, args.length));
    if (branches.every(({ type }) => type.kind === 'NULL')) return 'ELSE clause or at least one THEN clause must be non-NULL';
    const values = alike(branches, 'Illegal mixing of types in CASE or COALESCE statement');
    if (typeof values === 'string') return values;
    return { args: args.map((_, i) => (isCondition(i, args.length) ? BOOLEAN : values.type)), type: values.type };
  },
  nullable: (args) => isOpen(args.filter((_, i) => !isCondition(i, args.length))),
  compile: (args) => (row) => {
    let i = 0;
    while (isCondition(i, args.length) && args[i]?.(row) !== true) i += 2;
    return args[isCondition(i, args.length) ? i + 1 : i]?.(row) ?? null;
  },
};

const IF: ScalarFunction = {
  ...CASE,
  name: 'IF',
  resolve: (args) => {
    if (args.length !== 3) return expecting('IF', 3);
    const values = args[0]?.type.kind === 'BOOLEAN' ? alike(args.slice(1), '') : '';
    const any = { name: 'ANY_TYPE', accepts: () => true };
    const number = { name: 'NUMERIC_TYPE', accepts: () => true };
    return typeof values === 'string' ? cannotApply('IF', typesOf(args), [[any, number, number]]) : { args: [BOOLEAN, values.type, values.type], type: values.type };
  },
};

const coalesce = (name: string, least: number, most: number): ScalarFunction => ({
  name,
  resolve: (args) => (args.length < least || args.length > most ? expecting(name, least) : alike(args, invalidInput(name, [[COMMON, COMMON]]))),
  nullable: (args) => args.every(Boolean),
  compile: (args) => (row) => firstPresent(args, row),
});

function firstPresent(args: readonly Evaluator[], row: Parameters<Evaluator>[0]): Value {
  for (const argument of args) {
    const value = argument(row);
    if (value !== null) return value;
  }
  return null;
}

/** NULL as soon as one argument is, as in Flink. */
const extreme = (name: string, sign: 1 | -1): ScalarFunction => ({
  name,
  takesNull: true,
  resolve: (args) => (args.some(({ type }) => isNested(type)) ? NOT_ORDERED : alike(args, invalidInput(name, [[COMMON, COMMON]]))),
  compile: strict((...values) => values.reduce((best, value) => (compareValues(value, best) * sign > 0 ? value : best))),
});

/** Casts are made by `castTo`, which checks them. */
const resolveCast = (): string => 'it is written CAST(value AS type)';

const compileConverter = (args: readonly Evaluator[], call: CallExpression): Evaluator =>
  strict(converter(fromOf(call), call.type, zoneOf(call)) ?? (() => null))(args);

const fromOf = ({ args, type }: CallExpression): SqlType => args[0]?.type ?? type;

/** A TIME that is none fails as soon as somebody looks at it, also where the cast itself must not fail. */
const checked = (cast: Evaluator, { type }: CallExpression): Evaluator => {
  if (type.kind !== 'TIME') return cast;
  return (row) => {
    const time = cast(row);
    return time === null ? null : timeOfDay(numberOf(time));
  };
};

const isZoned = (call: CallExpression): boolean => isZonedCast(fromOf(call), call.type);

const CAST: ScalarFunction = { name: 'CAST', resolve: resolveCast, isZoned, compile: (args, call) => checked(compileConverter(args, call), call) };

const TRY_CAST: ScalarFunction = {
  name: 'TRY_CAST',
  resolve: resolveCast,
  nullable: () => true,
  isZoned,
  compile: (args, call) => {
    const cast = compileConverter(args, call);
    const safely: Evaluator = (row) => {
      try {
        return cast(row);
      } catch (error) {
        if (isError(error, 'EXPRESSION_FAILED')) return null;
        throw error;
      }
    };
    return checked(safely, call);
  },
};

export const CONDITIONAL: readonly ScalarFunction[] = [
  CASE,
  IF,
  coalesce('COALESCE', 1, Infinity),
  coalesce('IFNULL', 2, 2),
  extreme('GREATEST', 1),
  extreme('LEAST', -1),
  CAST,
  TRY_CAST,
];
