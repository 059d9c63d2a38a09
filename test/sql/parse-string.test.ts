/** String literals with prefixes and in several lines. */
import { describe, expect, it } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { Cursor } from '../../lib/sql/parse-cursor.ts';
import { parseExpression } from '../../lib/sql/parse-expression.ts';
import { sexp } from './sexp.ts';

describe('a string literal', () => {
  it.each([
    ["x'4aFF'", "x'4aFF'"],
    ["n'text'", "'text'"],
    ["_utf8'text'", "'text'"],
    ["U&'\\00e9t\\00E9'", "'été'"],
    ["U&'a\\\\b'", "'a\\b'"],
    ["U&'!00e9' UESCAPE '!'", "'é'"],
    ["'a'\n'b'", "'ab'"],
    ['UNKNOWN', 'null'],
  ])('%s is %s', (text, result) => {
    expect(sexp(parseExpression(new Cursor(text)))).toBe(result);
  });

  it.each([
    ["x'4'", 'even number of hexits'],
    ["x'zz'", "only characters '0' - '9', 'A' - 'F'"],
    ["'a' 'b'", 'String literal continued on same line'],
    ["U&'\\0'", 'is not exactly four hex digits'],
    ["U&'a' UESCAPE 'ab'", 'single character'],
  ])('%s is none', (text, message) => {
    expect(() => parseExpression(new Cursor(text))).toThrow(expect.toSatisfy((error) => isError(error, 'SQL_PARSE') && error.message.includes(message)));
  });
});
