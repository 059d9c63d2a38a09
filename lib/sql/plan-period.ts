/** `(start, end) OVERLAPS (start, length)` and its relatives, as comparisons (Calcite's StandardConvertletTable.convertOverlaps). */
import { callFunction } from '../core/expression.ts';
import { isInterval } from '../core/functions/type-rules.ts';
import type { Expression } from '../core/plan.ts';
import type * as ast from './ast.ts';
import { invalid, orInvalid } from './refusal.ts';

/** The operators between two periods. */
export const PERIOD_OPERATORS: ReadonlySet<string> = new Set(['OVERLAPS', 'CONTAINS', 'EQUALS', 'PRECEDES', 'SUCCEEDS']);

interface Period {
  readonly start: Expression;
  readonly end: Expression;
}

type Translate = (e: ast.Expression) => Expression;

export function translatePeriods(e: ast.Call, translate: Translate): Expression {
  const [left, right] = e.arguments.map((period) => periodOf(period, e, translate));
  if (left === undefined || right === undefined) return invalid(e.span, `${e.name} takes two periods`);
  const compare = (operator: string, a: Expression, b: Expression): Expression => made(operator, [a, b], e.span);
  const both = (a: Expression, b: Expression): Expression => made('AND', [a, b], e.span);
  switch (e.name) {
    case 'CONTAINS':
      return both(compare('<=', left.start, right.start), compare('>=', left.end, right.end));
    case 'EQUALS':
      return both(compare('=', left.start, right.start), compare('=', left.end, right.end));
    case 'PRECEDES':
      return compare('<=', left.end, right.start);
    case 'SUCCEEDS':
      return compare('>=', left.start, right.end);
    default:
      return both(compare('>=', left.end, right.start), compare('>=', right.end, left.start));
  }
}

const made = (fn: string, args: readonly Expression[], span: ast.Span): Expression => orInvalid(callFunction(fn, args), span, `Cannot apply '${fn}': `);

/** The second part is an end or a length; which of both ends comes first does not matter. A time alone is a period without length. */
function periodOf(e: ast.Expression, { name }: ast.Call, translate: Translate): Period {
  if (e.kind !== 'call' || e.name !== 'ROW') return { start: translate(e), end: translate(e) };
  const [first, second, ...others] = e.arguments.map(translate);
  if (first === undefined || second === undefined || others.length > 0) return invalid(e.span, `A period of ${name} is (start, end) or (start, interval)`);
  const last = isInterval(second.type) ? made('+', [first, second], e.span) : second;
  const inOrder = made('<=', [first, last], e.span);
  return { start: made('CASE', [inOrder, first, last], e.span), end: made('CASE', [inOrder, last, first], e.span) };
}
