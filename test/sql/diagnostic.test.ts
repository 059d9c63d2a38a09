import { describe, expect, test } from 'vitest';
import { positionOf, sqlError } from '../../lib/sql/diagnostic.ts';
import { editDistance, nearest } from '../../lib/core/nearest.ts';

/** The excerpt for the first place where `word` stands. */
function excerpt(source: string, word: string): string[] {
  const start = source.indexOf(word);
  return sqlError('SQL_PARSE', source, { start, end: start + word.length }, 'no').message.split('\n').slice(1);
}

describe('carets stand under the place', () => {
  test.each([
    ['behind a tab', '\tSELECT\tx', ['  1 | \tSELECT\tx', '    | \t      \t^']],
    ['behind wide characters', "'数据' x", ["  1 | '数据' x", '    |        ^']],
    ['under wide characters', 'a 数据x', ['  1 | a 数据x', '    |   ^^^^^']],
    ['behind combining marks', 'e\u0301 x', ['  1 | e\u0301 x', '    |   ^']],
    ['in a later line', 'a\r\nb\rc x', ['  3 | c x', '    |   ^']],
  ])('%s', (_, source, expected) => {
    expect(excerpt(source, source.includes('数据x') ? '数据x' : 'x')).toEqual(expected);
  });

  test('a span of several lines is marked to the end of its first', () => {
    expect(excerpt("SELECT 'a\nb'", "'a\nb'")).toEqual(["  1 | SELECT 'a", '    |        ^^']);
  });

  test('the end of the text', () => {
    const { message } = sqlError('SQL_PARSE', 'SELECT', { start: 6, end: 6 }, 'no');
    expect(message.split('\n').slice(1)).toEqual(['  1 | SELECT', '    |       ^']);
  });

  test('what could command a terminal is not printed', () => {
    expect(excerpt('\u001b[31m\u202e\ud800 x', 'x')).toEqual(['  1 | \ufffd[31m\ufffd\ufffd x', '    |         ^']);
  });

  test('long lines are cut', () => {
    const lines = excerpt(`${'a'.repeat(10_000)} x ${'b'.repeat(10_000)}`, 'x');
    for (const line of lines) expect(line.length).toBeLessThan(200);
    expect(lines[1]?.indexOf('^')).toBe(lines[0]?.indexOf('x'));
  });
});

test('columns count characters, the end is inclusive', () => {
  expect(positionOf('😀 abc\nd', { start: 3, end: 6 })).toEqual({ line: 1, column: 3, endLine: 1, endColumn: 5 });
  expect(positionOf('ab\ncd', { start: 1, end: 5 })).toEqual({ line: 1, column: 2, endLine: 2, endColumn: 2 });
  expect(positionOf('', { start: 0, end: 0 })).toEqual({ line: 1, column: 1, endLine: 1, endColumn: 1 });
});

test('edit distance', () => {
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('form', 'from')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
});

test('nearest', () => {
  expect(nearest('user_di', ['user_name', 'user_id'])).toBe('user_id');
  expect(nearest('USER_ID', ['user_id'])).toBe('user_id');
  expect(nearest('abc', ['xyz'])).toBeUndefined();
  expect(nearest('execution.checkpoint.interval', ['execution.checkpointing.interval'])).toBe('execution.checkpointing.interval');
});
