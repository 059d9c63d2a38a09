/** What a scalar function is, and the helpers that make one in a line. */
import type { Expression } from '../plan.ts';
import { UTC, sessionZone } from '../time/zone-id.ts';
import type { TimeZone } from '../time/zone.ts';
import type { Row, SqlType, Value } from '../types.ts';
import type { Present } from '../value-access.ts';
import type { Clock } from './clock.ts';

/** Computes a value from a row. */
export type Evaluator = (row: Row) => Value;

export type CallExpression = Extract<Expression, { op: 'call' }>;

/** The types that the arguments are cast to implicitly, and the type of the result. */
export interface Signature {
  readonly args: readonly SqlType[];
  readonly type: SqlType;
  /** Whether the casts of the arguments give NULL for what does not fit. */
  readonly safe?: boolean;
}

export interface ScalarFunction {
  /** Upper case; operators by their symbol or words, such as `||` and `IS NOT NULL`. */
  readonly name: string;
  /** The signature for these arguments, or the reason why there is none: a whole sentence where Flink has one, or what follows "Cannot apply 'NAME': ". */
  readonly resolve: (args: readonly Expression[]) => Signature | string;
  /** The evaluator of a call whose arguments have the types of its signature. */
  readonly compile: (args: readonly Evaluator[], call: CallExpression, clock: Clock) => Evaluator;
  /** Whether the result may be NULL, given the same of the arguments; without it, if any argument may. */
  readonly nullable?: (args: readonly boolean[]) => boolean;
  /** Whether a call depends on the time zone of the session, which the planner then writes into it; without it, none does. */
  readonly isZoned?: (call: CallExpression) => boolean;
  /** Whether a call reads the clock, so that it is no constant; without it, none does. */
  readonly readsClock?: (call: CallExpression) => boolean;
  /** Whether an argument may be a NULL literal without a type; most functions refuse it (`Illegal use of 'NULL'`). */
  readonly takesNull?: boolean;
}

/** The time zone of the session that a call was planned in. */
export const zoneOf = ({ zone }: CallExpression): TimeZone => (zone === undefined ? UTC : (sessionZone(zone) ?? UTC));

/** Evaluates a function that is NULL as soon as one argument is. */
export const strict =
  (apply: (...values: Present[]) => Value): ((args: readonly Evaluator[]) => Evaluator) =>
  (args) => {
    const [first, second] = args;
    if (first !== undefined && args.length === 1) return strictOne(first, apply);
    if (first !== undefined && second !== undefined && args.length === 2) return strictTwo(first, second, apply);
    return strictMany(args, apply);
  };

function strictOne(argument: Evaluator, apply: (value: Present) => Value): Evaluator {
  return (row) => {
    const value = argument(row);
    return value === null ? null : apply(value);
  };
}

function strictTwo(left: Evaluator, right: Evaluator, apply: (a: Present, b: Present) => Value): Evaluator {
  return (row) => {
    const a = left(row);
    if (a === null) return null;
    const b = right(row);
    return b === null ? null : apply(a, b);
  };
}

function strictMany(args: readonly Evaluator[], apply: (...values: Present[]) => Value): Evaluator {
  return (row) => {
    const values: Present[] = [];
    for (const argument of args) {
      const value = argument(row);
      if (value === null) return null;
      values.push(value);
    }
    return apply(...values);
  };
}

/** A parameter: what it takes, and how that is called in a message. */
export interface Parameter {
  readonly what: string;
  readonly accepts: (type: SqlType) => boolean;
}

/** Resolves calls with `least` to `parameters.length` arguments, each of its family, without any cast. */
export const signature =
  (parameters: readonly Parameter[], result: (types: readonly SqlType[]) => SqlType, least = parameters.length) =>
  (args: readonly Expression[]): Signature | string => {
    const types = args.map((argument) => argument.type);
    const fits = types.length >= least && types.every((type, i) => parameters[i]?.accepts(type) ?? false);
    return fits ? { args: types, type: result(types) } : `it takes (${usage(parameters, least)})`;
  };

function usage(parameters: readonly Parameter[], least: number): string {
  return parameters.map(({ what }, i) => (i < least ? what : `[${what}]`)).join(', ');
}
