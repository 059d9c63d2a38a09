/** Jobs whose program is not in the store any more, or is damaged: nothing of them runs, but they can end, and go on with another program. */
import { expect, test } from 'vitest';
import { SluiceError, type ErrorCode } from '../../lib/core/errors.ts';
import { valueState } from '../../lib/core/process/declare.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCancel } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { openCoordinatorLog } from '../../lib/engine/log/logs.ts';
import { functionJob, keyedFunction } from './function-plan.ts';
import { Stack } from './stack.ts';

const { plan, code } = functionJob(
  keyedFunction({
    state: { count: valueState<number>({ initial: 0 }) },
    *onEvent({ type }, { state }) {
      state.count.update(state.count.value() + 1);
      yield `${type} ${state.count.value()}`;
    },
  }),
);
const first = { ...plan, program: 'first' };
const second = { ...plan, program: 'second' };

async function feed(stack: Stack): Promise<void> {
  stack.produce([['a', 0]]);
  await stack.deliver(stack.writer());
  const firer = stack.firer();
  for (let fired = true; fired; ) fired = (await firer.step()).kind === 'fired';
}

/** A job that goes on from a savepoint. `lose`: its program cannot be loaded any more. */
async function running(): Promise<{ stack: Stack; savepoint: string; lose(why: ErrorCode): void }> {
  let lost: ErrorCode | null = null;
  const codeOf = async ({ program }: { readonly program?: string }) => {
    if (lost !== null && program === 'first') throw new SluiceError(lost, { message: 'the program is gone', hint: 'none' });
    return code;
  };
  const stack = await Stack.create({ plan: first, code, codeOf });
  await feed(stack);
  const savepoint = await stack.stop();
  await stack.resume(savepoint);
  return { stack, savepoint, lose: (why) => (lost = why) };
}

test.each(['CODE_MISSING', 'STORE_CORRUPT', 'JOB_DEFINITION'] as const)('a job whose program cannot be loaded (%s) is canceled, and goes on from a savepoint with another', async (why) => {
  const { stack, savepoint, lose } = await running();
  lose(why);
  await requestCancel(stack.workshop, stack.job.id);
  expect(await runOperation(stack.workshop, stack.job.id)).toMatchObject({ status: 'CANCELED', failure: null });
  expect((await openCoordinatorLog(stack.stores, stack.job).head())?.entry.kind).toBe('CLOSE');
  await stack.resume(savepoint, { plan: second });
  await feed(stack);
  expect(stack.stores.sinks.rows('c.d.out').at(-1)).toEqual(['0 a 2']);
});

test('a store that does not answer is asked again', async () => {
  const { stack, lose } = await running();
  lose('STORE_FAILED');
  await requestCancel(stack.workshop, stack.job.id);
  await expect(runOperation(stack.workshop, stack.job.id)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  expect((await readControl(stack.stores, stack.job.id)).control.operation).toMatchObject({ kind: 'cancel', step: 'close' });
});
