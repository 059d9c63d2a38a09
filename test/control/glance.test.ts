/** What a list of jobs costs the store, and that nothing which is wrong with one is missed for it. */
import { expect, test } from 'vitest';
import { glanceAt } from '../../lib/control/glance.ts';
import { listJobs } from '../../lib/control/jobs.ts';
import { cancelJob } from '../../lib/control/operations.ts';
import { generation, jobId, partitionId, uid } from '../../lib/core/numbers.ts';
import { controlKey, deadLetterKey, fireErrorKey, generationKey, isNews, jobListKey, planKey, recordErrorKey, requestKey, sinkErrorKey } from '../../lib/engine/keys.ts';
import { P0, Stack } from '../engine/stack.ts';

const G = generation(3);
const JOB = jobId('a'.repeat(32));

/** The calls that a list of the jobs makes. */
async function readsOf(stack: Stack): Promise<readonly string[]> {
  stack.takeCalls();
  await listJobs(stack.workshop);
  return stack.takeCalls();
}

test('a job that is well takes one read, running or ended, and the list itself one', async () => {
  const stack = await Stack.create();
  const reads = await readsOf(stack);
  expect(reads).toHaveLength(2);
  expect(reads.every((call) => call.startsWith('control.list'))).toBe(true);
  await cancelJob(stack.workshop, stack.job.id);
  expect(await readsOf(stack)).toHaveLength(2);
});

test('a job with a bad record is looked at in full', async () => {
  const stack = await Stack.create();
  stack.stores.source.produce('events', ['{'], 0);
  await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
  expect(await listJobs(stack.workshop)).toMatchObject([{ status: 'RESTARTING', recordErrors: [{ partitionId: P0 }] }]);
  expect((await readsOf(stack)).length).toBeGreaterThan(2);
});

test('a creation that did not come to its end is none', async () => {
  const stack = await Stack.create();
  await stack.stores.control.put(jobListKey(JOB), '{}', 'absent');
  await stack.stores.control.put(planKey(JOB, 'sha256:0'), '{}', 'absent');
  expect(await glanceAt(stack.ports, JOB)).toBeNull();
  expect(await listJobs(stack.workshop)).toHaveLength(1);
});

test('whatever is wrong with a job lies between its CTRL and its generations', () => {
  for (const key of [deadLetterKey(JOB, G, partitionId(0, 0, 9)), recordErrorKey(JOB, G, P0), sinkErrorKey(JOB, G, uid('out')), fireErrorKey(JOB, G)]) expect(isNews(key)).toBe(true);
  for (const key of [controlKey(JOB), generationKey(JOB, generation(0)), generationKey(JOB, G), planKey(JOB, 'sha256:0'), requestKey(JOB, 'a')]) expect(isNews(key)).toBe(false);
});
