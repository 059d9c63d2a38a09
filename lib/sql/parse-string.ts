/** String literals: plain, in several lines, and with a prefix: `x'45'`, `n'text'`, `_utf8'text'`, `U&'\00e9'`. */
import type { BinaryLiteral, StringLiteral } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';

const PREFIX = /^(?:X|N|U&|_UTF-?(?:8|16)|_ISO-8859-1|_LATIN1)$/;

/** True if a word is next that a string follows without a space. */
export function isPrefix(cursor: Cursor): boolean {
  const [word, string] = [cursor.current, cursor.peek(1)];
  return word.kind === 'word' && string.kind === 'string' && word.span.end === string.span.start && PREFIX.test(word.keyword);
}

/** A string goes on in the next one, if that stands in another line. */
export function parseString(cursor: Cursor): StringLiteral {
  const { span, value: first } = cursor.advance();
  let value = first;
  while (cursor.current.kind === 'string') {
    const between = cursor.source.slice(cursor.peek(-1).span.end, cursor.current.span.start);
    if (!/[\r\n]/.test(between)) throw cursor.error(cursor.current.span, 'String literal continued on same line', 'Join strings with ||.');
    value += cursor.advance().value;
  }
  return { kind: 'string', value, span: cursor.spanFrom(span.start) };
}

export function parsePrefixed(cursor: Cursor): StringLiteral | BinaryLiteral {
  const { keyword, span } = cursor.advance();
  const literal = { ...parseString(cursor), span: cursor.spanFrom(span.start) };
  if (keyword === 'X') return { kind: 'bytes', hex: hexDigits(cursor, literal), span: literal.span };
  return keyword === 'U&' ? parseUnicode(cursor, literal) : literal;
}

function hexDigits(cursor: Cursor, { value, span }: StringLiteral): string {
  if (!/^[\da-fA-F]*$/.test(value)) throw cursor.error(span, "Binary literal string must contain only characters '0' - '9', 'A' - 'F'");
  if (value.length % 2 !== 0) throw cursor.error(span, 'Binary literal string must contain an even number of hexits');
  return value;
}

/** `\00e9`, or another escape character behind UESCAPE; the character itself is doubled. */
function parseUnicode(cursor: Cursor, literal: StringLiteral): StringLiteral {
  const escape = cursor.accept('UESCAPE') ? cursor.text('an escape character').value : '\\';
  const span = cursor.spanFrom(literal.span.start);
  if (escape.length !== 1 || /[\s\da-fA-F+'"]/.test(escape)) throw cursor.error(span, 'UESCAPE must be followed by a single character');
  const parts = literal.value.split(escape);
  let value = parts[0] ?? '';
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i] ?? '';
    if (part === '' && i + 1 < parts.length) value += escape + (parts[++i] ?? '');
    else if (/^[\da-fA-F]{4}/.test(part)) value += String.fromCharCode(Number.parseInt(part.slice(0, 4), 16)) + part.slice(4);
    else throw cursor.error(span, `Unicode escape sequence starting at character ${literal.value.indexOf(escape)} is not exactly four hex digits`);
  }
  return { kind: 'string', value, span };
}
