/** What becomes of a job that shall run another plan (V2), and how the plan before comes back. */
import { describe, expect, test } from 'vitest';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCancel, requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { checkUpgrade, type UpgradeCheck } from '../../lib/engine/lifecycle/upgrade.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { labPlan } from './lab-plan.ts';
import { Stack } from './stack.ts';

/** The lab's plan over windows of two minutes: its state means something else. */
const WIDER: Plan = {
  ...labPlan(),
  nodes: labPlan().nodes.map((node) => (node.kind === 'window-aggregate' ? { ...node, window: { ...node.window, sizeMs: 120_000 } } : node)),
};
const RENAMED: Plan = { ...labPlan(), name: 'another name' };

const check = (stack: Stack, plan: Plan, allowNonRestored = false, mayRevert = false): Promise<UpgradeCheck> => checkUpgrade(stack.workshop, stack.job.id, plan, { allowNonRestored, mayRevert });

describe('of a running job', () => {
  test.each([
    ['the same plan', labPlan(), 'same'],
    ['another plan over the same state', RENAMED, 'upgrade'],
  ])('%s: %s', async (_, plan, kind) => {
    expect(await check(await Stack.create(), plan)).toMatchObject({ kind });
  });

  test('the plan that another Sluice has made of the same program is the same', async () => {
    const stack = await Stack.create({ plan: { ...labPlan(), builtBy: '0.0.9' } });
    expect(await check(stack, { ...labPlan(), builtBy: '0.1.0' })).toEqual({ kind: 'same' });
    expect(await check(await Stack.create(), { ...labPlan(), builtBy: '0.1.0' })).toEqual({ kind: 'same' });
  });

  test('a plan that cannot take over the state is refused, and nothing has changed', async () => {
    const stack = await Stack.create();
    const before = await readControl(stack.stores, stack.job.id);
    await expect(check(stack, WIDER, true)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' });
    expect(await readControl(stack.stores, stack.job.id)).toEqual(before);
  });

  test('one that reads a topic that does not exist is refused', async () => {
    const stack = await Stack.create();
    const plan = { ...RENAMED, nodes: RENAMED.nodes.map((node) => (node.kind === 'source' ? { ...node, topics: ['nowhere'] } : node)) };
    await expect(check(stack, plan, true)).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
  });

  test('is refused while an operation is under way', async () => {
    const stack = await Stack.create();
    await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false });
    await expect(check(stack, RENAMED)).rejects.toMatchObject({ code: 'JOB_BUSY' });
  });
});

test('a job that was ended stays so with its own plan; with another one it goes on from where it was left', async () => {
  const stack = await Stack.create();
  await requestCancel(stack.workshop, stack.job.id);
  await runOperation(stack.workshop, stack.job.id);
  expect(await check(stack, labPlan())).toEqual({ kind: 'same' });
  expect(await check(stack, RENAMED)).toMatchObject({ kind: 'restart', savepoint: null });
  await stack.resume(null);
  const savepoint = await stack.stop();
  expect(await check(stack, RENAMED)).toMatchObject({ kind: 'restart', savepoint });
});

test('a deployment that is taken back finds the savepoint of its upgrade; anybody else is told where it is', async () => {
  const stack = await Stack.create();
  const savepoint = await stack.stop();
  const dropping: Plan = JSON.parse(JSON.stringify(WIDER).replaceAll(aggregateUid(), 'other-windows'));
  await stack.resume(savepoint, { plan: dropping, allowNonRestored: true, upgrades: true });
  await expect(check(stack, labPlan())).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE', hint: expect.stringContaining(`--from ${savepoint}`) });
  expect(await check(stack, labPlan(), false, true)).toEqual({ kind: 'revert', savepoint });
  stack.runtime.advance(6 * 3600 * 1000);
  await expect(check(stack, labPlan(), false, true)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' });
  await stack.resume(savepoint, { plan: labPlan() });
  expect((await readControl(stack.stores, stack.job.id)).control).toMatchObject({ status: 'RUNNING', gen: 2 });
  expect(await check(stack, labPlan())).toEqual({ kind: 'same' });
});

const aggregateUid = (): string => labPlan().nodes.find((node) => node.kind === 'window-aggregate')?.uid ?? 'none';
