/** What `sluice describe` tells of state: how much, how old, whether it grows, what is due, and what it costs. */
import { expect, test } from 'vitest';
import { descriptionText } from '../../lib/cli/describe-text.ts';
import { descriptionJson } from '../../lib/control/description-json.ts';
import { monthlyUsd } from '../../lib/control/describe-state.ts';
import { describeJob, type JobDescription } from '../../lib/control/describe.ts';
import { mapState, valueState } from '../../lib/core/process/declare.ts';
import { functionJob, keyedFunction } from '../engine/function-plan.ts';
import { LAB_START_MS } from '../engine/lab-plan.ts';
import { MINUTE, Stack } from '../engine/stack.ts';

const remembering = functionJob(
  keyedFunction({
    state: { last: valueState<number>({ ttl: { ttl: '1 h' } }), times: mapState<number, string>() },
    onEvent({ time, type }, { state, timers }) {
      state.last.update(1);
      state.times.put(time - LAB_START_MS, type);
      timers.registerEventTimeTimer(time + MINUTE);
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 10 * MINUTE);
    },
  }),
);

async function run(stack: Stack, ...rounds: readonly (readonly (readonly [string, number])[])[]): Promise<JobDescription> {
  const [writer, firer] = [stack.writer(), stack.firer()];
  for (const records of rounds) {
    stack.produce(records);
    await stack.deliver(writer);
    await firer.step();
    stack.runtime.advance(MINUTE);
    await firer.step();
  }
  return describeJob(stack.workshop, stack.job.id);
}

test('of a function: entries, bytes and age of each state, timers of each domain, the earliest of them', async () => {
  const stack = await Stack.create(remembering);
  const from = stack.runtime.wall;
  const { state } = await run(stack, [['a', 1], ['b', 2], ['a', 3]]);
  expect(state?.operators).toMatchObject([
    {
      uid: 'fn',
      kind: 'function',
      entries: 2,
      windows: [],
      lateRows: 0,
      failedRows: 0,
      states: [
        { name: 'last', kind: 'value', entries: 2, bytes: 2, oldestAt: from },
        // Keys of four digits, texts of three characters.
        { name: 'times', kind: 'map', entries: 3, bytes: 21, oldestAt: null },
      ],
      timers: { event: { count: 3, earliest: LAB_START_MS + 1000 + MINUTE }, processing: { count: 2, earliest: from + 10 * MINUTE } },
    },
  ]);
});

test('growth is told from the oldest checkpoint that is kept to the newest, and not of one alone', async () => {
  const stack = await Stack.create(remembering);
  expect((await run(stack, [['a', 1]])).state?.growth).toBeNull();
  const { state } = await run(stack, [['b', 2], ['c', 3]]);
  expect(state?.checkpoints).toHaveLength(2);
  const [newest, before] = state?.checkpoints.map(({ bytes }) => bytes) ?? [];
  expect(newest).toBe(state?.stateBytes);
  expect((newest ?? 0) - (before ?? 0)).toBe(state?.growth?.bytes);
  expect(state?.growth).toMatchObject({ from: state?.checkpoints[1]?.at, to: state?.checkpoints[0]?.at, entries: 2 });
  expect(state?.growth?.bytes).toBeGreaterThan(0);
});

test('accumulators of windows are one state, and the cost of a checkpoint is shared by bytes', async () => {
  const stack = await Stack.create();
  const { state } = await run(stack, [['a', 1], ['b', 2]]);
  expect(state?.operators).toMatchObject([{ kind: 'window', entries: 2, timers: null, states: [{ name: 'acc', kind: 'window', entries: 2, oldestAt: null }] }]);
  const function_ = (await run(await Stack.create(remembering), [['a', 1], ['b', 2]])).state;
  const shares = function_?.operators.flatMap(({ states }) => states.map(({ bytes, monthlyUsd: usd }) => (usd ?? NaN) / bytes));
  expect(shares?.[0]).toBeGreaterThan(0);
  expect(shares?.[1]).toBeCloseTo(shares?.[0] ?? NaN, 20);
});

test('a month of a checkpoint costs what the stores take in which it lies', () => {
  expect(monthlyUsd([{ store: 'chunks', bytes: 2e9 }, { store: 'blob', bytes: 1e9 }])).toBeCloseTo(2 * 0.25 + 0.023, 10);
});

test('text and JSON tell it', async () => {
  const stack = await Stack.create(remembering);
  const job = await run(stack, [['a', 1]], [['b', 2]]);
  const text = descriptionText(job, { isPaid: true });
  expect(text).toContain('Function fn: 2 keys');
  expect(text).toMatch(/last +\| +value +\| +2 +\| +2 B/);
  expect(text).toMatch(/less than 0\.01/);
  expect(text).toContain('2 event-time timers, the earliest for 2025-12-30 10:01:01.000');
  expect(text).toMatch(/2 processing-time timers, the earliest for /);
  expect(text).toMatch(/Growth: +\+1 entry, \+\d+\.?\d* k?B from the checkpoint of /);
  expect(descriptionText(job, { isPaid: false })).not.toContain('$');
  expect(descriptionJson(job)).toMatchObject({ state: { growth: { entries: 1 }, operators: [{ uid: 'fn', states: [{ name: 'last' }, { name: 'times' }], timers: { event: { count: 2 } } }] } });
});
