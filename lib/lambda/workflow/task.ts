/**
 * A state of a machine, carried out. Its outcome is always a result: only what is a defect, or kills the function, is an error for the machine,
 * which then asks again.
 */
import { isError } from '../../core/errors.ts';
import type { TaskEvent, TaskResult } from '../../workflows/tasks.ts';
import { advanceStep, helpAlong, settle, takeSavepoint, type TakeOver } from './advance.ts';
import { Frame } from './frame.ts';
import { outcomeOf, resultOf, type Outcome } from './outcome.ts';
import { request, type RequestParts } from './request.ts';
import { respond, type RespondParts } from './respond.ts';
import { list, verify } from './teardown.ts';
import { check, roll } from './upgrade.ts';

export type TaskParts = RequestParts & RespondParts & TakeOver;

export async function runTask(parts: TaskParts, event: TaskEvent): Promise<TaskResult> {
  const frame = new Frame(event, parts.workshop.ports);
  return resultOf(frame, await attempt(parts, frame, event));
}

async function attempt(parts: TaskParts, frame: Frame, event: TaskEvent): Promise<Outcome> {
  try {
    return await dispatch(parts, frame, event);
  } catch (error) {
    // An answer that is not heard is repeated by the machine, which looks at nothing behind it.
    if (!isError(error) || event.action === 'respond') throw error;
    // In a teardown a job that nobody knows is over.
    if (frame.workflow === 'teardown' && isError(error, 'JOB_UNKNOWN')) return { state: 'ended' };
    if (isError(error, 'JOB_BUSY') && frame.isPatient) await helpAlong(parts, frame.job);
    return outcomeOf(frame, event, error);
  }
}

async function dispatch(parts: TaskParts, frame: Frame, event: TaskEvent): Promise<Outcome> {
  const { workshop } = parts;
  switch (event.action) {
    case 'request':
      return request(parts, frame, event.phase);
    case 'advance':
      return advanceStep(workshop, frame, event.phase, event.step);
    case 'savepoint':
      return takeSavepoint(workshop, frame);
    case 'settle':
      return settle(workshop, frame);
    case 'check':
      return check(workshop, frame);
    case 'roll':
      return roll(workshop, frame);
    case 'list':
      return list(workshop, frame);
    case 'verify':
      return verify(parts, frame);
    case 'respond':
      return respond(parts, frame);
  }
}
