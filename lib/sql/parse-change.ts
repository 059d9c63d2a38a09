/** UPDATE, DELETE and TRUNCATE TABLE, which Flink's parser takes and its streaming mode refuses. */
import type { Cursor } from './parse-cursor.ts';
import { sqlError } from './diagnostic.ts';
import { parseExpression } from './parse-expression.ts';
import { parseHints } from './parse-hint.ts';

/** Reads the statement to its end if it is one of them, and refuses it in the words of Flink. */
export function rejectChange(cursor: Cursor): void {
  const { keyword, span } = cursor.current;
  const read = CHANGES.get(keyword);
  if (read === undefined) return;
  cursor.advance();
  const message = read(cursor);
  if (cursor.current.kind !== 'end' && !cursor.at(';')) throw cursor.unexpected('end of the statement');
  throw sqlError('SQL_UNSUPPORTED', cursor.source, span, message);
}

const CHANGES: ReadonlyMap<string, (cursor: Cursor) => string> = new Map([
  ['UPDATE', readUpdate],
  ['DELETE', readDelete],
  ['TRUNCATE', readTruncate],
]);

function readUpdate(cursor: Cursor): string {
  readTarget(cursor);
  cursor.expect('SET');
  cursor.list(() => {
    cursor.qualifiedName('a column');
    cursor.expect('=');
    parseExpression(cursor);
  });
  readWhere(cursor);
  return 'UPDATE statement is not supported for streaming mode now.';
}

function readDelete(cursor: Cursor): string {
  cursor.expect('FROM');
  readTarget(cursor);
  readWhere(cursor);
  return 'DELETE statement is not supported for streaming mode now.';
}

function readTruncate(cursor: Cursor): string {
  cursor.expect('TABLE');
  cursor.qualifiedName('a table');
  return 'TRUNCATE TABLE statement is not supported in streaming mode.';
}

function readTarget(cursor: Cursor): void {
  cursor.qualifiedName('a table');
  parseHints(cursor);
  cursor.alias(['SET', 'WHERE']);
}

function readWhere(cursor: Cursor): void {
  if (cursor.accept('WHERE')) parseExpression(cursor);
}
