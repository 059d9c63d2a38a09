/** Workflows that meet others on the way (protocol §11): a step counts only when its own condition held. */
import { describe, expect, test } from 'vitest';
import { StoreError } from '../../lib/core/errors.ts';
import { readSavepoint } from '../../lib/engine/lifecycle/base.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { advanceSavepoint, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestResume } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { offset } from '../../lib/core/numbers.ts';
import { once, P0, Stack } from './stack.ts';

/** A job with a window that is due. */
async function due(): Promise<Stack> {
  const stack = await Stack.create();
  stack.produce([['click', 10], ['click', 120]]);
  await stack.deliver(stack.writer());
  return stack;
}

test('a CLOSE whose place another firer has taken is appended behind it (L1)', async () => {
  const stack = await due();
  stack.before = once('log.append C', async () => {
    await stack.firer().step();
  });
  await requestCancel(stack.workshop, stack.job.id);
  expect((await runOperation(stack.workshop, stack.job.id)).status).toBe('CANCELED');
  expect((await stack.kinds()).at(-1)).toBe('CLOSE');
  expect(stack.rows()).toEqual([[0, 'click', 1]]);
  await stack.resume(null);
  expect(await stack.firer().step()).not.toMatchObject({ kind: 'absent' });
});

test('a savepoint that one executor has completed stays so, though another one fails', async () => {
  const stack = await due();
  const trigger = await requestSavepoint(stack.workshop, stack.job.id, '/savepoints');
  const complete = async (): Promise<string> => (await advanceSavepoint(stack.workshop, stack.job.id, trigger, null)).status;
  // The slower one loses its disk at its first file, which is when the other one completes.
  let isGone = false;
  const openDirectory: typeof stack.ports.openDirectory = (url) =>
    new Proxy(stack.stores.openDirectory(url), {
      get: (target, member) => async (...args: unknown[]) => {
        if (member === 'put' && !isGone) {
          isGone = true;
          expect(await complete()).toBe('COMPLETED');
        }
        if (isGone) throw new StoreError('no', { message: 'the disk is gone' });
        const method: unknown = Reflect.get(target, member, target);
        return typeof method === 'function' ? Reflect.apply(method, target, args) : method;
      },
    });
  const slow = { ...stack.workshop, ports: { ...stack.ports, openDirectory } };
  expect(await advanceSavepoint(slow, stack.job.id, trigger, null)).toMatchObject({ status: 'COMPLETED' });
  expect([isGone, await complete()]).toEqual([true, 'COMPLETED']);
});

test('a savepoint that was under way when its generation ended is taken of the next one', async () => {
  const stack = await due();
  const trigger = await requestSavepoint(stack.workshop, stack.job.id, '/savepoints');
  const killed = new Error('killed');
  const openDirectory = (): never => {
    throw killed;
  };
  await expect(advanceSavepoint({ ...stack.workshop, ports: { ...stack.ports, openDirectory } }, stack.job.id, trigger, null)).rejects.toBe(killed);
  await requestCancel(stack.workshop, stack.job.id);
  await runOperation(stack.workshop, stack.job.id);
  await stack.resume(null);
  const { status, location } = await advanceSavepoint(stack.workshop, stack.job.id, trigger, null);
  expect(status).toBe('COMPLETED');
  expect((await readSavepoint(stack.ports, location ?? '')).generation).toBe(1);
});

describe('the last state', () => {
  test('is that of a generation that was restored itself, cancelled before it wrote anything of its own', async () => {
    const stack = await due();
    await stack.resume(await stack.stop());
    await requestCancel(stack.workshop, stack.job.id);
    await runOperation(stack.workshop, stack.job.id);
    await stack.resume(null);
    stack.produce([['click', 130], ['click', 300]]);
    await stack.deliver(stack.writer());
    await stack.firer().step();
    expect(stack.rows()).toEqual([[0, 'click', 1], [2, 'click', 2]]);
  });

  test('is that of the newest generation that ran, whatever later attempts came to', async () => {
    const stack = await due();
    await stack.firer().step();
    await requestCancel(stack.workshop, stack.job.id);
    await runOperation(stack.workshop, stack.job.id);
    stack.produce([['click', 130], ['click', 300]]);
    await requestResume(stack.workshop, stack.job.id, { savepoint: null, plan: null, allowNonRestored: false, allowOffsetGap: false });
    stack.stores.source.retain('events', 0, 3); // the records between are gone before the generation has begun
    expect(await runOperation(stack.workshop, stack.job.id)).toMatchObject({ status: 'FAILED', gen: 1, failure: { code: 'OFFSET_GAP' } });
    await stack.resume(null, { allowOffsetGap: true });
    expect((await readControl(stack.stores, stack.job.id)).control).toMatchObject({ status: 'RUNNING', gen: 2 });
    const batch = await stack.stores.source.fetch('events', 0, (await stack.writer().nextOffset(P0)) ?? offset(0), 1e9);
    if (batch === null) throw new Error('a record is left');
    await stack.writer().commit(P0, batch);
    await stack.firer().step();
    expect(stack.rows()).toEqual([[0, 'click', 1], [2, 'click', 1]]);
  });
});
