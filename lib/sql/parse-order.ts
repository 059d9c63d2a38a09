/** ORDER BY, LIMIT, OFFSET and FETCH behind a query. */
import type { NumberLiteral, Ordered, OrderItem } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';

export const UNORDERED: Ordered = { orderBy: [], limit: null, offset: null };

export const isOrdered = ({ orderBy, limit, offset }: Ordered): boolean => orderBy.length > 0 || limit !== null || offset !== null;

export const parseOrdered = (cursor: Cursor): Ordered => ({ orderBy: parseOrderBy(cursor), ...parseBounds(cursor) });

export function parseOrderBy(cursor: Cursor): OrderItem[] {
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

type Bounds = Omit<Ordered, 'orderBy'>;

/** LIMIT and then OFFSET, or OFFSET and then FETCH, or one of them. */
function parseBounds(cursor: Cursor): Bounds {
  if (cursor.at('LIMIT')) {
    const limit = parseLimit(cursor);
    return { limit, offset: parseOffset(cursor) };
  }
  const offset = parseOffset(cursor);
  if (offset !== null && cursor.is('LIMIT')) throw notAllowed(cursor, 'OFFSET start LIMIT count', 'Write LIMIT count OFFSET start.');
  return { limit: parseFetch(cursor), offset };
}

/** null: LIMIT ALL. */
function parseLimit(cursor: Cursor): NumberLiteral | null {
  cursor.expect('LIMIT');
  if (cursor.accept('ALL')) return null;
  const count = parseCount(cursor);
  if (cursor.is(',')) throw notAllowed(cursor, 'LIMIT start, count', 'Write LIMIT count OFFSET start.');
  return count;
}

function parseOffset(cursor: Cursor): NumberLiteral | null {
  if (!cursor.accept('OFFSET')) return null;
  const offset = parseCount(cursor);
  if (!cursor.accept('ROWS')) cursor.accept('ROW');
  return offset;
}

function parseFetch(cursor: Cursor): NumberLiteral | null {
  if (!cursor.accept('FETCH')) return null;
  if (!cursor.accept('FIRST')) cursor.expect('NEXT');
  const count = parseCount(cursor);
  if (!cursor.accept('ROW')) cursor.expect('ROWS');
  cursor.expect('ONLY');
  return count;
}

const notAllowed = (cursor: Cursor, form: string, hint: string): Error =>
  cursor.error(cursor.current.span, `'${form}' is not allowed under the current SQL conformance level`, hint);

function parseCount(cursor: Cursor): NumberLiteral {
  const { kind, value, span } = cursor.current;
  if (kind !== 'number') throw cursor.unexpected('a number');
  cursor.advance();
  return { kind: 'number', text: value, span };
}
