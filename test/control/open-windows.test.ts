/** Which windows are open, and when each of them fires: not the slices that they share, nor what is kept for rows that are late. */
import { expect, test } from 'vitest';
import { describeJob } from '../../lib/control/describe.ts';
import type { OpenWindow } from '../../lib/control/open-windows.ts';
import type { Plan, WindowAggregateNode } from '../../lib/core/plan.ts';
import { LAB_START_MS, labPlan } from '../engine/lab-plan.ts';
import { Stack } from '../engine/stack.ts';

const SECOND = 1000;

function planWith(change: Partial<WindowAggregateNode>): Plan {
  const plan = labPlan();
  return { ...plan, nodes: plan.nodes.map((node) => (node.kind === 'window-aggregate' ? { ...node, ...change } : node)) };
}

/** After rounds of records, each of which is followed by a FIRE; watermarks are five seconds behind the newest one. */
async function openAfter(change: Partial<WindowAggregateNode>, ...rounds: readonly (readonly (readonly [string, number])[])[]): Promise<readonly OpenWindow[]> {
  const stack = await Stack.create({ plan: planWith(change) });
  const [writer, firer] = [stack.writer(), stack.firer()];
  for (const records of rounds) {
    stack.produce(records);
    await stack.deliver(writer);
    while ((await firer.step()).kind === 'fired');
  }
  return (await describeJob(stack.workshop, stack.job.id)).state?.operators[0]?.windows ?? [];
}

/** In seconds from the beginning of the lab. */
const inSeconds = ({ kind, start, end, entries, time, firesAt }: OpenWindow): unknown => {
  const of = (at: number): number => (at - LAB_START_MS) / SECOND;
  return [kind, of(start), of(end), entries, time, of(firesAt)];
};

const TUMBLE = { kind: 'tumble', sizeMs: 60 * SECOND, offsetMs: 0 } as const;

test('windows fire when the watermark is at their last millisecond', async () => {
  const windows = await openAfter({ window: TUMBLE }, [['a', 1], ['b', 2], ['a', 61]]);
  expect(windows.map(inSeconds)).toEqual([['window', 0, 60, 2, 'event', 59.999], ['window', 60, 120, 1, 'event', 119.999]]);
});

test('a window that has fired is not open, though it is kept for late rows', async () => {
  const windows = await openAfter({ window: TUMBLE, allowedLatenessMs: 3600 * SECOND }, [['a', 1]], [['a', 66]]);
  expect(windows.map(inSeconds)).toEqual([['window', 60, 120, 1, 'event', 119.999]]);
});

test('of slices that windows share, the windows are told of that close next', async () => {
  const hop = { window: { kind: 'hop', sizeMs: 60 * SECOND, slideMs: 30 * SECOND, offsetMs: 0 } } as const;
  expect((await openAfter(hop, [['a', 10], ['a', 32]])).map(inSeconds)).toEqual([['window', -30, 30, 1, 'event', 29.999], ['window', 0, 60, 2, 'event', 59.999]]);
  expect((await openAfter(hop, [['a', 10]], [['b', 36]])).map(inSeconds)).toEqual([['window', 0, 60, 2, 'event', 59.999]]);
});

test('windows that grow have one start', async () => {
  const cumulate = { window: { kind: 'cumulate', sizeMs: 90 * SECOND, stepMs: 30 * SECOND, offsetMs: 0 } } as const;
  const windows = await openAfter(cumulate, [['a', 10]], [['b', 36], ['b', 70]].map(([key, at]) => [String(key), Number(at)] as const));
  expect(windows.map(inSeconds)).toEqual([['window', 0, 90, 3, 'event', 89.999]]);
});

test('sessions are told of as one, and when the first of them fires', async () => {
  const windows = await openAfter({ window: { kind: 'session', gapMs: 30 * SECOND } }, [['a', 1], ['b', 20], ['a', 25]]);
  expect(windows.map(inSeconds)).toEqual([['sessions', 1, 55, 2, 'event', 49.999]]);
});

test('windows of processing time fire by the clock', async () => {
  const [window] = await openAfter({ window: TUMBLE, timeColumn: null }, [['a', 1]]);
  expect(window).toMatchObject({ kind: 'window', time: 'processing', entries: 1 });
  expect((window?.firesAt ?? 0) + 1).toBe(window?.end);
});
