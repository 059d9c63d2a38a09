/** What was late before a savepoint, behind it (protocol E7). */
import { expect, test } from 'vitest';
import { labPlan } from './lab-plan.ts';
import { Stack } from './stack.ts';

/** A job that has emitted its first window, stopped, and resumed; then a row of that window comes. */
async function lateRowBehindResume(planOptions: Record<string, string>): Promise<Stack> {
  const plan = labPlan({ planOptions });
  const stack = await Stack.create({ plan });
  stack.produce([['click', 10], ['end', 70]]);
  await stack.deliver(stack.writer());
  await stack.resume(await stack.stop());
  stack.produce([['late', 20], ['end', 130]]);
  await stack.deliver(stack.writer());
  const firer = stack.firer();
  await firer.step();
  return stack;
}

test('it stays late, as if the job had never been stopped', async () => {
  const stack = await lateRowBehindResume({});
  expect(stack.rows()).toEqual([[0, 'click', 1], [1, 'end', 1]]);
});

test('with reset the sources begin without a watermark, as in Flink: the row opens its window again', async () => {
  const stack = await lateRowBehindResume({ 'sluice.restore.partition-watermarks': 'reset' });
  expect(stack.rows()).toEqual([[0, 'click', 1], [0, 'late', 1], [1, 'end', 1]]);
});
