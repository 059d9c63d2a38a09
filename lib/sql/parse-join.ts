/** Joins, which are not run yet: they are read for their syntax alone, since a mistake in it is told first, as in Flink. */
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseTable } from './parse-table.ts';

/** What is joined with the table that was read. */
export function readJoins(cursor: Cursor): void {
  for (;;) {
    const { keyword } = cursor.current;
    if (keyword !== ',' && !JOINS.has(keyword)) return;
    cursor.refuse('JOIN');
    if (!cursor.accept(',')) expectJoin(cursor);
    parseTable(cursor);
    if (keyword !== ',') readCondition(cursor);
  }
}

const JOINS = new Set(['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL']);

function expectJoin(cursor: Cursor): void {
  cursor.accept('NATURAL');
  const outer = ['LEFT', 'RIGHT', 'FULL'].some((side) => cursor.accept(side));
  if (outer) cursor.accept('OUTER');
  else if (!cursor.accept('CROSS')) cursor.accept('INNER');
  cursor.expect('JOIN');
}

/** Whether the kind of join takes one is not a question of syntax. */
function readCondition(cursor: Cursor): void {
  if (cursor.accept('ON')) parseExpression(cursor);
  else if (cursor.accept('USING')) cursor.parenthesized(() => cursor.identifier('a column'));
}
