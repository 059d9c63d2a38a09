/** Rules of Flink's ValueState; `docs/state.md` lists them. */
import { expect, test } from 'vitest';
import { isError } from '../../../lib/core/errors.ts';
import { valueState } from '../../../lib/core/process/declare.ts';
import { OneKey } from './states-support.ts';

test('value() of a ValueState is null before the first update', () => {
  const key = new OneKey(valueState<number>());
  expect(key.at(0, (state) => state.value())).toBeNull();
});

test('value() of a ValueState gives what the last update stored', () => {
  const key = new OneKey(valueState<{ n: number; at: Date }>());
  key.at(0, (state) => state.update({ n: 1, at: new Date(5) }));
  key.at(1, (state) => state.update({ n: 2, at: new Date(6) }));
  expect(key.at(2, (state) => state.value())).toEqual({ n: 2, at: new Date(6) });
});

test('value() sees an update of the same call', () => {
  const key = new OneKey(valueState<number>());
  expect(key.at(0, (state) => (state.update(7), state.value()))).toBe(7);
});

test('clear() removes the value of a ValueState', () => {
  const key = new OneKey(valueState<number>());
  key.at(0, (state) => state.update(7));
  key.at(1, (state) => state.clear());
  expect(key.at(2, (state) => state.value())).toBeNull();
});

test('update(null) clears a ValueState', () => {
  const key = new OneKey(valueState<number>());
  key.at(0, (state) => state.update(7));
  key.at(1, (state) => state.update(null));
  expect(key.stored()).toBeNull();
});

test('value() gives the initial value where there is none, and again behind clear()', () => {
  const key = new OneKey(valueState({ initial: { seen: 0 } }));
  expect(key.at(0, (state) => state.value().seen)).toBe(0);
  key.at(1, (state) => state.update({ seen: 3 }));
  expect(key.at(2, (state) => state.value().seen)).toBe(3);
  key.at(3, (state) => state.clear());
  expect(key.at(4, (state) => state.value().seen)).toBe(0);
});

test('the initial value of a ValueState is not stored', () => {
  const key = new OneKey(valueState({ initial: 5 }));
  key.at(0, (state) => state.value());
  expect(key.stored()).toBeNull();
});

test('a value that changes behind value() or update() does not change the state', () => {
  const key = new OneKey(valueState({ initial: { list: [1] } }));
  key.at(0, (state) => {
    state.value().list.push(2);
    expect(state.value()).toEqual({ list: [1] });
    const mine = { list: [5] };
    state.update(mine);
    mine.list.push(6);
    state.value().list.push(7);
    expect(state.value()).toEqual({ list: [5] });
  });
});

test('a value that cannot be stored is refused by update()', () => {
  const key = new OneKey(valueState<() => void>());
  expect(() => key.at(0, (state) => state.update(() => {}))).toThrow(expect.toSatisfy((error) => isError(error, 'STATE_VALUE_INVALID')));
});
