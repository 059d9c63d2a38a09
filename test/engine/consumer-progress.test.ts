/** The job's progress in the group that its table names: what lag monitors see. */
import { expect, test } from 'vitest';
import { StoreError } from '../../lib/core/errors.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { labPlan } from './lab-plan.ts';
import { MINUTE, once, Stack } from './stack.ts';

const GROUP = 'dashboards';

/** The lab's plan whose table has this consumer group. */
function planWithGroup(): Plan {
  const plan = labPlan();
  return { ...plan, nodes: plan.nodes.map((node) => (node.kind === 'source' ? { ...node, options: { 'properties.group.id': GROUP } } : node)) };
}

const committed = (stack: Stack): Promise<number | null> => stack.stores.offsets.committed(GROUP, 'events', 0);

/** A record that a FIRE covers, and the checkpoint that is due a minute behind it. */
async function fireAndCheckpoint(stack: Stack, seconds: number): Promise<void> {
  stack.produce([['click', seconds]]);
  await stack.deliver(stack.writer());
  for (let minute = 0; minute < 2; minute++) {
    stack.runtime.advance(MINUTE);
    await stack.firer().step();
  }
}

test('a checkpoint commits the offsets that it covers, and only those', async () => {
  const stack = await Stack.start({ plan: planWithGroup() });
  await fireAndCheckpoint(stack, 1);
  expect(await committed(stack)).toBe(1);
  stack.produce([['click', 2]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(await committed(stack)).toBe(1);
  await fireAndCheckpoint(stack, 3);
  expect(await committed(stack)).toBe(3);
});

test('a broker that is down does not hold the job up', async () => {
  const stack = await Stack.start({ plan: planWithGroup() });
  await fireAndCheckpoint(stack, 1);
  stack.before = once('offsets.commit', () => {
    throw new StoreError('maybe', { message: 'the broker does not answer' });
  });
  await fireAndCheckpoint(stack, 2);
  expect(await committed(stack)).toBe(1);
  await fireAndCheckpoint(stack, 3);
  expect(await committed(stack)).toBe(3);
});

test('without a group nothing is committed', async () => {
  const stack = await Stack.start();
  let commits = 0;
  stack.before = (call) => void (call.startsWith('offsets.commit') && commits++);
  await fireAndCheckpoint(stack, 1);
  expect(commits).toBe(0);
});
