/** SELECT and its clauses. */
import type { NumberLiteral, OrderItem, Query, SelectItem, TableReference, Wildcard } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { operatorCall, parseExpression } from './parse-expression.ts';
import { parseGroupBy } from './parse-group-by.ts';
import { parseHints } from './parse-hint.ts';
import { parseTable } from './parse-table.ts';

/** True if the next token begins a query. */
export const atQuery = (cursor: Cursor): boolean =>
  ['SELECT', 'WITH', 'VALUES', 'TABLE'].some((keyword) => cursor.at(keyword));

export const parseQuery = (cursor: Cursor): Query =>
  cursor.nested(() => {
    const query = cursor.at('(') ? parseParenthesized(cursor) : parseSelect(cursor);
    rejectSetOperation(cursor);
    return query;
  });

function parseParenthesized(cursor: Cursor): Query {
  cursor.expect('(');
  const query = parseQuery(cursor);
  cursor.expect(')');
  return query;
}

function parseSelect(cursor: Cursor): Query {
  const { start } = cursor.current.span;
  rejectOtherQuery(cursor);
  cursor.expect('SELECT');
  const hints = parseHints(cursor);
  const distinct = cursor.accept('DISTINCT');
  if (!distinct) cursor.accept('ALL');
  const items = cursor.list(() => parseItem(cursor));
  const from = cursor.accept('FROM') ? parseFrom(cursor) : null;
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : null;
  const groupBy = parseGroupBy(cursor);
  const having = cursor.accept('HAVING') ? parseExpression(cursor) : null;
  rejectClauses(cursor);
  const orderBy = parseOrderBy(cursor);
  const bounds = parseBounds(cursor);
  const span = cursor.spanFrom(start);
  return { kind: 'select', hints, distinct, items, from, where, groupBy, having, orderBy, ...bounds, span };
}

function rejectOtherQuery(cursor: Cursor): void {
  if (cursor.is('WITH')) throw cursor.unsupported('WITH (a common table expression)');
  if (cursor.is('VALUES')) throw cursor.unsupported('VALUES');
  if (cursor.is('TABLE')) throw cursor.unsupported('TABLE as a query', undefined, 'Write SELECT * FROM the table.');
}

function rejectSetOperation(cursor: Cursor): void {
  const found = ['UNION', 'INTERSECT', 'EXCEPT', 'MINUS'].find((keyword) => cursor.is(keyword));
  if (found !== undefined) throw cursor.unsupported(found);
}

function rejectClauses(cursor: Cursor): void {
  if (cursor.is('WINDOW')) throw cursor.unsupported('the WINDOW clause');
  if (cursor.is('QUALIFY')) throw cursor.unsupported('QUALIFY');
}

function parseItem(cursor: Cursor): SelectItem {
  const { start } = cursor.current.span;
  if (cursor.accept('*')) return { kind: 'wildcard', qualifier: null, span: cursor.spanFrom(start) };
  if (atQualifiedWildcard(cursor)) return aliased(cursor, parseQualifiedWildcard(cursor));
  const expression = parseExpression(cursor);
  const alias = cursor.alias(['FROM']);
  return { kind: 'select-expression', expression, alias, span: cursor.spanFrom(start) };
}

/** `row.* AS name` asks for a field of the name `*`. */
function aliased(cursor: Cursor, wildcard: Wildcard): SelectItem {
  const alias = cursor.alias(['FROM']);
  const { qualifier: name, span } = wildcard;
  if (alias === null || name === null) return wildcard;
  const expression = operatorCall('.', span, [{ kind: 'column', name, span: name.span }, { kind: 'string', value: '*', span }], span);
  return { kind: 'select-expression', expression, alias, span: cursor.spanFrom(span.start) };
}

/** Looks over `a.b.` for a star. */
function atQualifiedWildcard(cursor: Cursor): boolean {
  let ahead = 0;
  while (cursor.peek(ahead).kind !== 'symbol' && cursor.peek(ahead + 1).keyword === '.') ahead += 2;
  return ahead > 0 && cursor.peek(ahead).keyword === '*';
}

function parseQualifiedWildcard(cursor: Cursor): Wildcard {
  const first = cursor.identifier('a table');
  const rest = [];
  cursor.expect('.');
  while (!cursor.accept('*')) {
    rest.push(cursor.identifier('a table'));
    cursor.expect('.');
  }
  const end = rest.at(-1)?.span.end ?? first.span.end;
  const qualifier = { kind: 'qualified-name', parts: [first, ...rest], span: { start: first.span.start, end } } as const;
  return { kind: 'wildcard', qualifier, span: cursor.spanFrom(first.span.start) };
}

function parseFrom(cursor: Cursor): TableReference {
  const table = parseTable(cursor);
  const { keyword } = cursor.current;
  if (keyword === ',' || JOINS.has(keyword)) throw cursor.unsupported('JOIN');
  return table;
}

const JOINS = new Set(['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL']);

function parseOrderBy(cursor: Cursor): OrderItem[] {
  if (!cursor.accept('ORDER')) return [];
  cursor.expect('BY');
  return cursor.list(() => parseOrderItem(cursor));
}

function parseOrderItem(cursor: Cursor): OrderItem {
  const expression = parseExpression(cursor);
  const descending = cursor.accept('DESC');
  if (!descending) cursor.accept('ASC');
  const nulls = parseNulls(cursor);
  return { kind: 'order-item', expression, descending, nulls, span: cursor.spanFrom(expression.span.start) };
}

function parseNulls(cursor: Cursor): OrderItem['nulls'] {
  if (cursor.accept('NULLS', 'FIRST')) return 'first';
  return cursor.accept('NULLS', 'LAST') ? 'last' : null;
}

function parseBounds(cursor: Cursor): { limit: NumberLiteral | null; offset: NumberLiteral | null } {
  const limit = cursor.accept('LIMIT') && !cursor.accept('ALL') ? parseCount(cursor) : null;
  const offset = cursor.accept('OFFSET') ? parseCount(cursor) : null;
  if (offset !== null && !cursor.accept('ROWS')) cursor.accept('ROW');
  if (cursor.is('FETCH')) throw cursor.unsupported('FETCH', undefined, 'Write LIMIT n.');
  return { limit, offset };
}

function parseCount(cursor: Cursor): NumberLiteral {
  const { kind, value, span } = cursor.current;
  if (kind !== 'number' || !/^\d+$/.test(value)) throw cursor.unexpected('a number');
  cursor.advance();
  return { kind: 'number', text: value, span };
}
