import { expect, test, vi } from 'vitest';
import { wallTime } from '../../../lib/core/numbers.ts';
import { CommittedTimers } from '../../../lib/core/process/committed-timers.ts';
import { openProcessState, type ProcessState } from '../../../lib/core/process/process-state.ts';
import { timesOf } from '../../../lib/core/process/time-tree.ts';
import { fire, functionOf, Running } from './running-function.ts';

const SPAN = 1000;

/** Two timers of each key, each at a time of its own. */
function stateOf(keys: number): ProcessState {
  const state = openProcessState([]);
  for (let k = 0; k < keys; k++) state.put(`k${k}`, { cells: [], timers: { event: timesOf([k, k + 3 * SPAN]), processing: null } }, wallTime(0));
  return state;
}

test('timers are given in order until they are taken, however far the times go', () => {
  const timers = new CommittedTimers('event', stateOf(SPAN));
  const given: number[] = [];
  for (const time of [-5, 0, 1, 7, 7, 6, 300, 299, 301, 2000, 3001, 9000]) {
    const due = timers.upTo(time).map((timer) => timer.time);
    expect(timers.upTo(time).map((timer) => timer.time)).toEqual(due);
    expect(Math.max(-Infinity, ...due)).toBeLessThanOrEqual(time);
    timers.take(time);
    given.push(...due);
  }
  expect(given).toEqual([...Array.from({ length: SPAN }, (_, k) => k), ...Array.from({ length: SPAN }, (_, k) => k + 3 * SPAN)]);
});

test('a step that fires for every record looks at the state a few times', () => {
  const state = stateOf(SPAN);
  const looks = vi.spyOn(state, 'timersUpTo');
  const timers = new CommittedTimers('event', state);
  for (let time = 0; time < SPAN; time++) {
    expect(timers.upTo(time)).toEqual([{ key: `k${time}`, time }]);
    timers.take(time);
  }
  expect(looks.mock.calls.length).toBeLessThan(15);
});

test('a step that fires once looks no further than it goes', () => {
  const state = stateOf(SPAN);
  const looks = vi.spyOn(state, 'timersUpTo');
  const timers = new CommittedTimers('event', state);
  timers.upTo(100);
  timers.upTo(50);
  expect(looks.mock.calls).toEqual([['event', 100, -Infinity]]);
});

test.each([1, 3, 50])('firing on the way, every %i, calls what firing at the end does, with timers that others register and delete', (every) => {
  const called: string[] = [];
  const fn = functionOf(
    (value, { timers }) => void timers.registerEventTimeTimer(Number(value)),
    ({ time }, { key, timers }) => {
      called.push(`${String(key)} ${time}`);
      if (time % 3 === 0) timers.registerEventTimeTimer(time + 10);
      if (time % 2 === 0) timers.deleteEventTimeTimer(time + 1);
    },
  );
  const job = new Running(fn);
  job.step({ records: Array.from({ length: 400 }, (_, i) => [i % 20, (i * 7919) % 200]), watermark: -1 });
  const step = job.open();
  for (let watermark = 0; watermark <= 300; watermark += every) fire(step, watermark, 0);
  const onTheWay = called.splice(0);
  fire(job.open(), 300, 0);
  expect(onTheWay).toEqual(called);
  expect(called.length).toBeGreaterThan(100);
});
