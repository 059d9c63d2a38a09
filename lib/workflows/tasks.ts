/**
 * What a state of a machine asks of the workflow function, and what it is told. Machines look at `state` alone, never at the name of an error
 * (emulators have none); people and `sluice` look at the rest.
 */
import type { WorkflowFailure, WorkflowName } from './messages.ts';

/** A part of a workflow with a request id of its own: one operation on a job. */
export type Phase =
  | 'create'
  | 'savepoint'
  | 'stop'
  | 'cancel'
  | 'resume'
  /** From the savepoint before the last upgrade, with the plan of that time. */
  | 'revert'
  /** An upgrade did not come to RUNNING: the old plan goes on. */
  | 'undo';

/** Steps of operations, as CTRL names them. */
export type StepName = 'freeze' | 'barrier' | 'export' | 'close' | 'fence' | 'start' | 'attach' | 'detach';

export type Task =
  /** Checks an operation and records it. */
  | { readonly action: 'request'; readonly phase: Phase }
  /** Done once the operation is behind the step, whoever took it. */
  | { readonly action: 'advance'; readonly phase: Phase; readonly step: StepName }
  /** Takes the savepoint that was requested. */
  | { readonly action: 'savepoint'; readonly phase: 'savepoint' }
  /** A stop is being compensated: done once that has ended, with the reason of the stop as `failure`. */
  | { readonly action: 'settle'; readonly phase: 'stop' }
  /** What an upgrade has to do: `same`, `upgrade`, `restart` or `revert`. */
  | { readonly action: 'check' }
  /** The running generation takes the newest code. */
  | { readonly action: 'roll' }
  /** The jobs that a teardown has to end: `jobs` of the result. */
  | { readonly action: 'list' }
  /** Done if none of them is left. */
  | { readonly action: 'verify' }
  /** Tells CloudFormation how the execution ended. */
  | { readonly action: 'respond' };

/** `execution`: name of the execution; from it follow the ids of all requests. `input`: that of the state. */
export type TaskEvent = Task & { readonly workflow: WorkflowName; readonly execution: string; readonly input: unknown };

/** The input of one job of a teardown. */
export interface TeardownItem {
  readonly job: string;
  readonly policy: 'savepoint' | 'cancel';
  readonly directory?: string;
}

export type TaskState =
  | 'done'
  /** Nothing is wrong for good: once more after `waitSeconds`. */
  | 'again'
  /** Nothing was changed. */
  | 'refused'
  | 'failed'
  /** A stop failed and the job is on its way back: `settle`. */
  | 'compensating'
  /** Teardown: there is nothing to end. */
  | 'ended'
  /** The job runs the plan. */
  | 'same'
  | 'upgrade'
  /** The job has ended: there is nothing to stop. */
  | 'restart'
  | 'revert';

export interface TaskResult {
  readonly state: TaskState;
  /** Null where several jobs are meant. */
  readonly job: string | null;
  /** Status of the job, in Flink's words; null if it is not known. */
  readonly status: string | null;
  readonly generation: number | null;
  /** Where the savepoint of this execution lies, once it does. */
  readonly savepoint: string | null;
  readonly failure: WorkflowFailure | null;
  /** Grows from 1 to 30. */
  readonly waitSeconds: number;
  /** Since when the task has been waiting, epoch ms. */
  readonly since: number;
  /** What a teardown has to end. */
  readonly jobs: readonly TeardownItem[];
}

/** Every result has all of them: a machine that selects one which is not there fails. */
export const RESULT_FIELDS = ['state', 'job', 'status', 'generation', 'savepoint', 'failure', 'waitSeconds', 'since', 'jobs'] as const satisfies readonly (keyof TaskResult)[];
