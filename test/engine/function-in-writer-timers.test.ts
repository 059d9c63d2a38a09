/** Timers of functions that run in the writer (protocol 13.3): when they fire, who calls them, and where they are between. */
import { expect, test } from 'vitest';
import { uid } from '../../lib/core/numbers.ts';
import { keyedFunction } from './function-plan.ts';
import { LAB_START_MS } from './lab-plan.ts';
import { Stack } from './stack.ts';
import { inWriter, rowsOf, segmentsOf, started, timing } from './within-plan.ts';

test('timers fire without a batch: behind the FIRE that the watermark comes with, by an entry of their own', async () => {
  const stack = await started(timing());
  const [writer, firer] = [stack.writer(), stack.firer()];
  stack.produce([['a', 0], ['b', 70]]);
  await stack.deliver(writer);
  await firer.step();
  await firer.step();
  expect((await stack.partition()).map(({ kind }) => kind)).toEqual(['INIT', 'DATA', 'TIME']);
  expect(rowsOf(stack)).toEqual(['0 a at 60, last 0']);
  // A firer that has seen the entry finds no timer that is due.
  await stack.firer().step();
  expect((await stack.partition()).map(({ kind }) => kind)).toEqual(['INIT', 'DATA', 'TIME']);
});

test.each(['without a batch', 'behind a batch'])('timers that are too many for an entry fire with several, %s: a job that wakes after long comes to the present in steps (F13)', async (how) => {
  const ticking = keyedFunction({
    state: {},
    onEvent({ time }, { timers }) {
      if (time === LAB_START_MS) timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 1000);
    },
    *onTimer({ time }, { timers }) {
      timers.registerProcessingTimeTimer(time + 1000);
      yield time - START;
    },
  });
  const stack = await started(inWriter(ticking), { settings: { fireMaxRows: 100 } });
  const [writer, firer, START] = [stack.writer(), stack.firer(), stack.runtime.now()];
  stack.produce([['a', 0]]);
  await stack.deliver(writer);
  await firer.step();
  stack.runtime.advance(1_000_500);
  stack.produce([['a', 1]]);
  if (how === 'behind a batch') await stack.deliver(writer);
  for (let step = 0; step < 12; step++) await firer.step();
  expect(rowsOf(stack)).toEqual(Array.from({ length: 1000 }, (_, i) => `0 ${1000 * (i + 1)}`));
  const counts = (await segmentsOf(stack)).map(({ rows }) => Object.values(rows).flat().length);
  expect(Math.max(...counts)).toBeLessThanOrEqual(101);
});

test('timers of processing time fire though nothing comes', async () => {
  const stack = await started(timing());
  const firer = stack.firer();
  stack.produce([['a', 5]]);
  await stack.deliver(stack.writer());
  await firer.step();
  stack.runtime.advance(10_500);
  await firer.step();
  expect(rowsOf(stack)).toEqual(['0 a after 500, last 5']);
});

test('timers fire with a batch that comes first', async () => {
  const stack = await started(timing());
  const [writer, firer] = [stack.writer(), stack.firer()];
  stack.produce([['a', 0], ['b', 70]]);
  await stack.deliver(writer);
  stack.before = (call) => {
    // The firer of the step before has died.
    if (call.startsWith('log.append P')) throw new Error('dead');
  };
  await firer.step();
  stack.before = () => {};
  stack.runtime.advance(2000);
  stack.produce([['b', 71]]);
  await stack.deliver(writer);
  await stack.firer().step();
  expect((await stack.partition()).map(({ kind }) => kind)).toEqual(['INIT', 'DATA', 'DATA']);
  expect(rowsOf(stack)).toEqual(['0 a at 60, last 0']);
});

test('a drain takes every entry in, and then calls the timers that are left', async () => {
  const stack = await Stack.create({ ...timing() });
  stack.produce([['a', 0], ['b', 30]]);
  await stack.deliver(stack.writer());
  await stack.stop({ drain: true });
  expect(rowsOf(stack)).toEqual(['0 a at 60, last 0', '0 b at 90, last 30']);
});

test('values and timers go through a savepoint, each key with its partition', async () => {
  const stack = await Stack.create({ ...timing(), partitions: 2 });
  stack.produce([['a', 0]]);
  stack.produce([['b', 10]], 1);
  for (const p of [0, 1]) await stack.deliver(stack.writer(), p);
  await stack.resume(await stack.stop());
  stack.produce([['c', 80]]);
  stack.produce([['d', 80]], 1);
  for (const p of [0, 1]) await stack.deliver(stack.writer(), p);
  const firer = stack.firer();
  for (let step = 0; step < 3; step++) await firer.step();
  expect(rowsOf(stack).sort()).toEqual(['0 a at 60, last 0', '0 b at 70, last 10']);
  const state = firer.replica?.states.get(uid('fn'));
  expect([...(state?.panesAt(state.sliceEnds()[0] ?? 0) ?? [])].map(([key]) => key)).toContain('{"source":"events","topic":"events","partition":1,"key":"d"}');
});

test('a firer that calls timers reads no state that it has', async () => {
  const stack = await started(timing(), { partitions: 4 });
  for (const p of [0, 1, 2, 3]) {
    stack.produce([[`a${p}`, 0], [`b${p}`, 70]], p);
    await stack.deliver(stack.writer(), p);
  }
  const firer = stack.firer();
  await firer.step();
  stack.takeCalls();
  await firer.step();
  const calls = stack.takeCalls();
  expect(rowsOf(stack)).toHaveLength(4);
  expect(calls.filter((call) => call.startsWith('log.append P'))).toHaveLength(4);
  expect(calls.filter((call) => call === 'log.head C' || call === 'log.get C' || call.startsWith('chunks.'))).toEqual([]);
});
