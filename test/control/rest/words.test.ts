/** States in Flink's words. */
import { expect, test } from 'vitest';
import { JOB_STATE, stateOf, TASK_STATE, tasksByState, taskStateOf } from '../../../lib/control/rest/jobmanager/words.ts';
import type { JobStatus } from '../../../lib/engine/lifecycle/job-control.ts';

const WORDS: readonly (readonly [JobStatus, string, string])[] = [
  ['CREATED', 'CREATED', 'CREATED'],
  ['RUNNING', 'RUNNING', 'RUNNING'],
  ['RESTARTING', 'RESTARTING', 'RUNNING'],
  ['SUSPENDING', 'RUNNING', 'RUNNING'],
  ['CANCELLING', 'CANCELLING', 'CANCELING'],
  ['CANCELED', 'CANCELED', 'CANCELED'],
  ['FINISHED', 'FINISHED', 'FINISHED'],
  ['FAILED', 'FAILED', 'FAILED'],
];

test.each(WORDS)('%s is %s of a job and %s of a task', (status, job, task) => {
  expect([stateOf(status), taskStateOf(status)]).toEqual([job, task]);
  expect([JOB_STATE.problemWith(job, 'it'), TASK_STATE.problemWith(task, 'it')]).toEqual([null, null]);
});

test('all tasks are in one state', () => {
  const counts = Object.entries(tasksByState('FINISHED', 3));
  expect(counts).toHaveLength(10);
  expect(counts.filter(([, count]) => count > 0)).toEqual([['FINISHED', 3]]);
});
