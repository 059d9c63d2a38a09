/** Rules of Flink's ListState; `docs/state.md` lists them. */
import { expect, test } from 'vitest';
import { isError } from '../../../lib/core/errors.ts';
import { listState } from '../../../lib/core/process/declare.ts';
import { OneKey } from './states-support.ts';

const refused = expect.toSatisfy((error) => isError(error, 'STATE_VALUE_INVALID'));

test('get() of a ListState is empty where nothing was added', () => {
  expect(new OneKey(listState<number>()).at(0, (state) => state.get())).toEqual([]);
});

test('get() of a ListState gives its elements in the order of the adds', () => {
  const key = new OneKey(listState<number>());
  key.at(0, (state) => state.add(3));
  key.at(1, (state) => (state.add(1), state.addAll([2, 2])));
  expect(key.at(2, (state) => state.get())).toEqual([3, 1, 2, 2]);
});

test('addAll() of nothing changes nothing', () => {
  const key = new OneKey(listState<number>());
  key.at(0, (state) => state.add(3));
  expect(key.at(1, (state, changes) => (state.addAll([]), changes.isChanged))).toBe(false);
  expect(key.stored()).toEqual([3]);
});

test('update() takes the place of the whole list', () => {
  const key = new OneKey(listState<number>());
  key.at(0, (state) => state.addAll([1, 2]));
  expect(key.at(1, (state) => (state.add(3), state.update([9, 8]), state.add(7), state.get()))).toEqual([9, 8, 7]);
});

test('update() with an empty list clears a ListState', () => {
  const key = new OneKey(listState<number>());
  key.at(0, (state) => state.addAll([1, 2]));
  key.at(1, (state) => state.update([]));
  expect(key.stored()).toEqual([]);
});

test('clear() removes all elements of a ListState', () => {
  const key = new OneKey(listState<number>());
  key.at(0, (state) => state.add(1));
  expect(key.at(1, (state) => (state.add(2), state.clear(), state.get()))).toEqual([]);
});

test('null cannot be an element of a ListState', () => {
  const key = new OneKey(listState<number | null>());
  expect(() => key.at(0, (state) => state.add(null))).toThrow(refused);
  expect(() => key.at(0, (state) => state.addAll([1, null]))).toThrow(refused);
  expect(() => key.at(0, (state) => state.update([null]))).toThrow(refused);
});

test('the array that get() gives is a copy', () => {
  const key = new OneKey(listState<{ n: number }>());
  key.at(0, (state) => {
    state.add({ n: 1 });
    const list = state.get();
    list[0] = { n: 5 };
    list.push({ n: 6 });
    expect(state.get()).toEqual([{ n: 1 }]);
  });
});
