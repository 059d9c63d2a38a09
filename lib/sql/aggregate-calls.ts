/** Calls of aggregate functions inside of expressions. */
import type * as ast from './ast.ts';
import { AGGREGATE_FUNCTIONS } from './plan-expression.ts';

/** True if a SELECT has GROUP BY, HAVING or an aggregate function. */
export function isAggregated(select: ast.Select): boolean {
  return select.groupBy.length > 0 || select.having !== null || aggregateCalls(select).length > 0;
}

/** The aggregate calls of the select list and HAVING, in the order of the text. */
export function aggregateCalls(select: ast.Select): ast.Call[] {
  const expressions = select.items.flatMap((item) => (item.kind === 'wildcard' ? [] : [item.expression]));
  return [...expressions, ...(select.having === null ? [] : [select.having])].flatMap(callsIn);
}

/** The aggregate calls in an expression, the outermost of those that are nested. */
export const callsIn = (e: ast.Expression): ast.Call[] => findCalls(e, AGGREGATE_FUNCTIONS);

/** The calls of these functions in an expression, the outermost of those that are nested. */
export function findCalls(e: ast.Expression, names: { has(name: string): boolean }): ast.Call[] {
  if (e.kind === 'call' && names.has(e.name)) return [e];
  return childrenOf(e).flatMap((child) => findCalls(child, names));
}

function childrenOf(e: ast.Expression): readonly ast.Expression[] {
  switch (e.kind) {
    case 'call':
      return e.arguments;
    case 'unary':
    case 'is':
    case 'cast':
      return [e.operand];
    case 'binary':
    case 'distinct-from':
      return [e.left, e.right];
    case 'between':
      return [e.operand, e.low, e.high];
    case 'in':
      return [e.operand, ...e.values];
    case 'like':
      return e.escape === null ? [e.operand, e.pattern] : [e.operand, e.pattern, e.escape];
    case 'case':
      return [e.operand, ...e.branches.flatMap(({ when, then }) => [when, then]), e.otherwise].filter((part) => part !== null);
    default:
      return [];
  }
}
