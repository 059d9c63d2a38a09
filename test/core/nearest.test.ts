import { expect, test } from 'vitest';
import { nearest } from '../../lib/core/nearest.ts';

test.each([
  ['order', ['orders', 'payments'], 'orders'],
  ['ORDERS', ['order', 'orders'], 'orders'],
  ['savepoint-evnets', ['savepoint-events', 'other'], 'savepoint-events'],
  ['T', ['a', 't'], 't'],
  ['x', ['a', 'ab'], undefined],
  ['orders', ['payments'], undefined],
  ['orders', [], undefined],
])('%s among %j is %s', (typed, candidates, expected) => {
  expect(nearest(typed, candidates)).toBe(expected);
});
