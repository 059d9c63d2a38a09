/** What operators do to jobs, on a store that this process reaches: it records each request, then carries it out itself; a runner that is up may help. */
import { isError, isErrorCode, SluiceError } from '../core/errors.ts';
import type { JobId, Seq } from '../core/numbers.ts';
import type { Plan } from '../core/plan.ts';
import { takeCheckpoint } from '../engine/lifecycle/checkpoint.ts';
import { isFinal, readControl, readPlan, type Failure, type JobControl, type Operation, type Workshop } from '../engine/lifecycle/job-control.ts';
import { advanceSavepoint, readSavepointRequest, requestSavepoint } from '../engine/lifecycle/savepoint.ts';
import { requestCreate, requestResume, type ResumeOptions, type StartOptions } from '../engine/lifecycle/start.ts';
import { requestCancel, requestStop, type StopOptions } from '../engine/lifecycle/stop.ts';
import { checkUpgrade, type UpgradeCheck } from '../engine/lifecycle/upgrade.ts';
import { runOperation } from '../engine/lifecycle/workflow.ts';

/** What can be done to jobs, wherever that happens. All of it is done when the promise resolves; what went wrong is thrown as it was recorded. */
export interface Operations {
  /** Creates a job and starts it. */
  create(plan: Plan, options: StartOptions): Promise<JobId>;
  /** Takes a savepoint into a directory below `directory` and returns its path; the job goes on. A `request` that is repeated is the same savepoint. */
  savepoint(id: JobId, directory: string, request?: string): Promise<string>;
  /** Takes a checkpoint and returns its place in the log; a `request` that is repeated is the same one, while it is the newest. */
  checkpoint(id: JobId, request: string): Promise<Seq>;
  /** Stops a job behind a savepoint and returns its path. A job whose savepoint cannot be written goes on. */
  stop(id: JobId, options: StopOptions): Promise<string>;
  /** Cancels a job; its last state stays. */
  cancel(id: JobId): Promise<void>;
  /** Lets a job go on under its own id; returns the state that was dropped on the way. */
  resume(id: JobId, options: ResumeOptions): Promise<readonly string[]>;
  /** Gives a job another plan, which takes over its state. If that does not come to RUNNING, the old plan goes on. */
  upgrade(id: JobId, plan: Plan, options: UpgradeOptions): Promise<Upgraded>;
}

export interface UpgradeOptions {
  /** Where the savepoint goes that the job is stopped with. */
  readonly directory: string;
  readonly allowNonRestored: boolean;
}

export interface Upgraded {
  readonly kind: UpgradeCheck['kind'];
  /** The savepoint between the two plans; null where none was needed. */
  readonly savepoint: string | null;
  readonly dropped: readonly string[];
}

/** A step that is under way; `others`: somebody else has done one first. */
export type Wait = Operation['step'] | 'others';

export interface WatchedWorkshop extends Workshop {
  /** Told what an operation waits for as soon as it does, and null at its end. */
  readonly onWait?: (wait: Wait | null) => void;
}

export function storeOperations(workshop: WatchedWorkshop): Operations {
  const watched = <T>(operation: Promise<T>): Promise<T> => operation.finally(() => workshop.onWait?.(null));
  return {
    create: (plan, options) => watched(createJob(workshop, plan, options)),
    savepoint: (id, directory, request) => watched(takeSavepoint(workshop, id, directory, request)),
    checkpoint: (id, request) => watched(retrying(workshop, () => takeCheckpoint(workshop, id, request))),
    stop: (id, options) => watched(stopJob(workshop, id, options)),
    cancel: (id) => watched(cancelJob(workshop, id)),
    resume: (id, options) => watched(resumeJob(workshop, id, options)),
    upgrade: (id, plan, options) => watched(upgradeJob(workshop, id, plan, options)),
  };
}

/** A runner has come to the barrier of a savepoint within this time, or there is none. */
const BARRIER_WITHIN_MS = 1000;
/** Once the barrier stands, a runner that lives has exported it within this time. */
const EXPORT_WITHIN_MS = 10_000;
const POLL_MS = 50;
/** Losing a race is repeated for this long. */
const RETRY_FOR_MS = 60_000;
const RETRY_PAUSE_MS = 100;
const ENDED_POLL_MS = 500;

export async function createJob(workshop: WatchedWorkshop, plan: Plan, options: StartOptions): Promise<JobId> {
  const id = await requestCreate(workshop, plan, options);
  await finish(workshop, id);
  return id;
}

/** A `given` trigger that is known already is the same savepoint. */
export async function takeSavepoint(workshop: WatchedWorkshop, id: JobId, directory: string, given?: string): Promise<string> {
  const trigger = await requestSavepoint(workshop, id, directory, given);
  await waitForRunner(workshop, id, trigger);
  const { location, failure } = await retrying(workshop, () => advanceSavepoint(workshop, id, trigger, null));
  return location ?? fail(failure, `savepoint ${trigger} of job ${id} has no location`);
}

export async function stopJob(workshop: WatchedWorkshop, id: JobId, options: StopOptions): Promise<string> {
  const trigger = await requestStop(workshop, id, options);
  const { savepoints, failure } = await finish(workshop, id);
  return savepoints.find((s) => s.trigger === trigger)?.path ?? fail(failure, `the stop of job ${id} left no savepoint`);
}

export async function cancelJob(workshop: WatchedWorkshop, id: JobId): Promise<void> {
  await requestCancel(workshop, id);
  await finish(workshop, id);
}

export async function resumeJob(workshop: WatchedWorkshop, id: JobId, options: ResumeOptions): Promise<readonly string[]> {
  await requestResume(workshop, id, options);
  return (await finish(workshop, id)).restored?.dropped ?? [];
}

export async function upgradeJob(workshop: WatchedWorkshop, id: JobId, plan: Plan, { directory, allowNonRestored }: UpgradeOptions): Promise<Upgraded> {
  const check = await checkUpgrade(workshop, id, plan, { allowNonRestored, mayRevert: false });
  const rules = { plan, allowNonRestored, allowOffsetGap: false, upgrades: true, failsFast: true };
  switch (check.kind) {
    case 'same':
      return { kind: check.kind, savepoint: null, dropped: [] };
    case 'restart':
    case 'revert':
      return { kind: check.kind, savepoint: check.savepoint, dropped: await resumeJob(workshop, id, { ...rules, savepoint: check.savepoint }) };
    case 'upgrade': {
      const { planHash } = (await readControl(workshop.ports, id)).control;
      const savepoint = await stopJob(workshop, id, { directory, drain: false });
      return { kind: check.kind, savepoint, dropped: await resumeOrUndo(workshop, id, { ...rules, savepoint }, planHash) };
    }
  }
}

/** 11.5: whatever keeps the new plan from running, the old one goes on from the same savepoint. The failure is thrown all the same. */
async function resumeOrUndo(workshop: WatchedWorkshop, id: JobId, options: ResumeOptions & { readonly savepoint: string }, oldHash: string): Promise<readonly string[]> {
  try {
    return await resumeJob(workshop, id, options);
  } catch (error) {
    if (!isError(error)) throw error;
    const { savepoint } = options;
    const undone = await undo(workshop, id, savepoint, oldHash);
    const message = undone === null ? `job ${id} was not upgraded, the old plan goes on: ${error.message}` : `job ${id} was not upgraded: ${error.message}; nor does the old plan run: ${undone}`;
    const hint = undone === null ? error.hint : `sluice resume ${id} --from ${savepoint}, once the cause is gone`;
    throw new SluiceError(error.code, { message, cause: error, details: { ...error.details, savepoint }, ...(hint === undefined ? {} : { hint }) });
  }
}

/** What keeps the old plan from running, if anything does. */
async function undo(workshop: WatchedWorkshop, id: JobId, savepoint: string, oldHash: string): Promise<string | null> {
  try {
    const plan = await readPlan(workshop.ports, id, oldHash);
    await resumeJob(workshop, id, { savepoint, plan, allowNonRestored: false, allowOffsetGap: false, failsFast: true });
    return null;
  } catch (error) {
    if (isError(error)) return error.message;
    throw error;
  }
}

/** The directory that the job's options name for savepoints; null if there is none. */
export async function savepointDirectoryOf({ ports }: Workshop, id: JobId): Promise<string | null> {
  const { control } = await readControl(ports, id);
  const { options } = await readPlan(ports, id, control.planHash);
  return options['execution.checkpointing.savepoint-dir'] ?? options['state.savepoints.dir'] ?? null;
}

/** Returns when the job has ended, or nobody waits any more; one that has failed is thrown. */
export async function untilEnded({ ports }: Workshop, id: JobId, signal: AbortSignal | undefined): Promise<void> {
  while (signal?.aborted !== true) {
    const { control } = await readControl(ports, id);
    if (control.status === 'FAILED') fail(control.failure, `job ${id} failed`);
    if (isFinal(control.status)) return;
    await ports.runtime.sleep(ENDED_POLL_MS);
  }
}

/** Runs what CTRL records to its end; an operation that failed the job is thrown. */
async function finish(workshop: WatchedWorkshop, id: JobId): Promise<JobControl> {
  const control = await retrying(workshop, () => runOperation(workshop, id, ({ step }) => workshop.onWait?.(step)));
  return control.status === 'FAILED' ? fail(control.failure, `job ${id} failed`) : control;
}

/** A runner has the state in memory, so it is quicker; without one this process does the work. */
async function waitForRunner({ ports, onWait }: WatchedWorkshop, id: JobId, trigger: string): Promise<void> {
  const since = ports.runtime.elapsed();
  for (;;) {
    const { status, checkpoint } = await readSavepointRequest(ports, id, trigger);
    onWait?.(checkpoint === null ? 'barrier' : 'export');
    const patience = checkpoint === null ? BARRIER_WITHIN_MS : EXPORT_WITHIN_MS;
    if (status !== 'IN_PROGRESS' || ports.runtime.elapsed() - since > patience) return;
    await ports.runtime.sleep(POLL_MS);
  }
}

async function retrying<T>({ ports, onWait }: WatchedWorkshop, action: () => Promise<T>): Promise<T> {
  const until = ports.runtime.elapsed() + RETRY_FOR_MS;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!isError(error, 'CONTENTION') || ports.runtime.elapsed() > until) throw error;
      onWait?.('others');
      await ports.runtime.sleep(RETRY_PAUSE_MS);
    }
  }
}

/** A failure that was stored, as the error that it was. */
function fail(failure: Failure | null, otherwise: string): never {
  if (failure === null || !isErrorCode(failure.code)) throw new SluiceError('INVARIANT', { message: failure?.message ?? otherwise });
  const { code, message, hint } = failure;
  throw new SluiceError(code, hint === null ? { message } : { message, hint });
}
