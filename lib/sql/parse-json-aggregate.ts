/** `JSON_OBJECTAGG([KEY] k VALUE v [NULL | ABSENT ON NULL])` and `JSON_ARRAYAGG(v [NULL | ABSENT ON NULL])`. */
import type { Call, Expression } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';

export const JSON_AGGREGATES: ReadonlySet<string> = new Set(['JSON_OBJECTAGG', 'JSON_ARRAYAGG']);

/** What stands between the parentheses. */
export function parseJsonAggregate(cursor: Cursor, call: Call): Call {
  const args = call.name === 'JSON_OBJECTAGG' ? parseKeyAndValue(cursor) : [parseExpression(cursor)];
  if (cursor.is('ORDER', 'BY')) throw cursor.unsupported(`ORDER BY in ${call.name}`);
  const onNull = (['NULL', 'ABSENT'] as const).find((word) => cursor.accept(word, 'ON', 'NULL'));
  return { ...call, arguments: args, ...(onNull === undefined ? {} : { onNull }) };
}

/** `KEY k VALUE v`, `k VALUE v`, `k: v` or `k, v`. */
function parseKeyAndValue(cursor: Cursor): Expression[] {
  const hasWord = cursor.is('KEY') && ![',', 'VALUE', '.', ')'].includes(cursor.peek(1).keyword);
  if (hasWord) cursor.advance();
  const key = parseExpression(cursor);
  if (hasWord || !(cursor.accept(',') || cursor.accept(':'))) cursor.expect('VALUE');
  return [key, parseExpression(cursor)];
}
