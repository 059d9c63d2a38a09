/** Rules of Flink's StateTtlConfig; `docs/state.md` lists them. */
import { expect, test } from 'vitest';
import type { AggregateFunction } from '../../../lib/core/process/aggregate-function.ts';
import { aggregatingState, listState, mapState, reducingState, valueState, type TtlOptions } from '../../../lib/core/process/declare.ts';
import type { ListState, MapState, ValueState } from '../../../lib/core/process/descriptor.ts';
import { OneKey } from './states-support.ts';

const WRITE: TtlOptions = { ttl: 10 };
const READ: TtlOptions = { ttl: 10, update: 'on-read-and-write' };
const WRITE_RETURN: TtlOptions = { ttl: 10, visibility: 'return-expired-if-not-cleaned-up' };
const READ_RETURN: TtlOptions = { ...WRITE_RETURN, update: 'on-read-and-write' };

const reduce = (a: string, b: string): string => a + b;
const aggregate: AggregateFunction<string, string[], string> = {
  createAccumulator: () => [],
  add: (list, value) => [...list, value],
  getResult: (list) => list.join(''),
  merge: (a, b) => [...a, ...b],
};

/** Written at 0. */
function written(ttl: TtlOptions): OneKey<ValueState<string | null>> {
  const key = new OneKey(valueState<string>({ ttl }));
  key.at(0, (state) => state.update('v'));
  return key;
}

test('a value is there until its time is over, and expired exactly at its end', () => {
  expect(written(WRITE).at(9, (state) => state.value())).toBe('v');
  expect(written(WRITE).at(10, (state) => state.value())).toBeNull();
});

test('on-create-and-write: a write sets the time anew', () => {
  const key = written(WRITE);
  key.at(5, (state) => state.update('w'));
  expect(key.at(14, (state) => state.value())).toBe('w');
  expect(key.at(15, (state) => state.value())).toBeNull();
});

test('on-create-and-write: a read does not set the time anew', () => {
  const key = written(WRITE);
  key.at(9, (state) => state.value());
  expect(key.at(10, (state) => state.value())).toBeNull();
});

test('on-read-and-write: a read sets the time anew', () => {
  const key = written(READ);
  expect(key.at(9, (state) => state.value())).toBe('v');
  expect(key.at(18, (state) => state.value())).toBe('v');
  expect(key.at(28, (state) => state.value())).toBeNull();
});

test('on-read-and-write: a read of an expired value does not bring it back', () => {
  const key = written(READ);
  key.at(10, (state) => state.value());
  expect(key.stored()).toBeNull();
});

test('never-return-expired: a read hides an expired value and removes it', () => {
  const key = written(WRITE);
  expect(key.at(10, (state, changes) => [state.value(), changes.isChanged])).toEqual([null, true]);
  expect(key.stored()).toBeNull();
});

test('return-expired-if-not-cleaned-up: a read gives an expired value once and removes it', () => {
  const key = written(WRITE_RETURN);
  expect(key.at(100, (state) => state.value())).toBe('v');
  expect(key.at(100, (state) => state.value())).toBeNull();
});

test('return-expired-if-not-cleaned-up: an expired value that was cleaned up is gone', () => {
  const key = written(WRITE_RETURN);
  key.cleanUp(10);
  expect(key.at(10, (state) => state.value())).toBeNull();
});

test('on-read-and-write with return-expired-if-not-cleaned-up: an expired value is given once and not renewed', () => {
  const key = written(READ_RETURN);
  expect(key.at(9, (state) => state.value())).toBe('v');
  expect(key.at(19, (state) => state.value())).toBe('v');
  expect(key.at(19, (state) => state.value())).toBeNull();
});

test('a cleared value has no time: the next one begins its own', () => {
  const key = written(WRITE);
  key.at(5, (state) => state.update(null));
  expect(key.stored()).toBeNull();
  key.at(8, (state) => state.update('w'));
  expect(key.stored()).toEqual(['w', 8]);
});

test('the initial value takes the place of an expired one', () => {
  const key = new OneKey(valueState({ initial: 0, ttl: WRITE }));
  key.at(0, (state) => state.update(5));
  expect(key.at(10, (state) => state.value())).toBe(0);
});

test('a TTL as long as can be never ends', () => {
  const key = new OneKey(valueState<string>({ ttl: { ttl: Number.MAX_SAFE_INTEGER } }));
  key.at(1_800_000_000_000, (state) => state.update('v'));
  key.cleanUp(8_000_000_000_000_000);
  expect(key.at(8_000_000_000_000_000, (state) => state.value())).toBe('v');
});

test('without a TTL nothing expires', () => {
  const key = new OneKey(valueState<string>());
  key.at(0, (state) => state.update('v'));
  key.cleanUp(Number.MAX_SAFE_INTEGER);
  expect(key.at(Number.MAX_SAFE_INTEGER, (state) => state.value())).toBe('v');
});

/** `a` at 0, `b` at 5. */
function list(ttl: TtlOptions): OneKey<ListState<string>> {
  const key = new OneKey(listState<string>({ ttl }));
  key.at(0, (state) => state.add('a'));
  key.at(5, (state) => state.addAll(['b']));
  return key;
}

test('each element of a list expires by itself', () => {
  expect(list(WRITE).at(9, (state) => state.get())).toEqual(['a', 'b']);
  expect(list(WRITE).at(10, (state) => state.get())).toEqual(['b']);
  expect(list(WRITE).at(15, (state) => state.get())).toEqual([]);
});

test('on-create-and-write: a list keeps its expired elements, hidden, until a clean-up or until none is left', () => {
  const key = list(WRITE);
  key.at(10, (state) => state.get());
  expect(key.stored()).toEqual([['a', 0], ['b', 5]]);
  key.at(15, (state) => state.get());
  expect(key.stored()).toEqual([]);
});

test('on-read-and-write: a read of a list renews its live elements and removes the others', () => {
  const key = list(READ);
  expect(key.at(10, (state) => state.get())).toEqual(['b']);
  expect(key.stored()).toEqual([['b', 10]]);
});

test('return-expired-if-not-cleaned-up: a list gives its expired elements until they are removed', () => {
  const key = list(WRITE_RETURN);
  expect(key.at(10, (state) => state.get())).toEqual(['a', 'b']);
  expect(key.at(15, (state) => state.get())).toEqual(['a', 'b']);
  expect(key.at(15, (state) => state.get())).toEqual([]);
});

test('on-read-and-write with return-expired-if-not-cleaned-up: a list gives its expired elements once', () => {
  const key = list(READ_RETURN);
  expect(key.at(10, (state) => state.get())).toEqual(['a', 'b']);
  expect(key.at(10, (state) => state.get())).toEqual(['b']);
});

test('update() of a list gives every element a new time, add() only the one that is added', () => {
  const key = list(WRITE);
  key.at(7, (state) => state.update(['c', 'd']));
  key.at(9, (state) => state.add('e'));
  expect(key.stored()).toEqual([['c', 7], ['d', 7], ['e', 9]]);
});

/** `a` at 0, `b` at 5. */
function map(ttl: TtlOptions): OneKey<MapState<string, number>> {
  const key = new OneKey(mapState<string, number>({ ttl }));
  key.at(0, (state) => state.put('a', 1));
  key.at(5, (state) => state.putAll([['b', 2]]));
  return key;
}

test('each entry of a map expires by itself', () => {
  expect(map(WRITE).at(9, (state) => [state.get('a'), state.get('b')])).toEqual([1, 2]);
  expect(map(WRITE).at(10, (state) => [state.get('a'), state.get('b')])).toEqual([null, 2]);
  expect(map(WRITE).at(15, (state) => [...state.entries()])).toEqual([]);
});

test('an expired entry is not contained in a map', () => {
  expect(map(WRITE).at(10, (state) => [state.contains('a'), state.contains('b')])).toEqual([false, true]);
});

test('a read removes the expired entry that it meets, and no other', () => {
  const key = map(WRITE);
  key.at(20, (state) => state.get('a'));
  expect(key.stored()).toEqual([['b', 2, 5]]);
});

test('iteration over a map removes the expired entries', () => {
  const key = map(WRITE);
  expect(key.at(10, (state) => [...state.values()])).toEqual([2]);
  expect(key.stored()).toEqual([['b', 2, 5]]);
});

test('on-read-and-write: get() and contains() renew their entry of a map, and no other', () => {
  const key = map(READ);
  key.at(8, (state) => state.get('a'));
  key.at(9, (state) => state.contains('b'));
  expect(key.stored()).toEqual([['a', 1, 8], ['b', 2, 9]]);
});

test('on-read-and-write: iteration renews the entries of a map that it has come to', () => {
  const key = map(READ);
  key.at(9, (state) => state.keys().next());
  expect(key.stored()).toEqual([['a', 1, 9], ['b', 2, 5]]);
});

test('return-expired-if-not-cleaned-up: a map gives an expired entry once and removes it', () => {
  const key = map(WRITE_RETURN);
  expect(key.at(12, (state) => [state.get('a'), state.get('a'), state.get('b')])).toEqual([1, null, 2]);
  expect(key.at(15, (state) => [...state.entries()])).toEqual([['b', 2]]);
  expect(key.stored()).toEqual([]);
});

test('on-read-and-write with return-expired-if-not-cleaned-up: an expired entry is given once and not renewed', () => {
  const key = map(READ_RETURN);
  expect(key.at(12, (state) => [state.get('a'), state.get('a')])).toEqual([1, null]);
  expect(key.stored()).toEqual([['b', 2, 5]]);
});

test('an entry whose value is null has a time like any other', () => {
  const key = new OneKey(mapState<string, null>({ ttl: WRITE }));
  key.at(0, (state) => state.put('a', null));
  expect(key.at(9, (state) => state.contains('a'))).toBe(true);
  expect(key.at(10, (state) => state.contains('a'))).toBe(false);
});

test('a map whose entries are all expired is empty', () => {
  expect(map(WRITE).at(14, (state) => state.isEmpty())).toBe(false);
  expect(map(WRITE).at(15, (state) => state.isEmpty())).toBe(true);
});

test.each([
  ['reducing', () => new OneKey(reducingState<string>({ reduce, ttl: WRITE }))],
  ['aggregating', () => new OneKey(aggregatingState({ aggregate, ttl: WRITE }))],
] as const)('an add to a live value renews it, and to an expired one begins anew: %s', (_, open) => {
  const key = open();
  key.at(0, (state) => state.add('a'));
  key.at(9, (state) => state.add('b'));
  expect(key.at(18, (state) => state.get())).toBe('ab');
  key.at(19, (state) => state.add('c'));
  expect(key.at(20, (state) => state.get())).toBe('c');
});

test.each([
  ['reducing', () => new OneKey(reducingState<string>({ reduce, ttl: READ }))],
  ['aggregating', () => new OneKey(aggregatingState({ aggregate, ttl: READ }))],
] as const)('on-read-and-write: get() renews what was folded: %s', (_, open) => {
  const key = open();
  key.at(0, (state) => state.add('a'));
  expect(key.at(9, (state) => state.get())).toBe('a');
  expect(key.at(18, (state) => state.get())).toBe('a');
  expect(key.at(28, (state) => state.get())).toBeNull();
});

test.each([
  ['reducing', () => new OneKey(reducingState<string>({ reduce, ttl: WRITE_RETURN }))],
  ['aggregating', () => new OneKey(aggregatingState({ aggregate, ttl: WRITE_RETURN }))],
] as const)('return-expired-if-not-cleaned-up: an add goes on from an expired value: %s', (_, open) => {
  const key = open();
  key.at(0, (state) => state.add('a'));
  key.at(50, (state) => state.add('b'));
  expect(key.at(59, (state) => state.get())).toBe('ab');
});

test.each([
  ['reducing', () => new OneKey(reducingState<string>({ reduce, ttl: READ_RETURN }))],
  ['aggregating', () => new OneKey(aggregatingState({ aggregate, ttl: READ_RETURN }))],
] as const)('return-expired-if-not-cleaned-up: get() gives an expired fold once: %s', (_, open) => {
  const key = open();
  key.at(0, (state) => state.add('a'));
  expect(key.at(10, (state) => [state.get(), state.get()])).toEqual(['a', null]);
});

test('a clean-up removes what is expired and leaves the rest', () => {
  const keys = [written(WRITE), list(WRITE), map(WRITE)];
  keys.forEach((key) => key.cleanUp(10));
  expect(keys.map((key) => key.stored())).toEqual([null, [['b', 5]], [['b', 2, 5]]]);
});
