/** Rules of Flink's AggregatingState; `docs/state.md` lists them. */
import { expect, test } from 'vitest';
import type { AggregateFunction } from '../../../lib/core/process/aggregate-function.ts';
import { aggregatingState } from '../../../lib/core/process/declare.ts';
import { OneKey } from './states-support.ts';

interface Sum {
  rows: number;
  total: number;
}

const average: AggregateFunction<number | null, Sum, number> = {
  createAccumulator: () => ({ rows: 0, total: 0 }),
  add: (sum, value) => {
    sum.rows += 1;
    sum.total += value ?? 0;
    return sum;
  },
  getResult: ({ rows, total }) => total / rows,
  merge: (a, b) => ({ rows: a.rows + b.rows, total: a.total + b.total }),
};

test('get() of an AggregatingState is null before the first add', () => {
  expect(new OneKey(aggregatingState({ aggregate: average })).at(0, (state) => state.get())).toBeNull();
});

test('get() of an AggregatingState gives the result of all values added', () => {
  const key = new OneKey(aggregatingState({ aggregate: average }));
  key.at(0, (state) => (state.add(1), state.add(2)));
  key.at(1, (state) => state.add(6));
  expect(key.at(2, (state) => state.get())).toBe(3);
});

test('an AggregatingState keeps the accumulator, not the result', () => {
  const key = new OneKey(aggregatingState({ aggregate: average }));
  key.at(0, (state) => (state.add(1), state.add(2)));
  expect(key.stored()).toEqual({ rows: 2, total: 3 });
});

test('add(null) clears an AggregatingState', () => {
  const key = new OneKey(aggregatingState({ aggregate: average }));
  key.at(0, (state) => state.add(1));
  key.at(1, (state) => state.add(null));
  expect(key.stored()).toBeNull();
});

test('clear() lets an AggregatingState begin with a new accumulator', () => {
  const key = new OneKey(aggregatingState({ aggregate: average }));
  key.at(0, (state) => state.add(100));
  expect(key.at(1, (state) => (state.clear(), state.get()))).toBeNull();
  expect(key.at(2, (state) => (state.add(4), state.get()))).toBe(4);
});
