/** Rules of Flink's MapState; `docs/state.md` lists them. */
import { expect, test } from 'vitest';
import { mapState } from '../../../lib/core/process/declare.ts';
import type { MapState } from '../../../lib/core/process/descriptor.ts';
import { OneKey } from './states-support.ts';

function filled(): OneKey<MapState<string, number>> {
  const key = new OneKey(mapState<string, number>());
  key.at(0, (state) => state.putAll([['b', 2], ['a', 1], ['c', 3]]));
  return key;
}

test('get() of a MapState is null where there is no entry', () => {
  expect(filled().at(1, (state) => state.get('z'))).toBeNull();
});

test('put() adds an entry of a MapState, or takes the place of one', () => {
  const key = filled();
  key.at(1, (state) => (state.put('a', 10), state.put('d', 4)));
  expect(key.at(2, (state) => [state.get('a'), state.get('b'), state.get('d')])).toEqual([10, 2, 4]);
});

test('putAll() puts every entry of a map', () => {
  const key = filled();
  key.at(1, (state) => state.putAll(new Map([['a', 7], ['e', 5]])));
  expect(key.at(2, (state) => [...state.entries()])).toEqual([['a', 7], ['b', 2], ['c', 3], ['e', 5]]);
});

test('remove() removes one entry of a MapState and leaves the others', () => {
  const key = filled();
  key.at(1, (state) => (state.remove('b'), state.remove('not there')));
  expect(key.at(2, (state) => [...state.keys()])).toEqual(['a', 'c']);
});

test('contains() says whether a MapState has an entry', () => {
  expect(filled().at(1, (state) => [state.contains('a'), state.contains('z')])).toEqual([true, false]);
});

test('entries(), keys() and values() of a MapState give all entries', () => {
  const [entries, keys, values] = filled().at(1, (state) => [[...state.entries()], [...state.keys()], [...state.values()]] as const);
  expect(entries).toEqual([['a', 1], ['b', 2], ['c', 3]]);
  expect(keys).toEqual(['a', 'b', 'c']);
  expect(values).toEqual([1, 2, 3]);
});

test('entries of a MapState come in the order of their keys, numbers by value and before texts', () => {
  const key = new OneKey(mapState<string | number | bigint | null | boolean, string>());
  const keys = ['b', 10, -3, 9, 'a', 2.5, 20n, null, 3n, true, '10'];
  key.at(0, (state) => keys.forEach((k) => state.put(k, 'x')));
  expect(key.at(1, (state) => [...state.keys()])).toEqual([null, true, -3, 2.5, 9, 10, 3n, 20n, '10', 'a', 'b']);
});

test('isEmpty() says whether a MapState has no entry', () => {
  const key = filled();
  expect(key.at(1, (state) => state.isEmpty())).toBe(false);
  expect(key.at(2, (state) => (state.clear(), state.isEmpty()))).toBe(true);
});

test('clear() removes all entries of a MapState', () => {
  const key = filled();
  key.at(1, (state) => (state.put('d', 4), state.clear()));
  expect(key.stored()).toEqual([]);
});

test('a null value is an entry of a MapState', () => {
  const key = new OneKey(mapState<string, number | null>());
  key.at(0, (state) => state.put('a', null));
  expect(key.at(1, (state) => [state.get('a'), state.contains('a'), state.isEmpty()])).toEqual([null, true, false]);
});

test('keys of a MapState are equal if they are stored alike', () => {
  const key = new OneKey(mapState<unknown, number>());
  key.at(0, (state) => (state.put({ id: 1 }, 1), state.put(1, 2), state.put('1', 3), state.put(1n, 4), state.put(-0, 5)));
  expect(key.at(1, (state) => [{ id: 1 }, 1, '1', 1n, 0].map((k) => state.get(k)))).toEqual([1, 2, 3, 4, 5]);
});

test('entries may be put and removed while a MapState is iterated', () => {
  const key = filled();
  const seen = key.at(1, (state) => {
    const keys: string[] = [];
    for (const k of state.keys()) {
      keys.push(k);
      state.remove('b');
      state.put(`${k}${k}`, 0);
    }
    return keys;
  });
  expect(seen).toEqual(['a', 'c']);
  expect(key.at(2, (state) => [...state.keys()])).toEqual(['a', 'aa', 'c', 'cc']);
});
