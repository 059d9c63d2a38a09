/** Rules of timers (Flink: TimerService, InternalTimerServiceImpl); `docs/state.md` lists them. */
import { expect, test } from 'vitest';
import type { KeyContext, Timer } from '../../../lib/core/process/keyed-function.ts';
import { eventTime, wallTime } from '../../../lib/core/numbers.ts';
import { OpenTimers } from '../../../lib/core/process/key-timers.ts';
import { openProcessState } from '../../../lib/core/process/process-state.ts';
import { CHAINED_TIMERS_MAX } from '../../../lib/core/process/process-step.ts';
import { StepTimers } from '../../../lib/core/process/step-timers.ts';
import { timesOf } from '../../../lib/core/process/time-tree.ts';
import { MAX_WATERMARK } from '../../../lib/core/watermark.ts';
import { fire, functionOf, Running, section } from './running-function.ts';

type Command = readonly [what: 'event' | 'processing' | 'delete-event' | 'delete-processing', time: number];

/** Values are commands; every timer that fires gives `[key, domain, time]`. */
function obey(value: unknown, { timers }: KeyContext): void {
  const [what, time] = value as Command;
  if (what === 'event') timers.registerEventTimeTimer(time);
  else if (what === 'processing') timers.registerProcessingTimeTimer(time);
  else if (what === 'delete-event') timers.deleteEventTimeTimer(time);
  else timers.deleteProcessingTimeTimer(time);
}

const report = ({ domain, time }: Timer, { key }: KeyContext): unknown[] => [[key, domain, time]];
const running = (): Running => new Running(functionOf(obey, report));
const firedIn = (rows: unknown[]): unknown[] => rows.map((row) => (Array.isArray(row) ? row[1] : row));

test('a timer registered twice for a time fires once', () => {
  const job = running();
  job.step({ records: [['a', ['event', 10]], ['a', ['event', 10]]] });
  job.step({ records: [['a', ['event', 10]]] });
  expect(firedIn(job.step({ watermark: 10 }))).toEqual([['a', 'event', 10]]);
  expect(job.step({ watermark: 20 })).toEqual([]);
});

test('event and processing time are registered apart', () => {
  const job = running();
  job.step({ records: [['a', ['event', 10]], ['a', ['processing', 10]]] });
  expect(firedIn(job.step({ watermark: 10, procTime: 10 }))).toEqual([['a', 'event', 10], ['a', 'processing', 10]]);
});

test('timers fire by time, then by key, whatever the order in which they were registered', () => {
  const records = [['b', ['event', 20]], ['c', ['event', 10]], ['a', ['event', 20]], ['a', ['event', 5]]] as const;
  const [job, inSteps] = [running(), running()];
  job.step({ records });
  for (const record of records.toReversed()) inSteps.step({ records: [record] });
  const expected = [['a', 'event', 5], ['c', 'event', 10], ['a', 'event', 20], ['b', 'event', 20]];
  expect(firedIn(job.step({ watermark: 20 }))).toEqual(expected);
  expect(firedIn(inSteps.step({ watermark: 20 }))).toEqual(expected);
});

test('a timer fires when the watermark reaches its time, not before', () => {
  const job = running();
  job.step({ records: [['a', ['event', 10]]], watermark: 9 });
  expect(job.step({ watermark: 9 })).toEqual([]);
  expect(job.step({ watermark: 10 })).toEqual([[0, ['a', 'event', 10], 10]]);
});

test('a timer deleted by its time does not fire, and another one of the key does', () => {
  const job = running();
  job.step({ records: [['a', ['event', 10]], ['a', ['event', 11]]] });
  job.step({ records: [['a', ['delete-event', 10]], ['a', ['delete-event', 99]], ['b', ['delete-event', 11]]] });
  expect(firedIn(job.step({ watermark: 20 }))).toEqual([['a', 'event', 11]]);
});

test('a processing-time timer deleted by its time does not fire', () => {
  const job = running();
  job.step({ records: [['a', ['processing', 10]]] });
  job.step({ records: [['a', ['delete-processing', 10]]] });
  expect(job.step({ procTime: 20 })).toEqual([]);
});

test('a timer deleted and registered again fires once', () => {
  const job = running();
  job.step({ records: [['a', ['event', 10]]] });
  job.step({ records: [['a', ['delete-event', 10]], ['a', ['event', 10]]] });
  expect(firedIn(job.step({ watermark: 10 }))).toEqual([['a', 'event', 10]]);
});

test('a timer at or before the watermark fires when the watermark moves next', () => {
  const job = running();
  job.step({ watermark: 100 });
  expect(job.step({ records: [['a', ['event', 50]], ['a', ['event', 100]]], watermark: 100 })).toEqual([]);
  expect(job.state.nextWindowEnd(100 as never)).toBe(101);
  expect(firedIn(job.step({ watermark: 101 }))).toEqual([['a', 'event', 50], ['a', 'event', 100]]);
});

test('the watermark has moved before its timers are called, and not before the records', () => {
  const job = new Running(functionOf((_, { timers }) => (timers.registerEventTimeTimer(10), [timers.currentWatermark()]), (_, { timers }) => [timers.currentWatermark()]));
  expect(job.step({ records: [['a', 1]], watermark: 30 })).toEqual([[0, null, null], [0, 30, 10]]);
});

test('an event-time timer gives its own time to what it outputs, a processing-time timer none, a record that of the record', () => {
  const job = new Running(functionOf((value, context) => (obey(value, context), [context.timestamp]), (_, { timestamp }) => [timestamp]));
  expect(job.step({ records: [['a', ['event', 10], 7], ['a', ['processing', 5]]], watermark: 12, procTime: 5 })).toEqual([[0, 7, 7], [0, null, null], [0, 10, 10], [0, 5, null]]);
});

test('the timestamp of a timer is its own time, of either domain, as is that of what it gives to side outputs', () => {
  const job = new Running(functionOf(obey, ({ domain }, { timestamp, output }) => output({ name: 'side' }, [domain, timestamp])));
  expect(job.step({ records: [['a', ['event', 10]], ['a', ['processing', 5]]], watermark: 12, procTime: 7 })).toEqual([[1, ['event', 10], 10], [1, ['processing', 5], 5]]);
});

test('what a timer registers fires with the same watermark if it is due, in its place among the others', () => {
  const job = new Running(functionOf(obey, (timer, context) => {
    if (timer.time === 10) for (const time of [12, 10, 40]) context.timers.registerEventTimeTimer(time === 10 ? 11 : time);
    return report(timer, context);
  }));
  job.step({ records: [['a', ['event', 10]], ['b', ['event', 11]]] });
  expect(firedIn(job.step({ watermark: 30 }))).toEqual([['a', 'event', 10], ['a', 'event', 11], ['b', 'event', 11], ['a', 'event', 12]]);
  expect(firedIn(job.step({ watermark: 40 }))).toEqual([['a', 'event', 40]]);
});

test('a timer may register its own time again', () => {
  let left = 2;
  const job = new Running(functionOf(obey, (timer, context) => {
    if (left-- > 0) context.timers.registerEventTimeTimer(timer.time);
    return report(timer, context);
  }));
  job.step({ records: [['a', ['event', 10]]] });
  expect(job.step({ watermark: 10 })).toHaveLength(3);
  expect(job.step({ watermark: 11 })).toEqual([]);
});

test('a timer may delete one that would fire behind it', () => {
  const job = new Running(functionOf(obey, (timer, context) => (context.timers.deleteEventTimeTimer(11), report(timer, context))));
  job.step({ records: [['a', ['event', 10]], ['a', ['event', 11]], ['b', ['event', 11]]] });
  expect(firedIn(job.step({ watermark: 30 }))).toEqual([['a', 'event', 10], ['b', 'event', 11]]);
});

test('timers belong to their key', () => {
  const job = running();
  job.step({ records: [['a', ['event', 10]], [{ id: 1 }, ['event', 10]], [7, ['event', 10]]] });
  expect(firedIn(job.step({ watermark: 10 }))).toEqual([[7, 'event', 10], ['a', 'event', 10], [{ id: 1 }, 'event', 10]]);
});

test('processing-time timers fire by the time of the step, and see it', () => {
  const job = new Running(functionOf(obey, ({ time }, { timers }) => [[time, timers.currentProcessingTime()]]));
  job.step({ records: [['a', ['processing', 100]]], procTime: 99 });
  expect(job.step({ procTime: 99 })).toEqual([]);
  expect(firedIn(job.step({ procTime: 130 }))).toEqual([[100, 130]]);
});

test('a processing-time timer in the past fires with the same step, an event-time timer it registers waits for the watermark', () => {
  const job = new Running(functionOf(obey, (timer, context) => {
    if (timer.domain === 'processing') context.timers.registerEventTimeTimer(3);
    return report(timer, context);
  }));
  expect(firedIn(job.step({ records: [['a', ['processing', 5]]], procTime: 50, watermark: 10 }))).toEqual([['a', 'processing', 5]]);
  expect(firedIn(job.step({ watermark: 11 }))).toEqual([['a', 'event', 3]]);
});

test('timers are restored, and those of processing time that have passed fire at once', () => {
  const job = running();
  job.step({ records: [['a', ['processing', 100]], ['b', ['event', 10]], ['c', ['processing', 900]]], procTime: 1 });
  job.restart();
  expect(job.state.nextTimer('processing')).toBe(100);
  expect(firedIn(job.step({ procTime: 500, watermark: 10 }))).toEqual([['b', 'event', 10], ['a', 'processing', 100]]);
  expect(job.state.nextTimer('processing')).toBe(900);
  expect(job.state.nextTimer('event')).toBeNull();
});

test('timers that are due are told before they fire, those behind the watermark with its next move', () => {
  const job = running();
  job.step({ records: [['a', ['event', 10]], ['b', ['event', 10]], ['a', ['event', 30]], ['a', ['event', 60]], ['b', ['processing', 7]]], watermark: 20 });
  job.step({ records: [['c', ['event', 5]]], watermark: 20 });
  const step = job.open();
  step.add(section([['a', ['event', 40]], ['a', ['delete-event', 30]]]));
  expect(step.due(20 as never)).toEqual([]);
  expect(step.due(50 as never)).toEqual([{ end: 21, rows: 1 }, { end: 40, rows: 1 }]);
  expect([step.dueProcessing(6 as never), step.dueProcessing(7 as never)]).toEqual([[], [{ end: 7, rows: 1 }]]);
  expect(firedIn(fire(step, 50, 0))).toEqual([['c', 'event', 5], ['a', 'event', 40]]);
});

test('a time that is no whole number is refused', () => {
  expect(() => running().step({ records: [['a', ['event', 1.5]]] })).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW' }));
});

/** Each timer registers the next one of its domain, ten later. */
const ticking = (given = 1): Running =>
  new Running(
    functionOf(obey, ({ time, domain }, { key, timers }) => {
      if (domain === 'event') timers.registerEventTimeTimer(time + 10);
      else timers.registerProcessingTimeTimer(time + 10);
      return Array.from({ length: given }, () => [key, time, timers.currentWatermark()]);
    }),
  );

/** What is to be logged of a step that fires up to 100, in either domain. */
function reached(job: Running, rows: number, { watermark = 100, procTime = 100, since = 0 } = {}): unknown {
  return job.open(procTime).fire(eventTime(watermark), wallTime(procTime), () => {}, { rows, procTime: wallTime(since) });
}

test('a step stops where it has fired enough timers, those registered on the way as well, but splits no time', () => {
  const job = ticking();
  job.step({ records: [['a', ['event', 0]], ['b', ['event', 0]]] });
  expect([reached(job, 5), reached(job, 6), reached(job, 7)]).toEqual([{ eventTime: 20 }, { eventTime: 20 }, { eventTime: 30 }]);
  expect([reached(job, 5, { watermark: 20 }), reached(job, 22), reached(job, 21)]).toEqual([null, null, null]);
  job.step({ watermark: 35 });
  // Those that the watermark has passed fire with its next move.
  job.step({ records: [['c', ['event', 1]]], watermark: 35 });
  expect([reached(job, 1), reached(job, 4), reached(job, 5)]).toEqual([{ eventTime: 36 }, { eventTime: 36 }, { eventTime: 40 }]);
});

test('a step that has stopped is computed up to there, and the next one goes on behind it', () => {
  const [whole, bounded] = [ticking(), ticking()];
  for (const job of [whole, bounded]) job.step({ records: [['a', ['event', 0]], ['b', ['event', 5]]] });
  const steps = [20, 40, 100].map((watermark) => bounded.step({ watermark }));
  const timesOf = (rows: unknown[]): unknown[] => rows.map((row) => (Array.isArray(row) ? row[1] : row)).map(([key, time]) => [key, time]);
  expect(timesOf(steps.flat())).toEqual(timesOf(whole.step({ watermark: 100 })));
  expect(steps[0]).toEqual([[0, ['a', 0, 20], 0], [0, ['b', 5, 20], 5], [0, ['a', 10, 20], 10], [0, ['b', 15, 20], 15], [0, ['a', 20, 20], 20]]);
});

test('what timers give counts as they do where it is more', () => {
  const job = ticking(3);
  job.step({ records: [['a', ['event', 0]]] });
  expect([reached(job, 3), reached(job, 4)]).toEqual([{ eventTime: 0 }, { eventTime: 10 }]);
});

test('timers of processing time stop as well, none before what the job has come to', () => {
  const job = ticking();
  job.step({ records: [['a', ['processing', 5]]] });
  expect([reached(job, 2), reached(job, 2, { since: 40 }), reached(job, 2, { since: 100 })]).toEqual([{ procTime: 15 }, { procTime: 40 }, null]);
});

test.each(['event', 'processing'] as const)('timers that register the next one for now are stopped, naming the key: %s', (domain) => {
  const job = new Running(functionOf(obey, ({ time }, { timers }) => (domain === 'event' ? timers.registerEventTimeTimer(time) : timers.registerProcessingTimeTimer(time))));
  job.step({ records: [['runaway', [domain, 1]]] });
  expect(() => reached(job, 10)).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW', message: expect.stringMatching(/at fn .*runaway.*1000000/) }));
  expect(CHAINED_TIMERS_MAX).toBe(1_000_000);
});

test('timers that go on and on are stopped at the end of time, naming the key', () => {
  const job = ticking();
  job.step({ records: [['runaway', ['event', 1]]] });
  expect(() => reached(job, 10, { watermark: MAX_WATERMARK })).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW', message: expect.stringMatching(/runaway.*1000000/) }));
});

test('what timers register on the way is counted by key: many keys that tick on over a long gap are none that never end', () => {
  const keys = new Map(['a', 'b', 'c'].map((key) => [key, { timers: new OpenTimers({ event: timesOf([0]), processing: null }) }]));
  const state = openProcessState([]);
  for (const [key, { timers }] of keys) state.put(key, { cells: [], timers: timers.timers }, wallTime(0));
  const step = new StepTimers(state, keys);
  const counts: number[] = [];
  for (const { timer, chained } of step.fire('event', 10, { rows: Infinity, from: 0 }, () => 0)) {
    const { key, time } = timer;
    counts.push(chained);
    keys.get(String(key))?.timers.delete('event', time);
    keys.get(String(key))?.timers.register('event', time + 1);
    step.add('event', { key, time: time + 1 });
  }
  expect([counts.length, Math.max(...counts)]).toEqual([33, 10]);
});
