/** Sets of GROUP BY, as Calcite derives them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupingSets } from '../../lib/sql/grouping-sets.ts';
import { parseStatement } from '../../lib/sql/parse.ts';
import { sexp } from './sexp.ts';

/** The sets as words: `ab b -` are (a, b), (b) and (). */
function setsOf(groupBy: string): string {
  const statement = parseStatement(`SELECT 1 FROM t GROUP BY ${groupBy}`);
  if (statement.kind !== 'query' || statement.query.kind !== 'select') throw new Error('it is a SELECT');
  const { expressions, sets } = groupingSets(statement.query.groupBy, sexp, (a, b) => a === b);
  return sets.map((set) => set.map((i) => expressions[i]).join('') || '-').join(' ');
}

const CASES: readonly (readonly [groupBy: string, sets: string])[] = [
  ['a, b', 'ab'],
  ['a, a, (a)', 'a'],
  ['()', '-'],
  ['a, ()', 'a'],
  ['(a, b), c', 'abc'],
  ['ROLLUP (a, b, c)', 'abc ab a -'],
  ['ROLLUP (a, (b, c))', 'abc a -'],
  ['ROLLUP (a, a)', 'a a -'],
  ['CUBE (a, b)', 'ab a b -'],
  ['CUBE ((a, b), c)', 'abc ab c -'],
  ['GROUPING SETS ((a, b), a, ())', 'ab a -'],
  ['GROUPING SETS ((a), (a), ())', 'a a -'],
  ['GROUPING SETS (a, ROLLUP (b, c), CUBE (d))', 'a bc b - d -'],
  ['GROUPING SETS (GROUPING SETS (a, b), b)', 'a b b'],
  ['a, GROUPING SETS (b, c)', 'ab ac'],
  ['ROLLUP (a), ROLLUP (b)', 'ab a b -'],
  ['ROLLUP (a, b), CUBE (a)', 'ab ab a a a -'],
  ['DISTINCT ROLLUP (a, b), CUBE (a)', 'ab a -'],
];

test.each(CASES)('GROUP BY %s', (groupBy, sets) => expect(setsOf(groupBy)).toBe(sets));

test('a CUBE has every subset once', () => {
  fc.assert(
    fc.property(fc.subarray([...'abcdefgh'], { minLength: 1 }), (columns) => {
      const sets = setsOf(`CUBE (${columns.join()})`).split(' ');
      expect(new Set(sets).size).toBe(2 ** columns.length);
      expect(sets).toHaveLength(2 ** columns.length);
    }),
  );
});

test('refuses what nobody means', () => {
  const columns = Array.from({ length: 13 }, (_, i) => `c${i}`);
  expect(() => setsOf(`CUBE (${columns.join()})`)).toThrow('CUBE of more than 12 columns');
  expect(() => setsOf(`CUBE (${columns.slice(6).join()}), CUBE (${columns.slice(0, 6).join()})`)).toThrow('more than 4096 grouping sets');
});
