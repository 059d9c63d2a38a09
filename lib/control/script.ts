/** A script as statements, parsed one by one: what stands before a mistake is executed, as Flink's SQL client does. */
import type { Span, Statement } from '../sql/ast.ts';
import { Cursor } from '../sql/parse-cursor.ts';
import { atQuery } from '../sql/parse-query.ts';
import { parseOne } from '../sql/parse-statement.ts';

/** A query that another engine reads is not parsed. */
export interface RawQuery {
  readonly kind: 'raw-query';
  readonly text: string;
  readonly source: string;
  readonly span: Span;
}

/** Each statement is parsed when it is asked for; positions in errors refer to the whole text. */
export function* statementsOf(text: string, isRaw: () => boolean): Generator<Statement | RawQuery> {
  const cursor = new Cursor(text);
  for (;;) {
    while (cursor.accept(';'));
    if (cursor.current.kind === 'end') return;
    yield isRaw() && beginsQuery(cursor) ? rawQuery(cursor) : parseOne(cursor);
  }
}

const beginsQuery = (cursor: Cursor): boolean => atQuery(cursor) || cursor.is('(') || cursor.is('WITH') || cursor.is('VALUES');

function rawQuery(cursor: Cursor): RawQuery {
  const { start } = cursor.current.span;
  let { end } = cursor.current.span;
  while (cursor.current.kind !== 'end' && !cursor.is(';')) ({ end } = cursor.advance().span);
  const { source } = cursor;
  return { kind: 'raw-query', text: source.slice(start, end), source, span: { start, end } };
}
