/** GROUP BY: expressions, tuples, GROUPING SETS, ROLLUP and CUBE. */
import type { GroupingElement, GroupingSets, GroupingTuple } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';

export function parseGroupBy(cursor: Cursor): GroupingElement[] {
  const { start } = cursor.current.span;
  if (!cursor.accept('GROUP')) return [];
  cursor.expect('BY');
  if (!cursor.accept('DISTINCT')) {
    cursor.accept('ALL');
    return cursor.list(() => parseElement(cursor));
  }
  const elements = cursor.list(() => parseElement(cursor));
  return [{ kind: 'distinct-sets', elements, span: cursor.spanFrom(start) }];
}

const parseElement = (cursor: Cursor): GroupingElement =>
  cursor.nested(() => {
    const { start } = cursor.current.span;
    if (cursor.accept('GROUPING', 'SETS')) return parseSets(cursor, 'grouping-sets', start, parseElement);
    if (cursor.accept('ROLLUP')) return parseSets(cursor, 'rollup', start, parseStep);
    return cursor.accept('CUBE') ? parseSets(cursor, 'cube', start, parseStep) : parseStep(cursor);
  });

function parseSets(cursor: Cursor, kind: GroupingSets['kind'], start: number, element: (cursor: Cursor) => GroupingElement): GroupingSets {
  const elements = cursor.parenthesized(() => element(cursor));
  return { kind, elements, span: cursor.spanFrom(start) };
}

const parseStep = (cursor: Cursor): GroupingElement => (atTuple(cursor) ? parseTuple(cursor) : parseExpression(cursor));

/** True before `()` and before parentheses with a comma of their own: all others are part of an expression. */
function atTuple(cursor: Cursor): boolean {
  if (!cursor.is('(') || cursor.peek(1).keyword === ')') return cursor.is('(');
  for (let ahead = 1, depth = 1; depth > 0; ahead++) {
    const { keyword, kind } = cursor.peek(ahead);
    if (kind === 'end' || (keyword === ',' && depth === 1)) return kind !== 'end';
    depth += DEPTH.get(keyword) ?? 0;
  }
  return false;
}

const DEPTH: ReadonlyMap<string, number> = new Map([
  ['(', 1],
  [')', -1],
]);

function parseTuple(cursor: Cursor): GroupingTuple {
  const { start } = cursor.current.span;
  cursor.expect('(');
  const expressions = cursor.is(')') ? [] : cursor.list(() => parseExpression(cursor));
  cursor.expect(')');
  return { kind: 'grouping-tuple', expressions, span: cursor.spanFrom(start) };
}
