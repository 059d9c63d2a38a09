/** Types of collections, as Flink's parser reads them. */
import { expect, it } from 'vitest';
import { typeText } from '../../lib/core/types.ts';
import { Cursor } from '../../lib/sql/parse-cursor.ts';
import { parseType } from '../../lib/sql/parse-type.ts';

function textOf(text: string): string {
  const cursor = new Cursor(text);
  const { type, nullable } = parseType(cursor);
  if (cursor.current.kind !== 'end') throw cursor.unexpected();
  return typeText(type) + (nullable ? '' : ' NOT NULL');
}

const TYPES: readonly (readonly [string, string])[] = [
  ['ARRAY<INT>', 'ARRAY<INT>'],
  ['array<int not null> not null', 'ARRAY<INT NOT NULL> NOT NULL'],
  ['INT ARRAY', 'ARRAY<INT>'],
  ['INT NOT NULL ARRAY NOT NULL', 'ARRAY<INT NOT NULL> NOT NULL'],
  ['VARCHAR(3) ARRAY MULTISET', 'MULTISET<ARRAY<VARCHAR(3)>>'],
  ['MULTISET<STRING>', 'MULTISET<STRING>'],
  ['MAP<STRING NOT NULL, ARRAY<ARRAY<DECIMAL(5, 2)>>>', 'MAP<STRING NOT NULL, ARRAY<ARRAY<DECIMAL(5, 2)>>>'],
  ["ROW<a INT, `b c` STRING NOT NULL 'a comment', r ROW<x TIMESTAMP(3)>>", 'ROW<`a` INT, `b c` STRING NOT NULL, `r` ROW<`x` TIMESTAMP(3)>>'],
  ['ROW(a INT NOT NULL, b MAP<INT, INT>)', 'ROW<`a` INT NOT NULL, `b` MAP<INT, INT>>'],
  ['ROW<>', 'ROW<>'],
  ['ROW()', 'ROW<>'],
  ['ROW< >', 'ROW<>'],
];

it.each(TYPES)('%s', (text, expected) => {
  expect(textOf(text)).toBe(expected);
});

it.each(['ARRAY', 'ARRAY<>', 'ARRAY<INT', 'MAP<INT>', 'ROW<a>', 'ROW<INT>', 'ROW(a INT>', "MAP<INT, INT 'comment'>"])('%s is no type', (text) => {
  expect(() => textOf(text)).toThrow('SQL_PARSE');
});

it('does not recurse without end', () => {
  expect(() => textOf(`${'ARRAY<'.repeat(1000)}INT${'>'.repeat(1000)}`)).toThrow('nested deeper');
});
