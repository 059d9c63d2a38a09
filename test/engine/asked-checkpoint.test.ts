/** Checkpoints that somebody asks for. */
import { expect, test } from 'vitest';
import { cancelJob } from '../../lib/control/operations.ts';
import { findCheckpoint, takeCheckpoint } from '../../lib/engine/lifecycle/checkpoint.ts';
import { Stack } from './stack.ts';

test('one holds the state up to its barrier, and the job goes on', async () => {
  const stack = await Stack.create();
  stack.produce([['a', 1], ['b', 2]]);
  await stack.deliver(stack.writer());
  const seq = await takeCheckpoint(stack.workshop, stack.job.id, 't1');
  const taken = (await stack.coordinator())[seq];
  expect(taken).toMatchObject({ kind: 'CHECKPOINT', barrier: 'checkpoint-t1' });
  expect(taken?.kind === 'CHECKPOINT' && taken.chunks.reduce((sum, { panes }) => sum + panes, 0)).toBe(2);
  expect((await stack.firer().step()).kind).not.toBe('absent');
});

test('the same request again is the same checkpoint, another one is another', async () => {
  const stack = await Stack.create();
  const first = await takeCheckpoint(stack.workshop, stack.job.id, 't1');
  expect(await takeCheckpoint(stack.workshop, stack.job.id, 't1')).toBe(first);
  expect(await takeCheckpoint(stack.workshop, stack.job.id, 't2')).toBeGreaterThan(first);
});

test('it is found by its request, also behind newer ones, without another one being taken', async () => {
  const stack = await Stack.create();
  expect(await findCheckpoint(stack.workshop, stack.job.id, 't1')).toBeNull();
  const first = await takeCheckpoint(stack.workshop, stack.job.id, 't1');
  const second = await takeCheckpoint(stack.workshop, stack.job.id, 't2');
  const entries = (await stack.coordinator()).length;
  expect(await Promise.all(['t1', 't2', 't3'].map((trigger) => findCheckpoint(stack.workshop, stack.job.id, trigger)))).toEqual([first, second, null]);
  expect((await stack.coordinator()).length).toBe(entries);
});

test('a job that does not run takes none', async () => {
  const stack = await Stack.create();
  await cancelJob(stack.workshop, stack.job.id);
  await expect(takeCheckpoint(stack.workshop, stack.job.id, 't1')).rejects.toMatchObject({ code: 'JOB_STATE', message: expect.stringContaining('cannot take a checkpoint of job') });
});
