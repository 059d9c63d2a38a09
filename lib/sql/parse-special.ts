/** CASE and CAST. */
import type { Case, Cast, Expression } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseType } from './parse-type.ts';

export function parseCase(cursor: Cursor): Case {
  const { start } = cursor.advance().span;
  const operand = cursor.at('WHEN') ? null : parseExpression(cursor);
  const branches = [parseBranch(cursor)];
  while (cursor.at('WHEN')) branches.push(parseBranch(cursor));
  const otherwise = cursor.accept('ELSE') ? parseExpression(cursor) : null;
  cursor.expect('END');
  return { kind: 'case', operand, branches, otherwise, span: cursor.spanFrom(start) };
}

function parseBranch(cursor: Cursor): { when: Expression; then: Expression } {
  cursor.expect('WHEN');
  const when = parseExpression(cursor);
  cursor.expect('THEN');
  // oxlint-disable-next-line unicorn/no-thenable -- plain data that nobody awaits
  return { when, then: parseExpression(cursor) };
}

export function parseCast(cursor: Cursor): Cast {
  const { keyword, span } = cursor.advance();
  cursor.expect('(');
  const operand = parseExpression(cursor);
  cursor.expect('AS');
  const type = parseType(cursor);
  cursor.expect(')');
  return { kind: 'cast', operand, type, safe: keyword === 'TRY_CAST', span: cursor.spanFrom(span.start) };
}
