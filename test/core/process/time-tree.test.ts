/** Sets of times against plain Sets, and what they cost. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { earliestOf, hasTime, listOf, timeCount, timesBeside, timesOf, timesWithin, withoutTime, withTime, type Times } from '../../../lib/core/process/time-tree.ts';

const time = fc.integer({ min: -50, max: 50 });
const change = fc.record({ time, stays: fc.boolean() });
const changed = (times: Times, changes: readonly { readonly time: number; readonly stays: boolean }[]): Times =>
  changes.reduce((set, one) => (one.stays ? withTime(set, one.time) : withoutTime(set, one.time)), times);
const ascending = (times: Iterable<number>): number[] => [...times].toSorted((a, b) => a - b);

test('after any changes it holds what a Set holds, in order, and earlier ones are as they were', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 100 }), (changes) => {
      let times: Times = null;
      const model = new Set<number>();
      for (const one of changes) {
        const before = listOf(times);
        const next = changed(times, [one]);
        expect(listOf(times)).toEqual(before);
        times = next;
        if (one.stays) model.add(one.time);
        else model.delete(one.time);
      }
      expect(listOf(times)).toEqual(ascending(model));
      expect([timeCount(times), earliestOf(times)]).toEqual([model.size, model.size === 0 ? null : Math.min(...model)]);
      for (let at = -50; at <= 50; at++) expect(hasTime(times, at)).toBe(model.has(at));
    }),
  );
});

test('those between two times come in order, without the first', () => {
  fc.assert(
    fc.property(fc.array(time), time, time, (list, after, upTo) => {
      expect([...timesWithin(timesOf(list), after, upTo)]).toEqual(ascending(new Set(list)).filter((at) => at > after && at <= upTo));
    }),
  );
});

test('what one set has beside another is found, whether the one came of the other or not', () => {
  fc.assert(
    fc.property(fc.array(time), fc.array(change), fc.array(time), (list, changes, others) => {
      const times = timesOf(list);
      for (const other of [changed(times, changes), timesOf(others)]) {
        const has = new Set(listOf(other));
        expect([...timesBeside(times, other)]).toEqual(listOf(times).filter((at) => !has.has(at)));
      }
    }),
  );
});

test('what both sets share is not looked at', () => {
  const looked = (): never => {
    throw new Error('looked at');
  };
  const shared: Times = { time: 2, height: 1, get left(): Times { return looked(); }, get right(): Times { return looked(); } };
  const times = (right: Times): Times => ({ time: 5, left: shared, right, height: 2 });
  expect([...timesBeside(times(timesOf([7])), times(null))]).toEqual([7]);
});

test('a time that is there already, or is not there, gives the very same set', () => {
  const times = timesOf([3, 1, 2, 2]);
  expect([withTime(times, 2), withoutTime(times, 4)].map((set) => set === times)).toEqual([true, true]);
  expect(withoutTime(withoutTime(withoutTime(times, 1), 2), 3)).toBeNull();
});

test('it stays flat: times that come and go in order lie in few levels', () => {
  let times: Times = null;
  for (let at = 0; at < 1000; at++) times = withTime(times, at);
  expect(times?.height).toBe(10);
  for (let at = 0; at < 900; at++) times = withoutTime(times, at);
  expect(times?.height).toBeLessThanOrEqual(8);
});
