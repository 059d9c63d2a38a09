/** CASE, COALESCE, NULLIF, IF, GREATEST, LEAST, CAST. */
import { compareValues } from '../compare.ts';
import { isError } from '../errors.ts';
import type { Expression } from '../plan.ts';
import { BOOLEAN, typeText, type SqlType, type Value } from '../types.ts';
import { converter } from './cast.ts';
import { strict, type CallExpression, type Evaluator, type ScalarFunction, type Signature } from './function.ts';
import { equalValues } from './logic.ts';
import { commonType } from './type-rules.ts';

const typesOf = (args: readonly Expression[]): SqlType[] => args.map((argument) => argument.type);

/** All arguments get the type that they have in common. */
function alike(args: readonly Expression[]): Signature | string {
  const type = commonType(typesOf(args));
  if (type === null) return `${typesOf(args).map(typeText).join(', ')} have no common type; CAST them`;
  return type.kind === 'NULL' ? 'at least one argument must not be NULL' : { args: args.map(() => type), type };
}

const isOpen = (nullable: readonly boolean[]): boolean => nullable.some(Boolean);

/** `CASE(condition, value, …, otherwise)`: conditions stand at the even places, except for the last argument. */
const isCondition = (i: number, count: number): boolean => i % 2 === 0 && i < count - 1;

const CASE: ScalarFunction = {
  name: 'CASE',
  resolve: (args) => {
    const values = alike(args.filter((_, i) => !isCondition(i, args.length)));
    if (typeof values === 'string') return values;
    const conditions = args.filter((_, i) => isCondition(i, args.length));
    if (conditions.some(({ type }) => type.kind !== 'BOOLEAN')) return 'WHEN takes conditions';
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
  resolve: (args) => (args.length === 3 ? CASE.resolve(args) : 'it takes three arguments'),
};

const coalesce = (name: string, least: number, most: number): ScalarFunction => ({
  name,
  resolve: (args) => (args.length < least || args.length > most ? `it takes at least ${least} arguments` : alike(args)),
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

const NULLIF: ScalarFunction = {
  name: 'NULLIF',
  resolve: (args) => {
    const both = alike(args);
    return args.length === 2 ? both : 'it takes two arguments';
  },
  nullable: () => true,
  compile: ([left, right]) => (row) => {
    const [a, b] = [left?.(row) ?? null, right?.(row) ?? null];
    return a !== null && b !== null && equalValues(a, b) ? null : a;
  },
};

/** NULL as soon as one argument is, as in Flink. */
const extreme = (name: string, sign: 1 | -1): ScalarFunction => ({
  name,
  resolve: alike,
  compile: strict((...values) => values.reduce((best, value) => (compareValues(value, best) * sign > 0 ? value : best))),
});

/** Casts are made by `castTo`, which checks them. */
const resolveCast = (): string => 'it is written CAST(value AS type)';

const compileConverter = (args: readonly Evaluator[], call: CallExpression): Evaluator =>
  strict(converter(call.args[0]?.type ?? call.type, call.type) ?? (() => null))(args);

const CAST: ScalarFunction = { name: 'CAST', resolve: resolveCast, compile: compileConverter };

const TRY_CAST: ScalarFunction = {
  name: 'TRY_CAST',
  resolve: resolveCast,
  nullable: () => true,
  compile: (args, call) => {
    const cast = compileConverter(args, call);
    return (row) => {
      try {
        return cast(row);
      } catch (error) {
        if (isError(error, 'EXPRESSION_FAILED')) return null;
        throw error;
      }
    };
  },
};

export const CONDITIONAL: readonly ScalarFunction[] = [
  CASE,
  IF,
  coalesce('COALESCE', 1, Infinity),
  coalesce('IFNULL', 2, 2),
  NULLIF,
  extreme('GREATEST', 1),
  extreme('LEAST', -1),
  CAST,
  TRY_CAST,
];
