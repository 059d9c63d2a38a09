/** A script as statements, parsed one by one: what stands before a mistake is executed, as Flink's SQL client does. */
import { isError, SluiceError } from '../core/errors.ts';
import type { Span, Statement } from './ast.ts';
import { positionOf } from './diagnostic.ts';
import { Cursor } from './parse-cursor.ts';
import { atQuery } from './parse-query.ts';
import { parseOne } from './parse-statement.ts';

/** A text with statements; `name` is its file, or null for SQL from the command line. */
export interface Script {
  readonly name: string | null;
  readonly text: string;
}

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

/** The one statement of a text. Throws what points at the second one. */
export function statementOf(text: string, isRaw: boolean): Statement | RawQuery {
  const cursor = new Cursor(text);
  const statement = isRaw && beginsQuery(cursor) ? rawQuery(cursor) : parseOne(cursor);
  while (cursor.accept(';'));
  if (cursor.current.kind !== 'end') throw cursor.unexpected('end of the statement');
  return statement;
}

const beginsQuery = (cursor: Cursor): boolean => atQuery(cursor) || cursor.is('(') || cursor.is('WITH') || cursor.is('VALUES');

function rawQuery(cursor: Cursor): RawQuery {
  const { start } = cursor.current.span;
  let { end } = cursor.current.span;
  while (cursor.current.kind !== 'end' && !cursor.is(';')) ({ end } = cursor.advance().span);
  const { source } = cursor;
  return { kind: 'raw-query', text: source.slice(start, end), source, span: { start, end } };
}

/** The error of a statement with its place: one that knows none happened where the statement begins. */
export function locatedInStatement(error: unknown, { source, span }: Pick<RawQuery, 'source' | 'span'>): unknown {
  if (!isError(error) || 'line' in error.details) return error;
  return withDetails(error, error.message, { ...error.details, ...positionOf(source, span) });
}

/** Says in which file and statement it happened; lines and columns are those of the file already. */
export function locatedInScript(error: unknown, { name }: Script, statement: number): unknown {
  if (!isError(error)) return error;
  const { line, column } = error.details;
  const at = typeof line === 'number' ? `${name ?? 'command line'}:${line}:${column}` : (name ?? 'command line');
  return withDetails(error, `${error.message}\n  at ${at}, statement ${statement}`, { ...error.details, file: name, statement });
}

function withDetails({ code, hint, cause }: SluiceError, message: string, details: SluiceError['details']): SluiceError {
  return new SluiceError(code, { message, details, cause, ...(hint === undefined ? {} : { hint }) });
}
