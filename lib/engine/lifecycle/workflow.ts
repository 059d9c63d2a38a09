/** Workflows without an owner (protocol §11): read CTRL, execute the step it records, move on by condition. */
import { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { failureOf, readControl, readPlan, replaceControl, workshopFor, type JobControl, type Operation, type VersionedControl, type WorkflowStep, type Workshop } from './job-control.ts';
import { stepCreate, stepResume } from './start.ts';
import { stepCancel, stepStop } from './stop.ts';

const STEPS_MAX = 64;

/** Told of a step before it is executed. */
export type OnStep = (operation: Operation) => void;

const UNWATCHED: OnStep = () => {};

/** Executes one step; returns the control item behind it. Losing the condition means that somebody else did the step. */
export async function advance(workshop: Workshop, id: JobId, onStep = UNWATCHED): Promise<JobControl> {
  const was = await readControl(workshop.ports, id);
  const { operation } = was.control;
  if (operation === null) return was.control;
  onStep(operation);
  const plan = await readPlan(workshop.ports, id, was.control.planHash);
  const { next, control, failure = null } = await executeStep(workshopFor(workshop, plan), id, was, operation);
  const ended = next === null ? { last: { id: operation.id, kind: operation.kind, failure } } : {};
  await replaceControl(workshop.ports, id, was, { ...control, ...ended, operation: next });
  return (await readControl(workshop.ports, id)).control;
}

/** Runs what CTRL records until no operation is left. Errors of kind `retry` surface and may be repeated. */
export async function runOperation(workshop: Workshop, id: JobId, onStep = UNWATCHED): Promise<JobControl> {
  for (let step = 0; step < STEPS_MAX; step++) {
    const control = await advance(workshop, id, onStep);
    if (control.operation === null) return control;
  }
  throw new SluiceError('CONTENTION', { message: `the operation on job ${id} does not come to an end` });
}

/** A step that fails for good fails the job with its reason; what only needs time is thrown and repeated. */
async function executeStep(workshop: Workshop, id: JobId, was: VersionedControl, operation: Operation): Promise<WorkflowStep> {
  try {
    return await dispatch(workshop, id, was, operation);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.kind === 'retry' || error.kind === 'fenced') throw error;
    const failure = failureOf(error);
    return { next: null, control: { status: 'FAILED', failure }, failure };
  }
}

function dispatch(workshop: Workshop, id: JobId, was: VersionedControl, operation: Operation): Promise<WorkflowStep> {
  switch (operation.kind) {
    case 'create':
      return stepCreate(workshop, id, was, operation);
    case 'resume':
      return stepResume(workshop, id, was, operation);
    case 'stop':
      return stepStop(workshop, id, was, operation);
    case 'cancel':
      return stepCancel(workshop, id, was, operation);
  }
}
