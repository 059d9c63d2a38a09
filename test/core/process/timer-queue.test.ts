import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareTimers, inOrder, TimerQueue, type QueuedTimer } from '../../../lib/core/process/timer-queue.ts';

const timer = fc.record({ time: fc.integer({ min: 0, max: 30 }), key: fc.constantFrom('a', 'b', 1, null) });
const text = ({ time, key }: QueuedTimer): string => JSON.stringify([time, key]);

test('timers come out by time and key, those that are gone never', () => {
  fc.assert(
    fc.property(fc.array(timer), fc.array(timer), fc.integer({ min: 0, max: 31 }), (timers, gone, upTo) => {
      const stale = new Set(gone.map(text));
      const queue = new TimerQueue((one) => !stale.has(text(one)));
      for (const one of timers) queue.push(one);
      const live = timers.filter((one) => !stale.has(text(one)) && one.time <= upTo);
      expect(queue.upTo(upTo)).toEqual(inOrder(live));
      const taken: QueuedTimer[] = [];
      for (let next = queue.take(upTo); next !== null; next = queue.take(upTo)) taken.push(next);
      expect(taken).toEqual(live.toSorted(compareTimers));
    }),
  );
});

test('a queue does not keep what is gone', () => {
  const asked: number[] = [];
  const queue = new TimerQueue(({ time }) => (asked.push(time), time === 0 || time >= 99_990));
  for (let time = 0; time < 100_000; time++) queue.push({ time, key: null });
  asked.length = 0;
  expect(queue.upTo(100_000)).toHaveLength(11);
  expect(asked.length).toBeLessThan(3000);
});

test('keys of all kinds have one order, whatever order they came in', () => {
  const keys = [null, false, true, 0, 1, '', 'true'];
  const timersOf = (of: readonly (string | number | boolean | null)[]): unknown[] => inOrder(of.map((key) => ({ time: 1, key }))).map(({ key }) => key);
  expect(timersOf(keys)).toEqual(keys);
  expect(timersOf(keys.toReversed())).toEqual(keys);
});
