/** `'key' = 'value'`, alone and in a WITH clause. */
import type { Option } from './ast.ts';
import { sqlError } from './diagnostic.ts';
import type { Cursor } from './parse-cursor.ts';

export function parseOption(cursor: Cursor): Option {
  const key = cursor.text("a string such as 'key'");
  cursor.expect('=');
  const value = cursor.text("a string such as 'value'");
  return { kind: 'option', key, value, span: cursor.spanFrom(key.span.start) };
}

/** `WITH (…)`, if there is one; a key that is given twice is refused: one of its values would be lost. */
export function parseWith(cursor: Cursor): Option[] {
  if (!cursor.accept('WITH')) return [];
  return cursor.accept('(', ')') ? [] : parseOptions(cursor);
}

/** `('key' = 'value', …)`, each key once. */
export function parseOptions(cursor: Cursor): Option[] {
  const options = cursor.parenthesized(() => parseOption(cursor));
  const seen = new Set<string>();
  for (const { key } of options) {
    if (seen.has(key.value)) throw twice(cursor, key);
    seen.add(key.value);
  }
  return options;
}

const twice = (cursor: Cursor, key: Option['key']): Error =>
  sqlError('SQL_VALIDATE', cursor.source, key.span, `the option '${key.value}' is given twice`);
