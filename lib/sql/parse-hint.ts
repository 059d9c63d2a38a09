/** Hints such as OPTIONS('k' = 'v'), which stand in a comment that begins with `/*+`. */
import type { Hint, Identifier, Option, Text } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseOption } from './parse-option.ts';

/** The hints at this place, if there are any. */
export function parseHints(cursor: Cursor): Hint[] {
  if (!cursor.accept('/*+')) return [];
  const hints = cursor.list(() => parseHint(cursor));
  cursor.expect('*/');
  return hints;
}

function parseHint(cursor: Cursor): Hint {
  const name = cursor.identifier('a hint');
  const given = cursor.at('(') ? cursor.parenthesized(() => parseArgument(cursor)) : [];
  return {
    kind: 'hint',
    name,
    options: given.filter((argument) => argument.kind === 'option'),
    arguments: given.filter((argument) => argument.kind !== 'option'),
    span: cursor.spanFrom(name.span.start),
  };
}

function parseArgument(cursor: Cursor): Option | Identifier | Text {
  if (cursor.current.kind !== 'string') return cursor.identifier('a name or a string');
  return cursor.peek(1).keyword === '=' ? parseOption(cursor) : cursor.text('a string');
}
