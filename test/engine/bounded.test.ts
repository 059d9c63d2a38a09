/** Bounded sources: what lies behind their ends is not read, and a job that has read everything before them ends with all windows fired. */
import { describe, expect, test } from 'vitest';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { requestFinish } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { BoundedMode, Plan } from '../../lib/core/plan.ts';
import { labPlan } from './lab-plan.ts';
import { Stack } from './stack.ts';

function boundedPlan(bounded: BoundedMode): Plan {
  const plan = labPlan();
  return { ...plan, nodes: plan.nodes.map((node) => (node.kind === 'source' ? { ...node, bounded } : node)) };
}

/** A job over a topic that holds `before` when it is created. */
const created = (bounded: BoundedMode, before: readonly (readonly [string, number])[], { skipped = 0 } = {}): Promise<Stack> =>
  Stack.create({
    plan: boundedPlan(bounded),
    prepare: (stack) => {
      stack.produce(before);
      stack.stores.source.skip('events', 0, skipped);
    },
  });

async function runToEnd(stack: Stack): Promise<void> {
  const firer = stack.firer();
  for (let step = 0; step < 10; step++) {
    if ((await firer.step()).kind !== 'complete') continue;
    expect(await requestFinish(stack.workshop, stack.job)).toBe(true);
    await runOperation(stack.workshop, stack.job.id);
    return;
  }
  throw new Error('the job does not come to its end');
}

const status = async (stack: Stack): Promise<string> => (await readControl(stack.ports, stack.job.id)).control.status;

describe('a job over bounded sources', () => {
  test('ends with what the topic held when it was created, and fires every window', async () => {
    const stack = await created({ kind: 'latest-offset' }, [['click', 1], ['view', 62], ['click', 63]]);
    stack.produce([['click', 2], ['click', 64]]);
    expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'committed', next: 3 });
    stack.produce([['click', 65]]);
    expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'beyond', next: 6 });
    await runToEnd(stack);
    expect(stack.rows()).toEqual([[0, 'click', 1], [1, 'click', 1], [1, 'view', 1]]);
    expect(await status(stack)).toBe('FINISHED');
    expect(await requestFinish(stack.workshop, stack.job)).toBe(false);
  });

  test('ends at the offsets that are named, in the middle of a batch', async () => {
    const stack = await created({ kind: 'specific-offsets', offsets: { 0: 2 } }, [['click', 1], ['click', 2], ['click', 3]]);
    await stack.deliver(stack.writer());
    await runToEnd(stack);
    expect(stack.rows()).toEqual([[0, 'click', 2]]);
  });

  test('does not wait for offsets that hold no record', async () => {
    const stack = await created({ kind: 'specific-offsets', offsets: { 0: 3 } }, [['click', 1]], { skipped: 2 });
    await stack.deliver(stack.writer());
    await runToEnd(stack);
    expect(stack.rows()).toEqual([[0, 'click', 1]]);
  });

  test('waits for records that nobody has delivered', async () => {
    const stack = await created({ kind: 'latest-offset' }, [['click', 1]]);
    expect((await stack.firer().step()).kind).toBe('idle');
    await stack.deliver(stack.writer());
    await runToEnd(stack);
  });

  test('does not take a partition that ends below its bound for read: a new leader may show less for a moment', async () => {
    const stack = await created({ kind: 'latest-offset' }, [['click', 1], ['click', 2]]);
    await stack.deliver(stack.writer(), 0, 1);
    stack.stores.source.truncate('events', 0, 1);
    expect((await stack.firer().step()).kind).not.toBe('complete');
    expect((await stack.firer().step()).kind).toBe('idle');
  });

  test('an end that cannot be resolved is about the end', async () => {
    const plan = boundedPlan({ kind: 'group-offsets', group: 'nobody' });
    await expect(Stack.create({ plan })).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('ends: group'), hint: expect.stringContaining('scan.bounded') });
  });

  test('an empty topic ends at once', async () => {
    const stack = await created({ kind: 'latest-offset' }, []);
    await runToEnd(stack);
    expect([stack.rows(), await status(stack)]).toEqual([[], 'FINISHED']);
  });
});

test('a job over a source without bounds is never complete', async () => {
  const stack = await Stack.start();
  expect((await stack.firer().step()).kind).toBe('idle');
});
