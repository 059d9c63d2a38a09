/** Functions with keyed state through the logs: entries carry the records, a FIRE runs the function, and every firer comes to the same state. */
import { expect, test } from 'vitest';
import { valueState } from '../../lib/core/process/declare.ts';
import { FAILED_RECORD_COLUMNS } from '../../lib/core/failed-record.ts';
import { uid } from '../../lib/core/numbers.ts';
import type { PlanNode } from '../../lib/core/plan.ts';
import { GROUPS } from '../../lib/core/window/pane.ts';
import { LAB_START_MS } from './lab-plan.ts';
import { functionJob, keyedFunction, type FunctionJob } from './function-plan.ts';
import { MINUTE, Stack } from './stack.ts';

const rowsOf = (stack: Stack): unknown[] => stack.stores.sinks.rows('c.d.out').map(([text]) => text);

const counting = (): FunctionJob =>
  functionJob(
    keyedFunction({
      state: { count: valueState<number>({ initial: 0 }) },
      *onEvent({ type }, { state }) {
        state.count.update(state.count.value() + 1);
        yield `${type} ${state.count.value()}`;
      },
    }),
  );

/** Tells when a key has been silent for a minute of event time. */
const silence = (): FunctionJob =>
  functionJob(
    keyedFunction({
      state: { last: valueState<number>() },
      onEvent({ time }, { state, timers }) {
        const last = state.last.value();
        if (last !== null) timers.deleteEventTimeTimer(last + MINUTE);
        state.last.update(time);
        timers.registerEventTimeTimer(time + MINUTE);
      },
      *onTimer({ time }, { key, state }) {
        state.last.clear();
        yield `${key} silent at ${(time - LAB_START_MS) / 1000}`;
      },
    }),
  );

test('each record of a key sees what those before have left, in their order', async () => {
  const stack = await Stack.start(counting());
  stack.produce([['a', 1], ['b', 2], ['a', 3]]);
  await stack.deliver(stack.writer());
  expect(await stack.firer().step()).toMatchObject({ kind: 'fired', rows: 3 });
  expect(rowsOf(stack)).toEqual(['0 a 1', '0 b 1', '0 a 2']);
});

test('a firer that loads cold, from the log or from a checkpoint, goes on with the same state', async () => {
  const stack = await Stack.start(counting());
  const writer = stack.writer();
  for (let round = 0; round < 4; round++) {
    stack.produce([['a', round]]);
    await stack.deliver(writer);
    await stack.firer().step();
    if (round === 1) {
      stack.runtime.advance(10 * MINUTE);
      await stack.firer().step();
    }
  }
  expect(await stack.kinds()).toContain('CHECKPOINT');
  expect(rowsOf(stack)).toEqual(['0 a 1', '0 a 2', '0 a 3', '0 a 4']);
});

test('event-time timers fire when the watermark reaches them, and only where no later record has moved them', async () => {
  const stack = await Stack.start(silence());
  const [writer, firer] = [stack.writer(), stack.firer()];
  stack.produce([['a', 0], ['b', 10], ['a', 30]]);
  await stack.deliver(writer);
  await firer.step();
  expect(rowsOf(stack)).toEqual([]);
  // The watermark is 5 s behind.
  stack.produce([['c', 76]]);
  await stack.deliver(writer);
  await firer.step();
  expect(rowsOf(stack)).toEqual(['0 b silent at 70']);
  stack.produce([['c', 100]]);
  await stack.deliver(writer);
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual(['0 b silent at 70', '0 a silent at 90']);
});

test('processing-time timers fire though nothing comes any more', async () => {
  const job = functionJob(
    keyedFunction({
      state: {},
      onEvent(_event, { timers }) {
        timers.registerProcessingTimeTimer(timers.currentProcessingTime() + MINUTE);
      },
      *onTimer(_timer, { key }) {
        yield `${key} waited`;
      },
    }),
  );
  const stack = await Stack.start(job);
  stack.produce([['a', 0]]);
  await stack.deliver(stack.writer());
  const firer = stack.firer();
  expect(await firer.step()).toMatchObject({ kind: 'fired', rows: 0 });
  stack.runtime.advance(MINUTE - 1);
  expect((await firer.step()).kind).toBe('idle');
  stack.runtime.advance(1);
  expect(await firer.step()).toMatchObject({ kind: 'fired', rows: 1 });
  expect((await firer.step()).kind).toBe('idle');
  expect(rowsOf(stack)).toEqual(['0 a waited']);
});

test('a stop with savepoint and a resume keep values and timers', async () => {
  const stack = await Stack.create(silence());
  stack.produce([['a', 0], ['b', 10]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  await stack.resume(await stack.stop());
  stack.produce([['a', 20], ['c', 76]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual(['0 b silent at 70']);
});

test('a function that throws stops the step and names key and operator; nothing of the step is kept', async () => {
  let fails = true;
  const job = functionJob(
    keyedFunction({
      state: { count: valueState<number>({ initial: 0 }) },
      *onEvent({ type }, { state }) {
        state.count.update(state.count.value() + 1);
        if (fails && type === 'b') throw new Error('no b today');
        yield `${type} ${state.count.value()}`;
      },
    }),
  );
  const stack = await Stack.start(job);
  stack.produce([['a', 1], ['b', 2]]);
  await stack.deliver(stack.writer());
  const firer = stack.firer();
  await expect(firer.step()).rejects.toMatchObject({ code: 'FUNCTION_THREW', message: expect.stringMatching(/fn failed on key "b": no b today/) });
  fails = false;
  await firer.step();
  expect(rowsOf(stack)).toEqual(['0 a 1', '0 b 1']);
});

test('a FIRE with more timers than fit takes as many as do, in their order', async () => {
  const job = silence();
  const stack = await Stack.start({ ...job, settings: { fireMaxRows: 2 } });
  const [writer, firer] = [stack.writer(), stack.firer()];
  stack.produce([['a', 0], ['b', 1], ['c', 2], ['d', 3], ['e', 4]]);
  await stack.deliver(writer);
  while ((await firer.step()).kind === 'fired');
  stack.produce([['z', 200]]);
  await stack.deliver(writer);
  expect(await firer.step()).toMatchObject({ rows: 2 });
  while ((await firer.step()).kind === 'fired');
  expect(rowsOf(stack)).toEqual(['a', 'b', 'c', 'd', 'e'].map((key, i) => `0 ${key} silent at ${60 + i}`));
});

/** Tells every minute, for good, whether of event time or of processing time. */
const ticking = (domain: 'event' | 'processing'): FunctionJob =>
  functionJob(
    keyedFunction({
      state: { ticks: valueState<number>({ initial: 0 }) },
      onEvent({ time }, { timers }) {
        if (domain === 'event') timers.registerEventTimeTimer(time + MINUTE);
        else timers.registerProcessingTimeTimer(timers.currentProcessingTime() + MINUTE);
      },
      *onTimer({ time }, { key, state, timers }) {
        const [now, register] = domain === 'event' ? [timers.currentWatermark() ?? 0, timers.registerEventTimeTimer] : [timers.currentProcessingTime(), timers.registerProcessingTimeTimer];
        state.ticks.update(state.ticks.value() + 1);
        register(time + MINUTE);
        yield `${key} ${state.ticks.value()}${now < time ? ' too early' : ''}`;
      },
    }),
  );

test.each(['event', 'processing'] as const)('timers that timers register bound a FIRE as well: ten hours of ticks comes in steps, also for who replays them (%s)', async (domain) => {
  const stack = await Stack.start({ ...ticking(domain), settings: { fireMaxRows: 100 } });
  const [writer, firer] = [stack.writer(), stack.firer()];
  stack.produce([['a', 0], ['b', 0]]);
  await stack.deliver(writer);
  while ((await firer.step()).kind === 'fired');
  stack.runtime.advance(600 * MINUTE);
  if (domain === 'event') {
    stack.produce([['z', 600 * 60 + 5]]);
    await stack.deliver(writer);
  }
  const rows: number[] = [];
  for (let outcome = await firer.step(); outcome.kind === 'fired'; outcome = await firer.step()) rows.push(outcome.rows);
  expect(rows.length).toBeGreaterThanOrEqual(12);
  expect(Math.max(...rows)).toBe(100);
  expect(rowsOf(stack)).toEqual(Array.from({ length: 600 }, (_, i) => [`0 a ${i + 1}`, `0 b ${i + 1}`]).flat());
  const [live, cold] = [await firer.load(), await stack.firer().load()];
  const statesOf = (replica: typeof live): unknown => JSON.stringify([...(replica?.states.get(uid('fn'))?.panesAt(GROUPS) ?? [])]);
  expect(cold?.position).toEqual(live?.position);
  expect(statesOf(cold)).toEqual(statesOf(live));
});

/** Each record registers timers of a little before the time that its step comes to. */
const lookingBack = (calls: string[]): FunctionJob =>
  functionJob(
    keyedFunction({
      state: {},
      onEvent(_event, { key, timers }) {
        calls.push(String(key));
        for (const back of [2, 1]) timers.registerProcessingTimeTimer(timers.currentProcessingTime() - back);
      },
      *onTimer({ time }, { key, timers }) {
        yield `${key} ${timers.currentProcessingTime() - time} ms ago`;
      },
    }),
  );

test('a step that has more to do, however far it goes, is not computed anew for every millisecond since the last one', async () => {
  const calls: string[] = [];
  const stack = await Stack.start({ ...lookingBack(calls), settings: { fireMaxRows: 2 } });
  stack.runtime.advance(10 * MINUTE);
  stack.produce([['a', 0], ['b', 1]]);
  await stack.deliver(stack.writer());
  expect(await stack.firer().step()).toMatchObject({ kind: 'fired', rows: 4 });
  expect(calls.length).toBeLessThan(50);
  expect(rowsOf(stack)).toEqual(['0 a 2 ms ago', '0 b 2 ms ago', '0 a 1 ms ago', '0 b 1 ms ago']);
  await stack.firer().load();
});

/** Fails on every record of key b. */
const failing = (policy: string): FunctionJob =>
  functionJob(
    keyedFunction({
      state: { count: valueState<number>({ initial: 0 }) },
      *onEvent({ type }, { state }) {
        state.count.update(state.count.value() + 1);
        yield `${type} ${state.count.value()}`;
        if (type === 'b') throw new Error('no b today');
      },
    }),
    { planOptions: { 'sluice.on-record-error': policy } },
  );

test('with skip, a record that a function fails on is left out and counted, and nothing of it stays (W10)', async () => {
  const stack = await Stack.start(failing('skip'));
  stack.produce([['a', 1], ['b', 2], ['a', 3]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual(['0 a 1', '0 a 2']);
  const replica = await stack.firer().load();
  expect(replica?.position.failed).toEqual({ fn: 1 });
  expect([...(replica?.states.get(uid('fn'))?.panesAt(GROUPS) ?? [])].map(([key]) => key)).toEqual(['a']);
});

test('with dlq, it becomes a row of the dead-letter table, with its key and its value as the function got it (W10)', async () => {
  const { plan, code } = failing('dlq');
  const columns = FAILED_RECORD_COLUMNS;
  const dead: PlanNode[] = [
    { kind: 'failed-records', uid: uid('failed-records'), columns },
    { kind: 'sink', uid: uid('dead'), input: uid('failed-records'), table: 'c.d.dead', connector: 'filesystem', columns, options: { path: '/dead' } },
  ];
  const stack = await Stack.start({ plan: { ...plan, nodes: [...plan.nodes, ...dead] }, code });
  stack.produce([['a', 1], ['b', 2]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual(['0 a 1']);
  const [letter, ...others] = stack.stores.sinks.rows('c.d.dead');
  expect(others).toEqual([]);
  const [topic, partition, , key, value, error] = letter ?? [];
  expect([topic, partition]).toEqual(['events', 0]);
  expect([key, value].map((bytes) => JSON.parse(Buffer.from(bytes as Uint8Array).toString()))).toEqual(['b', { type: 'b', time: LAB_START_MS + 2000 }]);
  expect(error).toMatch(/^FUNCTION_THREW: the process function at fn failed on key "b": no b today; on a record at or before offset 1; read by fn/);
});
