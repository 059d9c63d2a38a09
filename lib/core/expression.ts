/** Typed expressions: how they are built, asked and made executable. */
import { SluiceError, assert, isError } from './errors.ts';
import { castRefusal, converter } from './functions/cast.ts';
import { newClock, type Clock } from './functions/clock.ts';
import type { CallExpression, Evaluator } from './functions/function.ts';
import { SCALAR_FUNCTIONS } from './functions/registry.ts';
import type { Expression } from './plan.ts';
import { sameType, type SqlType, type Value } from './types.ts';
import { decodeValue, encodeValue } from './value-codec.ts';

export const columnAt = (index: number, type: SqlType): Expression => ({ op: 'column', index, type });

export const literal = (type: SqlType, value: Value): Expression => ({ op: 'literal', value: encodeValue(type, value), type });

/** The value of a literal; null for any other expression as well as for NULL. */
export const literalValue = (e: Expression): Value => (e.op === 'literal' ? decodeValue(e.type, e.value) : null);

/**
 * Compiles an expression to a function of a row. It throws EXPRESSION_FAILED where Flink would fail the job. Functions of the current time read the
 * clock; where an expression has none, there is no need for one.
 */
export function compileExpression(e: Expression, clock: Clock = newClock()): Evaluator {
  switch (e.op) {
    case 'column':
      return (row) => row[e.index] ?? null;
    case 'literal': {
      const value = decodeValue(e.type, e.value);
      return () => value;
    }
    case 'call': {
      const fn = SCALAR_FUNCTIONS.get(e.fn);
      assert(fn, `the plan calls an unknown function ${e.fn}`);
      const evaluate = fn.compile(e.args.map((argument) => compileExpression(argument, clock)), e, clock);
      const isFixed = e.args.length > 0 && e.args.every(({ op }) => op === 'literal') && fn.readsClock?.(e) !== true;
      return isFixed ? once(evaluate) : evaluate;
    }
  }
}

/** A constant that was not folded, since it depends on the time zone: computed for the first row that asks for it. */
function once(evaluate: Evaluator): Evaluator {
  let value: Value | undefined;
  return (row) => {
    if (value === undefined) value = evaluate(row);
    return value;
  };
}

/** A call with its arguments cast as the function needs them, or the reason why the function does not take them. */
export function callFunction(name: string, args: readonly Expression[]): Expression | string {
  const signature = SCALAR_FUNCTIONS.get(name)?.resolve(args);
  if (signature === undefined) return 'there is no such function';
  if (typeof signature === 'string') return signature;
  const cast = args.map((argument, i) => castTo(argument, signature.args[i] ?? argument.type, signature.safe));
  const refused = cast.find((argument) => typeof argument === 'string');
  if (refused !== undefined) return refused;
  return { op: 'call', fn: name, args: cast.filter((argument) => typeof argument !== 'string'), type: signature.type };
}

/** The expression as another type, or the reason why it cannot be. With `safe`, values that do not fit become NULL. */
export function castTo(e: Expression, type: SqlType, safe = false): Expression | string {
  if (sameType(e.type, type)) return e;
  if (e.type.kind === 'NULL') return literal(type, null);
  if (converter(e.type, type) === null) return castRefusal(e.type, type);
  return { op: 'call', fn: safe ? 'TRY_CAST' : 'CAST', args: [e], type };
}

/** Whether the value may be NULL, given the same of the columns. */
export function isNullable(e: Expression, columns: readonly { readonly nullable: boolean }[]): boolean {
  const known = new Map<Expression, boolean>();
  const ofCall = (call: CallExpression): boolean => {
    const args = call.args.map(of);
    return SCALAR_FUNCTIONS.get(call.fn)?.nullable?.(args) ?? args.some(Boolean);
  };
  // A part that stands in several places is asked once.
  const of = (part: Expression): boolean => {
    if (part.op === 'column') return columns[part.index]?.nullable ?? true;
    if (part.op === 'literal') return part.value === null;
    const nullable = known.get(part) ?? ofCall(part);
    known.set(part, nullable);
    return nullable;
  };
  return of(e);
}

/** Indexes of the columns that an expression reads. */
export function columnsOf(e: Expression): number[] {
  if (e.op === 'column') return [e.index];
  return e.op === 'call' ? e.args.flatMap(columnsOf) : [];
}

export type ColumnExpression = Extract<Expression, { op: 'column' }>;

/** The expression with something else in the place of each column. */
export function substitute(e: Expression, replace: (column: ColumnExpression) => Expression): Expression {
  if (e.op === 'column') return replace(e);
  return e.op === 'call' ? { ...e, args: e.args.map((argument) => substitute(argument, replace)) } : e;
}

/**
 * Computes what does not depend on the row. What fails, what reads the clock, and what depends on a time zone that is not known yet stays as it is:
 * a constant that cannot be computed fails the job, as in Flink, where a record meets it. A constant that is a division by zero, and one that is no finite
 * number, is EXPRESSION_FAILED here, as Flink's ExpressionReducer refuses them when it plans.
 */
export function foldConstants(e: Expression): Expression {
  if (e.op !== 'call') return e;
  if (!isConstant(e)) return { ...e, args: e.args.map(foldConstants) };
  const value = computed(e);
  if (e.fn === '/' && isZero(e.args[1])) throw new SluiceError('EXPRESSION_FAILED', { message: 'Division by zero', hint: 'NULLIF(divisor, 0) gives NULL instead.' });
  return value === undefined ? e : literal(e.type, asLiteral(e.type, value));
}

function isZero(divisor: Expression | undefined): boolean {
  const value = divisor?.op === 'literal' ? decodeValue(divisor.type, divisor.value) : divisor?.op === 'call' ? computed(divisor) : undefined;
  return value === 0 || value === 0n;
}

/** Literals all the way down. */
function isConstant(call: CallExpression): boolean {
  const fn = SCALAR_FUNCTIONS.get(call.fn);
  const isWhole = call.args.every((argument) => argument.op === 'literal' || (argument.op === 'call' && isConstant(argument)));
  return isWhole && fn?.readsClock?.(call) !== true && (call.zone !== undefined || fn?.isZoned?.(call) !== true);
}

function computed(call: CallExpression): Value | undefined {
  try {
    return compileExpression(call)([]);
  } catch (error) {
    if (isError(error, 'EXPRESSION_FAILED')) return undefined;
    throw error;
  }
}

/** A TIME keeps all milliseconds, but as a literal only the digits of its type, as in Flink; a double passes through a BigDecimal, which knows no -0. */
function asLiteral(type: SqlType, value: Value): Value {
  if ((type.kind === 'DOUBLE' || type.kind === 'FLOAT') && typeof value === 'number') {
    if (!Number.isFinite(value)) throw new SluiceError('EXPRESSION_FAILED', { message: 'Infinite or NaN', hint: 'A constant must be a finite number.' });
    return value + 0;
  }
  if (type.kind !== 'TIME' || typeof value !== 'number') return value;
  return value - (value % 10 ** Math.max(0, 3 - type.precision));
}

/** The expression in a session of this time zone; UTC is not written down. */
export function inZone(e: Expression, zone: string): Expression {
  if (e.op !== 'call') return e;
  const call: CallExpression = { ...e, args: e.args.map((argument) => inZone(argument, zone)) };
  return SCALAR_FUNCTIONS.get(e.fn)?.isZoned?.(call) === true ? { ...call, zone } : call;
}

/** `PROCTIME()`: as a time attribute it stands for processing time. */
export const isProcessingTime = (e: Expression): boolean => e.op === 'call' && e.fn === 'PROCTIME';

/** Whether both mean the same, part by part. */
export function sameExpression(a: Expression, b: Expression): boolean {
  if (a === b) return true;
  return isSame(a, b) && sameType(a.type, b.type);
}

function isSame(a: Expression, b: Expression): boolean {
  if (a.op === 'column') return b.op === 'column' && a.index === b.index;
  if (a.op === 'literal') return b.op === 'literal' && JSON.stringify(a.value) === JSON.stringify(b.value);
  return b.op === 'call' && a.fn === b.fn && a.zone === b.zone && a.args.length === b.args.length && a.args.every((argument, i) => sameExpression(argument, b.args[i] ?? b));
}
