import { expect, test } from 'vitest';
import { flawOf, flawsOf, unmutated } from './mutated-statements.ts';

test('a statement with mistakes is planned, or refused at a place', () => {
  expect(flawsOf(1500, 20_260_101)).toEqual([]);
});

test.each(unmutated)('%s', (statement) => {
  expect(flawOf(statement)).toBeNull();
});

test('what is neither is told', () => {
  expect(flawOf("SET 'pipeline.name' = 'x'")).toBeNull();
  expect(flawOf('SELECT id FROM t WHERE (')).toBeNull();
});
