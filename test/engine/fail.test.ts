/** FAILED (protocol T6, row 47): a job fails only by a verdict that a second, fresh look confirms. */
import { expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { failJob } from '../../lib/engine/lifecycle/fail.ts';
import { readControl, type JobControl } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCancel } from '../../lib/engine/lifecycle/stop.ts';
import { openCoordinatorLog } from '../../lib/engine/log/logs.ts';
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
  stack.after = once('control.get CTRL', () => stack.runtime.advance(stack.job.settings.headMaxAgeMs));
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
