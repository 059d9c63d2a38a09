/** Steps of operations, one per task. Whoever is faster does a step; all are told that it is done. */
import { isError, SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { failureOf, readControl, type JobControl, type Workshop } from '../../engine/lifecycle/job-control.ts';
import { advanceSavepoint } from '../../engine/lifecycle/savepoint.ts';
import { advance } from '../../engine/lifecycle/workflow.ts';
import type { Phase, StepName } from '../../workflows/tasks.ts';
import type { Frame } from './frame.ts';
import type { Outcome } from './outcome.ts';
import { isBehind, standingOf } from './standing.ts';

/** Done once the operation is behind the step. */
export async function advanceStep(workshop: Workshop, frame: Frame, phase: Phase, step: StepName): Promise<Outcome> {
  const { control } = await readControl(workshop.ports, frame.job);
  const before = progressOf(frame, control, phase, step);
  return before.state === 'again' ? progressOf(frame, await advance(workshop, frame.job), phase, step) : before;
}

function progressOf(frame: Frame, control: JobControl, phase: Phase, step: StepName): Outcome {
  const standing = standingOf(control, phase, frame.requestId(phase));
  switch (standing.kind) {
    case 'under-way':
      return { state: isBehind(standing.operation, step) ? 'done' : 'again', control };
    case 'compensating':
      return { state: 'compensating', failure: standing.cause, control };
    case 'done':
      return { state: 'done', control };
    case 'failed':
      return { state: 'failed', failure: standing.failure, control };
    case 'unknown':
      return { state: 'failed', failure: failureOf(overtaken(frame, control, phase)), control };
  }
}

function overtaken({ job }: Frame, { operation, last }: JobControl, phase: Phase): SluiceError {
  const other = operation?.kind ?? last?.kind ?? 'none';
  return new SluiceError('JOB_BUSY', { message: `the ${phase} of job ${job} gave way to another operation: ${other}`, hint: `sluice describe ${job}` });
}

/** Done once a stop that failed has let the job go on. */
export async function settle(workshop: Workshop, frame: Frame): Promise<Outcome> {
  const id = frame.requestId('stop');
  const { control: before } = await readControl(workshop.ports, frame.job);
  const control = before.operation?.id === id ? await advance(workshop, frame.job) : before;
  if (control.operation?.id === id) return { state: 'again', control };
  const isRunning = control.status === 'RUNNING' || control.last?.id !== id;
  return isRunning ? { state: 'done', control } : { state: 'failed', failure: control.failure, control };
}

/** The barrier, the checkpoint and the export of a live savepoint. */
export async function takeSavepoint(workshop: Workshop, frame: Frame): Promise<Outcome> {
  const { status, location, failure } = await advanceSavepoint(workshop, frame.job, frame.requestId('savepoint'), null);
  const { control } = await readControl(workshop.ports, frame.job);
  if (status === 'IN_PROGRESS') return { state: 'again', control };
  return status === 'COMPLETED' ? { state: 'done', savepoint: location, control } : { state: 'failed', failure, control };
}

/** Operations that nobody has moved for so long, ms, are taken over: a step that is under way elsewhere would be done twice, which is safe and costs. */
export interface TakeOver {
  readonly workshop: Workshop;
  readonly takeOverMs: number;
}

/** True for what its caller has left behind. */
export const isLeft = ({ workshop: { ports }, takeOverMs }: TakeOver, since: number): boolean => ports.runtime.now() - since >= takeOverMs;

/** Somebody else's operation, where this execution waits for its end: it has no owner. */
export async function helpAlong(parts: TakeOver, job: JobId): Promise<void> {
  const { workshop } = parts;
  try {
    const { operation, changedAt } = (await readControl(workshop.ports, job)).control;
    if (operation !== null && isLeft(parts, changedAt)) await advance(workshop, job);
  } catch (error) {
    if (!isError(error)) throw error;
  }
}
