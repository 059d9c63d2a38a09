/** Records as tests write them. */
import { expect, test } from 'vitest';
import { bytesOf, inTurn } from '../../lib/testing/job-records.ts';

test('records of several topics come in turn', () => {
  expect(inTurn({ a: [1, 2, 3], b: ['x'], c: [] })).toEqual([
    { topic: 'a', value: 1 },
    { topic: 'b', value: 'x' },
    { topic: 'a', value: 2 },
    { topic: 'a', value: 3 },
  ]);
  expect(inTurn({})).toEqual([]);
});

test('records that are listed come in their order', () => {
  const records = [{ topic: 'b', value: 1 }, { topic: 'a', partition: 1, value: 2 }];
  expect(inTurn(records)).toEqual(records);
});

test('texts, bytes and tombstones are records as they are, other values are JSON', () => {
  const bytes = new Uint8Array([1, 2]);
  expect(['{"a":1}', bytes, null, { a: 1 }, 7, [1]].map(bytesOf)).toEqual(['{"a":1}', bytes, null, '{"a":1}', '7', '[1]']);
});
