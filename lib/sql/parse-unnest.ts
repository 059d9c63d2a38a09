/** `CROSS JOIN UNNEST(collection) [WITH ORDINALITY] AS t (columns)`, with a comma, or with INNER and LEFT JOIN … ON TRUE. */
import type { TableReference } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';

/** The table joined with all UNNESTs that follow. */
export function parseUnnests(cursor: Cursor, table: TableReference): TableReference {
  const join = JOINS.find((words) => cursor.is(...words, 'UNNEST', '('));
  if (join === undefined) return table;
  const { start } = table.span;
  cursor.expect(...join, 'UNNEST', '(');
  const collection = parseExpression(cursor);
  cursor.expect(')');
  const ordinality = cursor.accept('WITH', 'ORDINALITY');
  const alias = cursor.alias(['WHERE', 'GROUP', 'ON', 'JOIN', 'CROSS', 'LEFT']);
  const columnAliases = alias !== null && cursor.is('(') ? cursor.parenthesized(() => cursor.identifier('a column')) : [];
  if (join.includes('JOIN') && !join.includes('CROSS')) expectTrue(cursor);
  return parseUnnests(cursor, { kind: 'unnest', input: table, collection, ordinality, outer: join.includes('LEFT'), alias, columnAliases, span: cursor.spanFrom(start) });
}

const JOINS: readonly (readonly string[])[] = [[','], ['CROSS', 'JOIN'], ['JOIN'], ['INNER', 'JOIN'], ['LEFT', 'JOIN'], ['LEFT', 'OUTER', 'JOIN']];

function expectTrue(cursor: Cursor): void {
  cursor.expect('ON');
  const condition = parseExpression(cursor);
  if (condition.kind !== 'boolean' || !condition.value) throw cursor.unsupported('a condition on UNNEST', condition.span, 'Write ON TRUE, and the condition behind WHERE.');
}
