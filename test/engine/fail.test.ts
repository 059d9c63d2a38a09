/** FAILED (protocol T6, row 47): a job fails only by a verdict that a second, fresh look confirms. */
import { expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import { failIfLost, failJob } from '../../lib/engine/lifecycle/fail.ts';
import { openControlledJob, readControl, type JobControl } from '../../lib/engine/lifecycle/job-control.ts';
import { advanceSavepoint, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel } from '../../lib/engine/lifecycle/stop.ts';
import { openCoordinatorLog } from '../../lib/engine/log/logs.ts';
import { labPlan } from './lab-plan.ts';
import { DAY, once, Stack } from './stack.ts';

const VERDICT = new SluiceError('LOG_TRUNCATED', { message: 'entries are missing' });

/** A job whose newest fire cannot be replayed: an entry that it covers is gone. */
async function damaged(): Promise<Stack> {
  const stack = await Stack.create();
  stack.produce([['click', 10], ['click', 120]]);
  await stack.deliver(stack.writer(), 0, 1);
  await stack.deliver(stack.writer(), 0, 1);
  await stack.firer().step();
  stack.stores.log.forget((log, item) => log.endsWith('#P0.0.0') && item.seq === 1);
  return stack;
}

const controlOf = async (stack: Stack): Promise<JobControl> => (await readControl(stack.stores, stack.job.id)).control;

test('a confirmed verdict is final and says why', async () => {
  const stack = await damaged();
  expect(await failJob(stack.workshop, stack.job, VERDICT)).toBe(true);
  expect(await controlOf(stack)).toMatchObject({ status: 'FAILED', failure: { code: 'LOG_TRUNCATED' } });
});

test('a job that loads is not failed by what somebody saw', async () => {
  const stack = await Stack.create();
  expect(await failJob(stack.workshop, stack.job, VERDICT)).toBe(false);
  expect((await controlOf(stack)).status).toBe('RUNNING');
});

test('nor is one that fails in another way', async () => {
  const stack = await damaged();
  expect(await failJob(stack.workshop, stack.job, new SluiceError('LOG_EXPIRED', { message: 'past its lifetime' }))).toBe(false);
});

test('a process that froze while it looked has no say if somebody has written meanwhile', async () => {
  const stack = await damaged();
  stack.after = once('log.readAfter C', async () => {
    stack.runtime.advance(DAY);
    const log = openCoordinatorLog(stack.stores, stack.job);
    const head = await log.head();
    if (head !== null) await log.append(head, log.next(head, { kind: 'RENEW', checkpoints: head.entry.checkpoints }));
  });
  expect(await failJob(stack.workshop, stack.job, VERDICT)).toBe(false);
});

test('nor does one that froze behind its last look', async () => {
  const stack = await damaged();
  stack.after = (call) => (call === 'log.head C' ? stack.runtime.advance(stack.job.settings.headMaxAgeMs) : undefined);
  expect(await failJob(stack.workshop, stack.job, VERDICT)).toBe(false);
  expect((await controlOf(stack)).status).toBe('RUNNING');
});

test('a state that takes longer than a minute to load can be confirmed lost', async () => {
  const stack = await damaged();
  stack.after = once('log.head C', () => stack.runtime.advance(2 * stack.job.settings.headMaxAgeMs));
  expect(await failJob(stack.workshop, stack.job, VERDICT)).toBe(true);
});

test('an operation under way, or a newer generation, is not disturbed', async () => {
  const stack = await damaged();
  await requestCancel(stack.workshop, stack.job.id);
  expect(await failJob(stack.workshop, stack.job, VERDICT)).toBe(false);
  expect((await controlOf(stack)).status).toBe('CANCELLING');
});

test('what is wrong with a generation says nothing of the one that goes on from a savepoint', async () => {
  const stack = await Stack.create();
  const trigger = await requestSavepoint(stack.workshop, stack.job.id, '/savepoints');
  const { location } = await advanceSavepoint(stack.workshop, stack.job.id, trigger, null);
  for (const seconds of [10, 120]) {
    stack.produce([['click', seconds]]);
    await stack.deliver(stack.writer());
  }
  await stack.firer().step();
  stack.stores.log.forget((log, item) => log.endsWith('g0#P0.0.0') && item.seq === 1);
  const broken = stack.job;
  await stack.resume(location);
  await expect(new Firer(stack.ports, broken).load()).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
  expect(await failJob(stack.workshop, broken, VERDICT)).toBe(false);
  expect(await controlOf(stack)).toMatchObject({ status: 'RUNNING', gen: 1 });
});

test('a job of which the store has dropped every entry does not look as if it had not begun', async () => {
  const stack = await Stack.create();
  stack.stores.log.forget(() => true);
  expect(await stack.firer().step()).toEqual({ kind: 'absent' });
  expect(await failIfLost(stack.workshop, stack.job)).toBe(true);
  expect(await controlOf(stack)).toMatchObject({ status: 'FAILED', failure: { code: 'LOG_EXPIRED' } });
  await expect(stack.resume(null)).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
});

test('one that has not begun is left alone', async () => {
  const stack = await Stack.create();
  expect(await failIfLost(stack.workshop, stack.job)).toBe(false);
  const id = await requestCreate(stack.workshop, labPlan(), { savepoint: null, allowNonRestored: false });
  const { control } = await readControl(stack.stores, id);
  expect(await failIfLost(stack.workshop, await openControlledJob(stack.workshop, id, control))).toBe(false);
});
