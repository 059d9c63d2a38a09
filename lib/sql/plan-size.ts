/**
 * How large plans may grow. A field of a subquery, a view and a table of WITH stand in the plan wherever they are named, so that a short text can mean more than
 * memory holds: `SELECT x + x AS x FROM (SELECT x + x …)` doubles with each level. What is counted is what a plan would hold; the count itself goes over each part once.
 */
import type { Expression } from '../core/plan.ts';
import type { Span } from './ast.ts';
import { inputsOf, type Base, type Pipeline } from './plan-scope.ts';
import { unsupported } from './refusal.ts';

/** Columns, literals and calls in one expression, in one select list, and in all that is lowered for a statement. */
const EXPRESSIONS_MAX = 200_000;
/** Tables, unions, windows and aggregations in one query. */
const OPERATORS_MAX = 1000;

/** Keys, and aggregates, of one aggregation. */
const GROUPED_MAX = 1000;

const HINT = 'What a subquery computes is repeated wherever it is named: name it less often, or write it into a table, and read that.';

const sizes = new WeakMap<Expression, number>();

export function sizeOf(e: Expression): number {
  const known = sizes.get(e);
  if (known !== undefined) return known;
  const size = e.op === 'call' ? e.args.reduce((sum, argument) => sum + sizeOf(argument), 1) : 1;
  sizes.set(e, size);
  return size;
}

export const totalSize = (expressions: readonly Expression[]): number => expressions.reduce((sum, e) => sum + sizeOf(e), 0);

/** Throws SQL_UNSUPPORTED. */
export function requireExpressions(size: number, span: Span): void {
  if (size > EXPRESSIONS_MAX) unsupported(span, `A query whose expressions consist of more than ${EXPRESSIONS_MAX} columns, literals and calls`, HINT);
}

const counts = new WeakMap<Base, number>();

/** Throws SQL_UNSUPPORTED. */
export function requireOperators({ base }: Pipeline, span: Span): void {
  if (operatorsOf(base) > OPERATORS_MAX) unsupported(span, `A query of more than ${OPERATORS_MAX} operators`, HINT);
}

/** Throws SQL_UNSUPPORTED. */
export function requireFewGrouped(count: number, what: 'keys' | 'aggregates', span: Span): void {
  if (count > GROUPED_MAX) unsupported(span, `An aggregation of more than ${GROUPED_MAX} ${what}`, 'Divide it into several queries.');
}

function operatorsOf(base: Base): number {
  const known = counts.get(base);
  if (known !== undefined) return known;
  const count = inputsOf(base).reduce((sum, input) => sum + operatorsOf(input.base), 1);
  counts.set(base, count);
  return count;
}
