/** Windows of processing time (protocol E9, failure row 22): fired by the firer's clock, logged once, the same in every replay. */
import { describe, expect, test } from 'vitest';
import type { Plan, WindowSpec } from '../../lib/core/plan.ts';
import { CHECKPOINTED, planOf, recordOf, resultsOf } from '../conformance/operator-cases.ts';
import { P0, Stack, stateOf } from './stack.ts';
import { offset } from '../../lib/core/numbers.ts';

const SECOND = 1000;
const TUMBLE: WindowSpec = { kind: 'tumble', sizeMs: 10 * SECOND, offsetMs: 0 };

/** The windows of the plan over processing time. */
function processing(window: WindowSpec): Plan {
  const plan = planOf({ window }, 'on-periodic');
  return { ...plan, nodes: plan.nodes.map((node) => (node.kind === 'window-aggregate' ? { ...node, timeColumn: null } : node)) };
}

async function arrive(stack: Stack, ...keys: string[]): Promise<void> {
  const writer = stack.writer();
  const next = (await writer.nextOffset(P0)) ?? offset(0);
  // Event times are years ago, and out of order: they mean nothing.
  stack.stores.source.produce('events', keys.map((k, i) => recordOf([k, 1_000_000 - i * 100_000, 1])), 0);
  const batch = await stack.stores.source.fetch('events', 0, next, 1e9);
  if (batch === null) throw new Error('the records are there');
  await writer.commit(P0, batch);
}

/** Results with times from the start of the test. */
const results = (stack: Stack, start: number): unknown[] => resultsOf(stack).map(([key, from, to, count]) => [key, from - start, to - start, count]);

async function begin(window: WindowSpec): Promise<{ stack: Stack; start: number }> {
  const stack = await Stack.create({ plan: processing(window), settings: CHECKPOINTED });
  return { stack, start: stack.runtime.wall };
}

test('a row belongs to the window in which its entry was written, and fires when the clock has passed its end', async () => {
  const { stack, start } = await begin(TUMBLE);
  const firer = stack.firer();
  stack.runtime.advance(3 * SECOND);
  await arrive(stack, 'a', 'b', 'a');
  stack.runtime.advance(5 * SECOND);
  await firer.step();
  expect(results(stack, start)).toEqual([]);
  stack.runtime.advance(2 * SECOND - 1);
  await firer.step();
  expect(results(stack, start)).toEqual([['a', 0, 10_000, 2], ['b', 0, 10_000, 1]]);
});

test('a row whose window has fired counts in the one that is open, and is never late', async () => {
  const { stack, start } = await begin(TUMBLE);
  await arrive(stack, 'a');
  await stack.firer().step();
  stack.runtime.advance(9 * SECOND);
  await arrive(stack, 'b'); // written in the first window …
  stack.runtime.wall += 1 * SECOND;
  await stack.firer().step();
  stack.runtime.wall -= 500; // … like this one, by a clock that is behind
  await arrive(stack, 'late');
  stack.runtime.wall += 10.5 * SECOND;
  const firer = stack.firer();
  await firer.step();
  expect(results(stack, start)).toEqual([['a', 0, 10_000, 1], ['b', 0, 10_000, 1], ['late', 10_000, 20_000, 1]]);
  expect(firer.replica?.position.late).toEqual({});
});

describe.each<[string, WindowSpec]>([
  ['TUMBLE', TUMBLE],
  ['HOP', { kind: 'hop', sizeMs: 10 * SECOND, slideMs: 5 * SECOND, offsetMs: 0 }],
  ['SESSION', { kind: 'session', gapMs: 4 * SECOND }],
])('%s', (_, window) => {
  test('firers with other clocks replay to the same state and the same results', async () => {
    const { stack } = await begin(window);
    const firer = stack.firer();
    for (let i = 0; i < 12; i++) {
      await arrive(stack, `key ${i % 3}`);
      stack.runtime.advance((i % 5) * SECOND);
      await firer.step();
      const wall = stack.runtime.wall;
      stack.runtime.wall += (i % 2 === 0 ? 1 : -1) * 60_000;
      const other = stack.firer();
      await other.load();
      expect(stateOf(other)).toEqual(stateOf(firer));
      expect(other.replica?.position).toEqual(firer.replica?.position);
      stack.runtime.wall = wall;
    }
    expect(resultsOf(stack).length).toBeGreaterThan(3);
  });

  test('open windows are there behind a stop and a resume, and fire', async () => {
    const { stack } = await begin(window);
    await arrive(stack, 'a');
    await stack.resume(await stack.stop());
    expect(resultsOf(stack)).toEqual([]);
    stack.runtime.advance(30 * SECOND);
    await stack.firer().step();
    expect(resultsOf(stack).reduce((n, result) => Math.max(n, Number(result[3])), 0)).toBe(1);
  });
});

test('windows that overlap and have fired before a stop do not fire again behind it', async () => {
  const { stack } = await begin({ kind: 'hop', sizeMs: 10 * SECOND, slideMs: 5 * SECOND, offsetMs: 0 });
  await arrive(stack, 'a');
  stack.runtime.advance(6 * SECOND);
  await stack.firer().step();
  expect(resultsOf(stack)).toHaveLength(1);
  await stack.resume(await stack.stop());
  stack.runtime.advance(30 * SECOND);
  await stack.firer().step();
  expect(new Set(resultsOf(stack).map(([, start]) => start)).size).toBe(2);
  expect(resultsOf(stack)).toHaveLength(2);
});

test('state of event time is not taken for state of processing time', async () => {
  const stack = await Stack.create({ plan: planOf({ window: TUMBLE }, 'on-periodic'), settings: CHECKPOINTED });
  await arrive(stack, 'a');
  const savepoint = await stack.stop();
  await expect(stack.resume(savepoint, { plan: processing(TUMBLE) })).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' });
});
