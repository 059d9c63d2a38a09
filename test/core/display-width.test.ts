/** What texts take on a terminal. */
import { expect, test } from 'vitest';
import { displayWidth, shortened } from '../../lib/core/display-width.ts';

test.each([
  ['', 0],
  ['abc', 3],
  ['naïve', 5],
  ['nai\u0308ve', 5],
  ['日本語', 6],
  ['한국어', 6],
  ['ｆｕｌｌ', 8],
  ['✓ ok', 4],
  ['🎉', 2],
  ['a\u200bb', 2],
])('%j takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('a text is cut between characters, and takes no more than it may', () => {
  expect(shortened('abcdef', 6)).toBe('abcdef');
  expect(shortened('abcdef', 5)).toBe('abcd…');
  expect(shortened('日本語', 5)).toBe('日本…');
  expect(shortened('日本語', 4)).toBe('日…');
  expect(shortened('abc', 1)).toBe('…');
});
