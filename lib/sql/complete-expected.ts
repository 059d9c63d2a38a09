/** What the grammar takes behind a text: the parser says where it came to an end. */
import { isError } from '../core/errors.ts';
import type { Token } from './lexer.ts';
import { Cursor } from './parse-cursor.ts';
import { parseOne } from './parse-statement.ts';

/** Keywords, and in small letters what is none, such as `a table`; `tokens` are those of the head of `text`. */
export function expectedBehind(text: string, tokens: readonly Token[]): readonly string[] {
  const last = tokens.at(-1);
  const end = last?.span.end ?? 0;
  const begin = tokens.findLast(({ keyword }) => keyword === ';')?.span.end ?? 0;
  const found = followersOf(text.slice(0, end)) ?? (begin > 0 ? followersOf(text.slice(begin, end)) : null);
  return (found ?? BEHIND.get(last?.keyword ?? '') ?? []).flatMap(parts);
}

/** Null where a mistake comes before the end. */
function followersOf(text: string): readonly string[] | null {
  const cursor = new Cursor(text);
  try {
    for (;;) {
      while (cursor.accept(';'));
      parseOne(cursor);
      if (cursor.current.kind === 'end') return cursor.followers;
    }
  } catch (error) {
    if (isError(error)) return cursor.followers;
    throw error;
  }
}

const TABLE = ['a table'];
const EXPRESSION = ['an expression'];

/** What the last word alone tells, where what stands before is yet to be written. */
const BEHIND: ReadonlyMap<string, readonly string[]> = new Map([
  ['FROM', TABLE],
  ['JOIN', TABLE],
  ['INTO', TABLE],
  ...['SELECT', 'WHERE', 'HAVING', 'AND', 'OR', 'ON', 'BY', 'WHEN', 'THEN', 'ELSE', '(', ','].map((word) => [word, EXPRESSION] as const),
]);

/** Of texts for error messages that name several things, each of them. */
function parts(what: string): readonly string[] {
  if (/^(a value|what belongs to (?!IN|SIMILAR))/.test(what)) return EXPRESSION;
  const behind = what.indexOf(' behind ');
  return behind < 0 ? [what] : what.slice(0, behind).split(/, | or /);
}
