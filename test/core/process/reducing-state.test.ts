/** Rules of Flink's ReducingState; `docs/state.md` lists them. */
import { expect, test } from 'vitest';
import { reducingState } from '../../../lib/core/process/declare.ts';
import { OneKey } from './states-support.ts';

const joined = (): ReturnType<typeof reducingState<string>> => reducingState<string>({ reduce: (a, b) => `${a}${b}` });

test('get() of a ReducingState is null before the first add', () => {
  expect(new OneKey(joined()).at(0, (state) => state.get())).toBeNull();
});

test('the first value of a ReducingState is kept as it is', () => {
  const key = new OneKey(reducingState<number>({ reduce: () => -1 }));
  key.at(0, (state) => state.add(5));
  expect(key.at(1, (state) => state.get())).toBe(5);
});

test('add() reduces what a ReducingState holds with the value, in this order', () => {
  const key = new OneKey(joined());
  key.at(0, (state) => (state.add('a'), state.add('b')));
  key.at(1, (state) => state.add('c'));
  expect(key.at(2, (state) => state.get())).toBe('abc');
});

test('add(null) clears a ReducingState', () => {
  const key = new OneKey(reducingState<number | null>({ reduce: (a, b) => Number(a) + Number(b) }));
  key.at(0, (state) => state.add(5));
  key.at(1, (state) => state.add(null));
  expect(key.stored()).toBeNull();
});

test('clear() lets a ReducingState begin anew', () => {
  const key = new OneKey(joined());
  key.at(0, (state) => state.add('a'));
  expect(key.at(1, (state) => (state.clear(), state.get()))).toBeNull();
  expect(key.at(2, (state) => (state.add('z'), state.get()))).toBe('z');
});

test('a ReduceFunction may change and return what it is given', () => {
  const key = new OneKey(reducingState<number[]>({ reduce: (a, b) => (a.push(...b), a) }));
  const mine = [1];
  key.at(0, (state) => (state.add(mine), state.add([2]), state.add([3])));
  expect(key.at(1, (state) => state.get())).toEqual([1, 2, 3]);
  expect(mine).toEqual([1]);
});
