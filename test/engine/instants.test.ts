/** Rows that wait to be put in order: what is packed is bounded by bytes, not by their instants (protocol 8.2, C5, 11.2). */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../lib/core/plan.ts';
import { INSTANTS } from '../../lib/core/window/pane.ts';
import { CHECKPOINTED, planOf, recordOf, type CaseRow } from '../conformance/operator-cases.ts';
import { checkpointsOf } from './open-window.ts';
import { Stack, stateOf } from './stack.ts';

const DELAY_MS = 100_000;

/** Rows by key and instant, once the watermark has reached it. */
function sorted(): Plan {
  const plan = planOf({ window: { kind: 'tumble', sizeMs: 1, offsetMs: 0 }, delayMs: DELAY_MS }, 'on-periodic');
  return { ...plan, nodes: plan.nodes.map((node) => (node.kind === 'window-aggregate' ? { ...node, inOrder: true } : node)) };
}

/** One a millisecond, the last one first. */
const waiting = (n: number): CaseRow[] => Array.from({ length: n }, (_, i): CaseRow => [`key ${i % 200}`, n - i, i]);

async function feed(stack: Stack, rows: readonly CaseRow[]): Promise<void> {
  stack.stores.source.produce('events', rows.map(recordOf));
  await stack.deliver(stack.writer());
}

/** Key and instant of the rows, as they came. */
const givenBy = (stack: Stack): (readonly [string, number])[] => stack.stores.sinks.rows('c.d.out').map((row) => [String(row[0]), Number(row[3])]);

describe('a checkpoint of 20,000 waiting instants', async () => {
  const N = 20_000;
  const stack = await Stack.start({ plan: sorted(), settings: CHECKPOINTED });
  const firer = stack.firer();
  await feed(stack, waiting(N));
  await firer.step();
  const puts = (): number => stack.takeCalls().filter((call) => call.startsWith('chunks.put') || call.startsWith('blob.put chunks')).length;

  test('is a few chunks of all of them', async () => {
    const chunks = (await checkpointsOf(stack)).at(-1)?.chunks ?? [];
    expect(new Set(chunks.map(({ windowEnd }) => windowEnd))).toEqual(new Set([INSTANTS]));
    expect(chunks.reduce((sum, { panes }) => sum + panes, 0)).toBe(N);
    expect(chunks.length).toBeLessThan(40);
    expect(puts()).toBe(chunks.length);
  });

  test('is read back as it was', async () => {
    const cold = stack.firer();
    await cold.load();
    expect(stateOf(cold)).toHaveLength(N);
    expect(stateOf(cold)).toEqual(stateOf(firer));
  });

  test('is followed by one that writes the ranges in which something has changed', async () => {
    const before = (await checkpointsOf(stack)).at(-1)?.chunks ?? [];
    puts();
    await feed(stack, [['key 7', 5, 1]]);
    await firer.step();
    const after = (await checkpointsOf(stack)).at(-1)?.chunks ?? [];
    expect(puts()).toBe(1);
    expect(after.filter(({ key }) => !before.some((chunk) => chunk.key === key))).toHaveLength(1);
  });
});

test('what was given is gone from the next checkpoint, and late is what comes behind it', async () => {
  const stack = await Stack.start({ plan: sorted(), settings: CHECKPOINTED });
  await feed(stack, waiting(100));
  await stack.firer().step();
  await feed(stack, [['on', DELAY_MS + 60, 0]]);
  await stack.firer().step();
  const cold = stack.firer();
  await cold.load();
  // Those that wait, the one that came last, and the instant that was given last.
  expect(stateOf(cold)).toHaveLength(40 + 1 + 1);
  await feed(stack, [['late', 60, 0], ['on', DELAY_MS + 200, 0]]);
  await cold.step();
  expect(givenBy(stack).map(([, at]) => at)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
});

test('a savepoint has them by their instants, and a resume gives the same rows as a job that went on', async () => {
  const [stopped, gone] = await Promise.all([0, 1].map(() => Stack.create({ plan: sorted(), settings: CHECKPOINTED })));
  if (stopped === undefined || gone === undefined) throw new Error('no stacks');
  for (const stack of [stopped, gone]) {
    await feed(stack, waiting(100));
    await stack.firer().step();
  }
  const savepoint = await stopped.stop();
  await stopped.resume(savepoint);
  const resumed = stopped.firer();
  const other = gone.firer();
  await Promise.all([resumed.load(), other.load()]);
  expect(stateOf(resumed)).toEqual(stateOf(other));
  expect(stateOf(resumed)).toHaveLength(100);
  for (const stack of [stopped, gone]) {
    await feed(stack, [['on', DELAY_MS + 200, 0]]);
    await stack.firer().step();
  }
  expect(givenBy(stopped)).toHaveLength(100);
  expect(givenBy(stopped)).toEqual(givenBy(gone));
});
