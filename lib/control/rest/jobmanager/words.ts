/** Flink's words for states, and for itself. Its clients fail on a word that they do not know. */
import type { JobStatus } from '../../../engine/lifecycle/job-control.ts';
import { hex32, integer, object, oneOf, optional, text } from '../shape.ts';

/** Whose API this is. */
export const FLINK_VERSION = '2.1.3';

const STATES = ['INITIALIZING', 'CREATED', 'RUNNING', 'FAILING', 'FAILED', 'CANCELLING', 'CANCELED', 'FINISHED', 'RESTARTING', 'SUSPENDED', 'RECONCILING'] as const;
export const JOB_STATE = oneOf(...STATES);
export type JobState = (typeof STATES)[number];

/** To Flink a job that is stopped with a savepoint is running until it has finished. */
export const stateOf = (status: JobStatus): JobState => (status === 'SUSPENDING' ? 'RUNNING' : status);

const TASK_STATES = ['CREATED', 'SCHEDULED', 'DEPLOYING', 'RUNNING', 'FINISHED', 'CANCELING', 'CANCELED', 'FAILED', 'RECONCILING', 'INITIALIZING'] as const;
export const TASK_STATE = oneOf(...TASK_STATES);
export type TaskState = (typeof TASK_STATES)[number];

export function taskStateOf(status: JobStatus): TaskState {
  if (status === 'CANCELLING') return 'CANCELING';
  return status === 'SUSPENDING' || status === 'RESTARTING' ? 'RUNNING' : status;
}

/** How many of so many tasks are in each state, when all are in one. */
export const tasksByState = (state: TaskState, tasks: number): Readonly<Record<TaskState, number>> => {
  const of = (one: TaskState): number => (one === state ? tasks : 0);
  return {
    CREATED: of('CREATED'),
    SCHEDULED: of('SCHEDULED'),
    DEPLOYING: of('DEPLOYING'),
    RUNNING: of('RUNNING'),
    FINISHED: of('FINISHED'),
    CANCELING: of('CANCELING'),
    CANCELED: of('CANCELED'),
    FAILED: of('FAILED'),
    RECONCILING: of('RECONCILING'),
    INITIALIZING: of('INITIALIZING'),
  };
};

/** Times as Flink has them: the end is -1 while there is none. */
export const TIMES = { 'start-time': integer, 'end-time': integer, duration: integer };

export const JOB_REF = object({ id: hex32, status: JOB_STATE });
export const METRIC = object({ id: text, value: optional(text) });
