/** Operations as executions ask for them: checked, then recorded in CTRL under an id that follows from the execution. */
import { isError, SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { savepointDirectoryOf } from '../../control/operations.ts';
import { isFinal, readControl, readPlan, type JobControl, type VersionedControl, type Workshop } from '../../engine/lifecycle/job-control.ts';
import { requestSavepoint } from '../../engine/lifecycle/savepoint.ts';
import { requestCreate, requestResume, type ResumeOptions } from '../../engine/lifecycle/start.ts';
import { requestCancel, requestStop } from '../../engine/lifecycle/stop.ts';
import { checkUpgrade } from '../../engine/lifecycle/upgrade.ts';
import { VARIABLES } from '../../workflows/environment.ts';
import type { WorkflowFailure } from '../../workflows/messages.ts';
import type { Phase } from '../../workflows/tasks.ts';
import type { Frame } from './frame.ts';
import { flag, optionalPlan, optionalText, readPlanText } from './input.ts';
import { savepointOf, type Outcome } from './outcome.ts';
import { standingOf } from './standing.ts';

export interface RequestParts {
  readonly workshop: Workshop;
  /** Where savepoints go that neither the execution nor the job has a place for. */
  readonly savepoints: string | null;
}

export async function request(parts: RequestParts, frame: Frame, phase: Phase): Promise<Outcome> {
  const { ports } = parts.workshop;
  if (phase === 'create') return create(parts.workshop, frame);
  const was = await readControl(ports, frame.job);
  const { control } = was;
  if (frame.workflow === 'teardown' && isFinal(control.status) && control.operation === null) return { state: 'ended', control };
  if (isRequested(frame, control, phase)) return { state: 'done', failure: phase === 'undo' ? undone(frame) : null, control };
  const outcome = await recordOnce(parts, frame, phase, was);
  return { ...outcome, control: (await readControl(ports, frame.job)).control };
}

const isRequested = (frame: Frame, control: JobControl, phase: Phase): boolean => standingOf(control, phase, frame.requestId(phase)).kind !== 'unknown';

/** What hinders the request may be the request itself: an invocation that was taken for dead has recorded it meanwhile. */
async function recordOnce(parts: RequestParts, frame: Frame, phase: Exclude<Phase, 'create'>, was: VersionedControl): Promise<Outcome> {
  try {
    return await record(parts, frame, phase, was);
  } catch (error) {
    if (!isError(error) || !isRequested(frame, (await readControl(parts.workshop.ports, frame.job)).control, phase)) throw error;
    return { state: 'done', failure: phase === 'undo' ? undone(frame) : null };
  }
}

async function create(workshop: Workshop, frame: Frame): Promise<Outcome> {
  const options = { savepoint: optionalText(frame.input, 'savepoint'), allowNonRestored: flag(frame.input, 'allowNonRestored'), pauseTtl: flag(frame.input, 'pauseTtl') };
  await requestCreate(workshop, readPlanText(frame.input), { ...options, job: frame.job, request: frame.requestId('create') });
  return { state: 'done', control: (await readControl(workshop.ports, frame.job)).control };
}

async function record(parts: RequestParts, frame: Frame, phase: Exclude<Phase, 'create'>, was: VersionedControl): Promise<Outcome> {
  const { workshop } = parts;
  const { job, input } = frame;
  const id = frame.requestId(phase);
  switch (phase) {
    case 'savepoint':
      await requestSavepoint(workshop, job, await directoryFor(parts, frame), id);
      return { state: 'done' };
    case 'stop':
      await requestStop(workshop, job, { directory: await directoryFor(parts, frame), drain: frame.workflow === 'stop' && flag(input, 'drain'), request: id });
      return { state: 'done' };
    case 'cancel':
      await requestCancel(workshop, job, id);
      return { state: 'done' };
    case 'resume':
      await requestResume(workshop, job, { ...(await resumeFrom(workshop, frame, was.control)), was, request: id });
      return { state: 'done' };
    case 'revert':
      await requestResume(workshop, job, { ...(await revertTo(workshop, frame)), was, request: id });
      return { state: 'done' };
    case 'undo':
      return undo(workshop, frame, was);
  }
}

const STRICT = { allowNonRestored: false, allowOffsetGap: false } as const;

async function resumeFrom(workshop: Workshop, frame: Frame, control: JobControl): Promise<ResumeOptions> {
  const { input, workflow } = frame;
  const options = { plan: optionalPlan(input), allowNonRestored: flag(input, 'allowNonRestored'), allowOffsetGap: flag(input, 'allowOffsetGap') };
  if (workflow !== 'upgrade') return { ...options, savepoint: optionalText(input, 'savepoint'), pauseTtl: flag(input, 'pauseTtl') };
  return { ...options, savepoint: await upgradeFrom(workshop, frame, control, options.allowNonRestored), upgrades: true, failsFast: true };
}

/** An upgrade goes on from the savepoint that it has taken; of a job that had ended, from where that left its state. */
async function upgradeFrom(workshop: Workshop, frame: Frame, control: JobControl, allowNonRestored: boolean): Promise<string | null> {
  const own = savepointOf(frame, control);
  if (own !== null && isTouched(frame, control)) throw changed(frame.job);
  if (own !== null) return own;
  const found = await checkUpgrade(workshop, frame.job, readPlanText(frame.input), { allowNonRestored, mayRevert: false });
  return found.kind === 'restart' ? found.savepoint : null;
}

async function revertTo(workshop: Workshop, frame: Frame): Promise<ResumeOptions> {
  const plan = readPlanText(frame.input);
  const found = await checkUpgrade(workshop, frame.job, plan, { ...STRICT, mayRevert: true });
  if (found.kind === 'revert') return { savepoint: found.savepoint, plan, ...STRICT };
  throw changed(frame.job);
}

/** Somebody has let the job go on since this execution stopped it: going back to its savepoint would emit twice. */
const isTouched = (frame: Frame, { operation, last }: JobControl): boolean =>
  operation === null && last?.id !== frame.requestId('stop') && last?.id !== frame.requestId('resume');

const changed = (job: JobId): SluiceError =>
  new SluiceError('JOB_STATE', { message: `job ${job} was changed by another operation meanwhile`, hint: 'look at it with `sluice describe`, then start the upgrade again' });

/** The old plan goes on from where the upgrade stopped it. Where nothing was stopped, it runs; where the new one runs after all, so be it. */
async function undo(workshop: Workshop, frame: Frame, was: VersionedControl): Promise<Outcome> {
  const { control } = was;
  if (standingOf(control, 'resume', frame.requestId('resume')).kind === 'done') return { state: 'same' };
  const savepoint = savepointOf(frame, control);
  const isStopped = savepoint !== null || control.operation?.id === frame.requestId('stop');
  if (!isStopped || isTouched(frame, control)) return { state: 'ended' };
  const { job } = frame;
  const old = control.replaced?.savepoint === savepoint ? control.replaced.planHash : control.planHash;
  const plan = await readPlan(workshop.ports, job, old);
  await requestResume(workshop, job, { savepoint, plan, ...STRICT, was, request: frame.requestId('undo') });
  return { state: 'done', failure: undone(frame) };
}

function undone({ reason }: Frame): WorkflowFailure {
  const failure = reason ?? SILENT;
  return { ...failure, message: `the upgrade failed, the job goes on with its old plan: ${failure.message}` };
}

const SILENT = { code: 'FUNCTION_FAILED', message: 'the workflow function failed again and again', hint: 'the history of the execution and the log of the function say why' };

/** The execution's, the job's, the platform's. */
async function directoryFor({ workshop, savepoints }: RequestParts, { job, input }: Frame): Promise<string> {
  const directory = optionalText(input, 'directory') ?? (await savepointDirectoryOf(workshop, job)) ?? savepoints;
  if (directory !== null) return directory;
  throw noDirectory(job);
}

const noDirectory = (job: JobId): SluiceError =>
  new SluiceError('OPTION_INVALID', {
    message: `there is no directory for savepoints of job ${job}`,
    hint: `name one in the execution's input ('directory'), in the job ('execution.checkpointing.savepoint-dir') or in the environment (${VARIABLES.savepoints})`,
  });
