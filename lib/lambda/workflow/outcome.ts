/** What came of a task, and the result that says so to the machine. */
import { isError, SluiceError } from '../../core/errors.ts';
import { failureOf, type JobControl } from '../../engine/lifecycle/job-control.ts';
import type { WorkflowFailure } from '../../workflows/messages.ts';
import type { TaskEvent, TaskResult, TaskState, TeardownItem } from '../../workflows/tasks.ts';
import type { Frame } from './frame.ts';

export interface Outcome {
  readonly state: TaskState;
  readonly failure?: WorkflowFailure | null;
  /** CTRL of the job as it was seen last. */
  readonly control?: JobControl;
  readonly savepoint?: string | null;
  readonly jobs?: readonly TeardownItem[];
}

export function resultOf(frame: Frame, outcome: Outcome): TaskResult {
  const { state, failure } = bounded(frame, outcome);
  const { control, savepoint = null, jobs = [] } = outcome;
  return {
    state,
    job: typeof frame.input['job'] === 'string' ? frame.input['job'] : null,
    status: control?.status ?? null,
    generation: control?.gen ?? null,
    savepoint: savepoint ?? (control === undefined ? null : savepointOf(frame, control)) ?? frame.previous.savepoint ?? null,
    failure: shortened(combined(frame.reason, failure ?? null, state)),
    waitSeconds: frame.waitSeconds,
    since: frame.since,
    jobs,
  };
}

/** A task that throws what has a code. Nothing was changed by a task that only looks or records. */
export function outcomeOf(frame: Frame, { action }: TaskEvent, error: SluiceError): Outcome {
  const failure = failureOf(error);
  const isPassing = error.kind === 'retry' || error.kind === 'fenced' || (isError(error, 'JOB_BUSY') && frame.isPatient);
  if (isPassing) return { state: 'again', failure };
  return { state: action === 'request' || action === 'check' ? 'refused' : 'failed', failure };
}

/** The savepoint that a stop of this execution has left. */
export const savepointOf = (frame: Frame, control: JobControl): string | null => control.savepoints.find(({ trigger }) => trigger === frame.requestId('stop'))?.path ?? null;

const UNDER_WAY: WorkflowFailure = { code: 'CONTENTION', message: 'given up: it is still under way', hint: 'it goes on by itself: see `sluice describe`' };

function bounded(frame: Frame, { state, failure }: Outcome): Pick<Outcome, 'state' | 'failure'> {
  if (state !== 'again' || !frame.isOutOfPatience) return { state, failure: failure ?? null };
  return { state: 'failed', failure: failure === undefined || failure === null ? UNDER_WAY : { ...failure, message: `given up: ${failure.message}` } };
}

/**
 * Why the execution went back stays its reason; that the way back failed too comes behind it. What is only waited for is no failure: a machine
 * whose function falls silent behind it would take it for one.
 */
function combined(reason: WorkflowFailure | null, failure: WorkflowFailure | null, state: TaskState): WorkflowFailure | null {
  if (state === 'again') return reason;
  if (reason === null || state === 'same' || (failure !== null && state === 'done')) return failure;
  if (failure === null) return reason;
  return { ...reason, message: `${reason.message}; and what was there before does not go on either: ${failure.message}` };
}

/** A state holds 256 KiB, in a teardown the results of many jobs. */
const MESSAGE_MAX = 3000;
const shortened = (failure: WorkflowFailure | null): WorkflowFailure | null =>
  failure === null || failure.message.length <= MESSAGE_MAX ? failure : { ...failure, message: `${failure.message.slice(0, MESSAGE_MAX)}…` };
