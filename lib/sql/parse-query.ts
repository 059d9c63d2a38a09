/** Queries: WITH, set operations, VALUES, SELECT and its clauses. */
import type { CommonTable, Expression, Query, Select, SelectItem, SetOperation, TableReference, Values, Wildcard } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { operatorCall, parseExpression } from './parse-expression.ts';
import { parseGroupBy } from './parse-group-by.ts';
import { parseHints } from './parse-hint.ts';
import { readJoins } from './parse-join.ts';
import { isOrdered, parseOrdered, UNORDERED } from './parse-order.ts';
import { parseTable } from './parse-table.ts';
import { parseUnnests } from './parse-unnest.ts';

/** True if the next token begins a query. */
export const atQuery = (cursor: Cursor): boolean =>
  ['SELECT', 'WITH', 'VALUES', 'TABLE'].some((keyword) => cursor.at(keyword));

/** A query with what comes in front of it (WITH) and behind it (ORDER BY, LIMIT). */
export const parseQuery = (cursor: Cursor): Query =>
  cursor.nested(() => {
    if (cursor.is('WITH')) return parseWith(cursor);
    const { start } = cursor.current.span;
    const query = parseUnions(cursor);
    const ordered = parseOrdered(cursor);
    if (!isOrdered(ordered)) return query;
    const select = query.kind === 'select' && !isOrdered(query) ? query : allOf(query);
    return { ...select, ...ordered, span: cursor.spanFrom(start) };
  });

/** `SELECT * FROM (query)` */
function allOf(query: Query): Select {
  const { span } = query;
  const from = { kind: 'subquery', query, alias: null, columnAliases: [], span } as const;
  return { kind: 'select', hints: [], distinct: false, items: [{ kind: 'wildcard', qualifier: null, implied: true, span }], from, where: null, groupBy: [], having: null, ...UNORDERED, span };
}

function parseWith(cursor: Cursor): Query {
  const { start } = cursor.current.span;
  cursor.expect('WITH');
  if (cursor.is('RECURSIVE')) throw cursor.unsupported('WITH RECURSIVE');
  const tables = cursor.list(() => parseCommonTable(cursor));
  const body = parseQuery(cursor);
  return { kind: 'with', tables, body, span: cursor.spanFrom(start) };
}

function parseCommonTable(cursor: Cursor): CommonTable {
  const name = cursor.identifier('a name');
  const columns = cursor.at('(') ? cursor.parenthesized(() => cursor.identifier('a column')) : [];
  cursor.expect('AS');
  const query = parseParenthesized(cursor);
  return { kind: 'common-table', name, columns, query, span: cursor.spanFrom(name.span.start) };
}

/** UNION and EXCEPT, from the left; INTERSECT binds closer. */
function parseUnions(cursor: Cursor): Query {
  const { start } = cursor.current.span;
  let query = parseIntersections(cursor);
  for (;;) {
    cursor.offer(['UNION', 'UNION ALL']);
    const operator = cursor.is('UNION') ? 'UNION' : cursor.is('EXCEPT') || cursor.is('MINUS') ? 'EXCEPT' : null;
    if (operator === null) return query;
    query = parseOperation(cursor, start, operator, query, parseIntersections);
  }
}

function parseIntersections(cursor: Cursor): Query {
  const { start } = cursor.current.span;
  let query = parseOperand(cursor);
  while (cursor.is('INTERSECT')) query = parseOperation(cursor, start, 'INTERSECT', query, parseOperand);
  return query;
}

/** A chain of them becomes a tree that is as deep as the chain is long. */
const SET_OPERATIONS_MAX = 200;

const chainOf = (query: Query): number => (query.kind === 'set-operation' ? 1 + chainOf(query.left) : 0);

function parseOperation(cursor: Cursor, start: number, operator: SetOperation['operator'], left: Query, operand: (cursor: Cursor) => Query): Query {
  if (chainOf(left) === SET_OPERATIONS_MAX) throw cursor.tooComplex(`more than ${SET_OPERATIONS_MAX} set operations in one query`);
  const operatorSpan = cursor.advance().span;
  const all = cursor.accept('ALL');
  if (!all) cursor.accept('DISTINCT');
  const right = operand(cursor);
  return { kind: 'set-operation', operator, operatorSpan, all, left, right, span: cursor.spanFrom(start) };
}

function parseOperand(cursor: Cursor): Query {
  if (cursor.at('(')) return parseParenthesized(cursor);
  if (cursor.is('VALUES')) return parseValues(cursor);
  return cursor.is('TABLE') ? parseTableQuery(cursor) : parseSelect(cursor);
}

function parseParenthesized(cursor: Cursor): Query {
  cursor.expect('(');
  const query = parseQuery(cursor);
  cursor.expect(')');
  return query;
}

function parseValues(cursor: Cursor): Values {
  const { start } = cursor.advance().span;
  const rows = cursor.list(() => parseRow(cursor));
  return { kind: 'values', rows, span: cursor.spanFrom(start) };
}

/** `(a, b)`, `ROW(a, b)`, or a single value without parentheses. */
function parseRow(cursor: Cursor): Expression[] {
  if (cursor.is('ROW', '(')) cursor.advance();
  if (cursor.at('(')) return cursor.parenthesized(() => parseExpression(cursor));
  return [parseExpression(cursor)];
}

/** `TABLE t` is `SELECT * FROM t`. */
function parseTableQuery(cursor: Cursor): Select {
  const { span } = cursor.advance();
  const name = cursor.qualifiedName('a table');
  const from = { kind: 'named-table', name, alias: null, columnAliases: [], hints: [], span: name.span } as const;
  const items = [{ kind: 'wildcard', qualifier: null, span }] as const;
  return { kind: 'select', hints: [], distinct: false, items, from, where: null, groupBy: [], having: null, ...UNORDERED, span: cursor.spanFrom(span.start) };
}

function parseSelect(cursor: Cursor): Select {
  const { start } = cursor.current.span;
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
  return { kind: 'select', hints, distinct, items, from, where, groupBy, having, ...UNORDERED, span: cursor.spanFrom(start) };
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
  const table = parseUnnests(cursor, parseTable(cursor));
  readJoins(cursor);
  return table;
}

