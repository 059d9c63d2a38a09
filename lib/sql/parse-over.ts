/** OVER behind a call, which is not run yet: it is read for its syntax alone, since a mistake in it is told first, as in Flink. */
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseOrderBy } from './parse-order.ts';

/** `OVER w`, or `OVER ([w] [PARTITION BY …] [ORDER BY …] [ROWS | RANGE …])`. */
export function readOver(cursor: Cursor): void {
  cursor.refuse('OVER', cursor.advance().span);
  if (!cursor.accept('(')) {
    cursor.identifier('a name');
    return;
  }
  if (cursor.atName()) cursor.advance();
  if (cursor.accept('PARTITION')) readPartition(cursor);
  parseOrderBy(cursor);
  if (cursor.accept('ROWS') || cursor.accept('RANGE')) readFrame(cursor);
  cursor.expect(')');
}

function readPartition(cursor: Cursor): void {
  cursor.expect('BY');
  cursor.list(() => parseExpression(cursor));
}

function readFrame(cursor: Cursor): void {
  const between = cursor.accept('BETWEEN');
  readBound(cursor);
  if (!between) return;
  cursor.expect('AND');
  readBound(cursor);
}

function readBound(cursor: Cursor): void {
  if (cursor.accept('CURRENT', 'ROW')) return;
  if (!cursor.accept('UNBOUNDED')) parseExpression(cursor);
  if (!cursor.accept('PRECEDING')) cursor.expect('FOLLOWING');
}
