/** What a key holds, as JSON; and its clean-up. */
import { expect, test } from 'vitest';
import { isError } from '../../../lib/core/errors.ts';
import { wallTime } from '../../../lib/core/numbers.ts';
import type { JsonValue, StateKind, StateSpec } from '../../../lib/core/plan.ts';
import { decodeCell, emptyCell, encodeCell, isEmptyCell } from '../../../lib/core/process/cells.ts';
import { nextLeave, withoutExpired } from '../../../lib/core/process/ttl.ts';

const KINDS: readonly StateKind[] = ['value', 'list', 'map', 'reducing', 'aggregating'];

test.each<[StateKind, boolean, JsonValue]>([
  ['value', false, { a: 1 }],
  ['value', true, [null, 5]],
  ['value', true, ['v', 5]],
  ['reducing', false, null],
  ['list', false, [1, [2]]],
  ['list', true, [[1, 5], [[2], 6]]],
  ['map', false, [[1, 'a'], ['k', 'b']]],
  ['map', true, [[1, 'a', 5], ['k', 'b', 6]]],
])('%s, with TTL %s: %j comes back as it was', (kind, hasTtl, json) => {
  expect(encodeCell(hasTtl, decodeCell(kind, hasTtl, json))).toEqual(json);
});

test('maps are stored in the order of their keys, whatever the order in which they were', () => {
  expect(encodeCell(false, decodeCell('map', false, [['b', 1], [10, 2], [9, 3]]))).toEqual([[9, 3], [10, 2], ['b', 1]]);
});

test.each(KINDS)('an empty cell of %s is empty, and stays so', (kind) => {
  expect(isEmptyCell(emptyCell(kind))).toBe(true);
  expect(isEmptyCell(decodeCell(kind, true, encodeCell(true, emptyCell(kind))))).toBe(true);
});

test.each<[StateKind, boolean, JsonValue]>([['value', true, 5], ['value', true, [1, 'x']], ['list', false, 5], ['list', true, [1]], ['map', false, [[1]]], ['map', true, [[1, 2]]]])(
  '%s, with TTL %s, is not read from %j',
  (kind, hasTtl, json) => expect(() => decodeCell(kind, hasTtl, json)).toThrow(expect.toSatisfy((error) => isError(error, 'STORE_CORRUPT'))),
);

const ttl = { ttlMs: 10, update: 'on-create-and-write', visibility: 'never-return-expired' } as const;
const SPECS: readonly StateSpec[] = [
  { name: 'v', kind: 'value', version: 1, ttl },
  { name: 'l', kind: 'list', version: 1, ttl: { ...ttl, ttlMs: 20 } },
  { name: 'm', kind: 'map', version: 1, ttl },
  { name: 'for-ever', kind: 'value', version: 1 },
];
const CELLS = [decodeCell('value', true, ['v', 7]), decodeCell('list', true, [['a', 0], ['b', 3]]), decodeCell('map', true, [['x', 1, 4], ['y', 2, 5]]), decodeCell('value', false, 'f')];

test('the first item of a key to leave is its oldest', () => {
  expect(nextLeave(SPECS, CELLS)).toBe(14);
  expect(nextLeave(SPECS, [emptyCell('value'), emptyCell('list'), emptyCell('map'), decodeCell('value', false, 'f')])).toBe(Infinity);
});

test('before an item leaves a clean-up gives the very same cells, then it is gone', () => {
  expect(withoutExpired(SPECS, CELLS, wallTime(13))).toBe(CELLS);
  const [value, list, map, forEver] = withoutExpired(SPECS, CELLS, wallTime(14));
  expect([value, list, forEver]).toEqual([CELLS[0], CELLS[1], CELLS[3]]);
  expect(encodeCell(true, map ?? emptyCell('map'))).toEqual([['y', 2, 5]]);
});

test('each clean-up lets the next one wait for the next item', () => {
  const times: number[] = [];
  for (let cells: readonly (typeof CELLS)[number][] = CELLS, at = nextLeave(SPECS, cells); at < Infinity; at = nextLeave(SPECS, cells)) {
    times.push(at);
    cells = withoutExpired(SPECS, cells, wallTime(at));
  }
  expect(times).toEqual([14, 15, 17, 20, 23]);
});
