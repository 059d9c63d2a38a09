/** Stop with savepoint and cancel (protocol 11.3, 11.4). */
import { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { Firer } from '../firer/firer.ts';
import { answersBarrier } from '../firer/replica.ts';
import type { Job } from '../job.ts';
import { openCoordinatorLog } from '../log/logs.ts';
import { probeDirectory } from '../../savepoint/probe.ts';
import { closeControlled } from './close.ts';
import { exportPatiently } from './export.ts';
import { freeze } from './freeze.ts';
import { failureOf, isFinal, openControlledJob, readControl, replaceControl, SAVEPOINTS_MAX, type JobControl, type Operation, type VersionedControl, type WorkflowStep, type Workshop } from './job-control.ts';
import { detachConsumers, pauseConsumers } from './consumers.ts';
import { busy, isRequested, requireRunning } from './operation.ts';

const ATTEMPTS_MAX = 256;
const PAUSE_MS = 50;

type StopOperation = Extract<Operation, { kind: 'stop' }>;

export interface StopOptions {
  readonly directory: string;
  readonly drain: boolean;
  readonly request?: string;
}

/**
 * Records a stop. The directory is probed first, so that a job is not stopped for a savepoint that cannot be written. A request whose savepoint is there changes
 * nothing, whatever the job did since: the name of the directory follows from the request, and an export would take what is in it for its own.
 */
export async function requestStop({ ports }: Workshop, id: JobId, { directory, drain, request }: StopOptions): Promise<string> {
  const trigger = request ?? ports.runtime.randomHex(16);
  if (request !== undefined && isAnswered((await readControl(ports, id)).control, request)) return trigger;
  const was = await requireRunning(ports, id, 'stop');
  await probeDirectory(ports.openDirectory(directory), directory, ports.runtime.randomHex(8));
  const operation: Operation = { kind: 'stop', id: trigger, step: 'freeze', directory, drain };
  if (!(await replaceControl(ports, id, was, { status: 'SUSPENDING', operation }))) throw busy(id, null);
  return trigger;
}

const isAnswered = (control: JobControl, request: string): boolean => isRequested(control, request) || control.savepoints.some(({ trigger }) => trigger === request);

/** Ends a job whose sources have come to their ends: windows fire, rows are emitted, nothing is left to go on from. False if the job is not running any more. */
export async function requestFinish({ ports }: Workshop, job: Job): Promise<boolean> {
  const was = await readControl(ports, job.id);
  const { status, operation, gen } = was.control;
  if (status !== 'RUNNING' || operation !== null || gen !== job.g) return false;
  const finish: Operation = { kind: 'stop', id: ports.runtime.randomHex(16), step: 'freeze', directory: null, drain: true };
  return replaceControl(ports, job.id, was, { status: 'SUSPENDING', operation: finish });
}

/** Records a cancel. */
export async function requestCancel({ ports }: Workshop, id: JobId, request = ports.runtime.randomHex(16)): Promise<void> {
  const was = await readControl(ports, id);
  if (isRequested(was.control, request)) return;
  const { status, operation } = was.control;
  if (isFinal(status)) throw new SluiceError('JOB_STATE', { message: `job ${id} is ${status} already`, hint: 'see `sluice list -a`' });
  if (operation?.kind === 'cancel') return;
  // Whatever waits for something gives way, or nobody could end a job that does not start. What a stop has written is not taken back.
  if (operation?.kind === 'stop' && operation.step === 'detach') throw busy(id, operation);
  const cancel: Operation = { kind: 'cancel', id: request, step: 'close', closing: operation?.kind === 'resume' ? operation.closing : null };
  if (!(await replaceControl(ports, id, was, { status: 'CANCELLING', operation: cancel }))) throw busy(id, null);
}

export async function stepCancel(workshop: Workshop, id: JobId, was: VersionedControl, operation: Extract<Operation, { kind: 'cancel' }>): Promise<WorkflowStep> {
  if (operation.step === 'detach') return stepDetach(workshop, id, was, 'CANCELED');
  const { closing } = operation;
  if (closing !== null) await closeControlled(workshop, id, { ...was.control, gen: closing.g, planHash: closing.planHash });
  await closeControlled(workshop, id, was.control);
  return { next: { ...operation, step: 'detach' } };
}

/** 11.3 step 7, 11.4: nothing is delivered any more. */
async function stepDetach({ ports }: Workshop, id: JobId, { control }: VersionedControl, status: 'CANCELED' | 'FINISHED'): Promise<WorkflowStep> {
  await detachConsumers(ports, id, (g) => g <= control.gen);
  return { next: null, control: { status } };
}

export async function stepStop(workshop: Workshop, id: JobId, was: VersionedControl, operation: StopOperation): Promise<WorkflowStep> {
  const job = await openControlledJob(workshop, id, was.control);
  switch (operation.step) {
    case 'freeze':
      // Deliveries are not waited for: what is on its way lands before FROZEN, or loses (W9).
      await Promise.all([freeze(workshop.ports, job), pauseConsumers(workshop.ports, job)]);
      return { next: { ...operation, step: 'barrier' } };
    case 'barrier':
      await freeze(workshop.ports, job); // Partitions that registered meanwhile are included.
      return (await reachBarrierAndClose(workshop, job, operation))
        ? { next: { ...operation, step: 'export' } }
        : compensate(was, undrained(), operation.id, 'close');
    case 'export':
      if (operation.directory === null) return { next: { ...operation, step: 'detach' } };
      return exportOrCompensate(workshop, id, was, job, { ...operation, directory: operation.directory });
    case 'detach':
      return stepDetach(workshop, id, was, 'FINISHED');
  }
}

/**
 * 11.3 steps 3-5: FIREs up to the FROZEN entries, the last one with the barrier, its CHECKPOINT, and CLOSE directly behind it. A FIRE that
 * sinks do not confirm takes the place of the barrier (F14); what lies behind its cut is read again from the topics. False: a drain is
 * not done, since windows fire only while the sinks take rows.
 */
async function reachBarrierAndClose({ ports }: Workshop, job: Job, operation: { id: string; drain: boolean }): Promise<boolean> {
  const firer = new Firer(ports, job);
  const log = openCoordinatorLog(ports, job);
  let cause: SluiceError | null = null;
  let isDrained = false;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const replica = await firer.load();
    if (replica === null || replica.closed) return true;
    if (answersBarrier(replica, operation.id) && replica.head.entry.kind === 'CHECKPOINT') {
      const entry = log.next(replica.head, { kind: 'CLOSE', checkpoints: replica.head.entry.checkpoints });
      if ((await log.append(replica.head, entry)).kind === 'appended') return true;
      continue;
    }
    const outcome = await firer.step({ trigger: operation.id, frozen: true, drain: operation.drain });
    cause = outcome.kind === 'waiting' ? outcome.cause : null;
    isDrained = replica.position.drained;
    if (outcome.kind === 'waiting') {
      const isTooLong = outcome.cause !== null && ports.runtime.now() - (replica.lastFire?.at ?? 0) > job.settings.sinkGiveUpMs;
      // Behind the FIRE that drains there is no way back: only its emission ends the job.
      if (isTooLong && operation.drain && !replica.position.drained) return false;
      await ports.runtime.sleep(PAUSE_MS);
    }
  }
  throw cause === null ? new SluiceError('CONTENTION', { message: `job ${job.id} did not come to its barrier` }) : waitsForSink(job, cause, isDrained ? 'drained' : operation.drain ? 'drains' : 'stops');
}

/** A stop whose export fails for good leaves a running job, as in Flink: under the same id, the next generation goes on from the last state. */
async function exportOrCompensate(workshop: Workshop, id: JobId, was: VersionedControl, job: Job, operation: StopOperation & { directory: string }): Promise<WorkflowStep> {
  const { ports } = workshop;
  const head = await openCoordinatorLog(ports, job).head();
  const checkpoint = head?.entry.checkpoints[0];
  if (checkpoint === undefined) throw new SluiceError('INVARIANT', { message: `job ${id} was stopped without a checkpoint` });
  try {
    const record = await exportPatiently(workshop, { job, control: was.control, trigger: operation.id, drained: operation.drain }, checkpoint.seq, operation.directory);
    return { next: { ...operation, step: 'detach' }, control: { savepoints: [record, ...was.control.savepoints].slice(0, SAVEPOINTS_MAX) } };
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === 'CONTENTION') throw error;
    if (operation.drain) return endDrained(error);
    return compensate(was, error, operation.id, 'fence');
  }
}

/** A drained job has emitted its last row: going on would only make every further one late. */
function endDrained(error: SluiceError): WorkflowStep {
  const failure = { ...failureOf(error), message: `the job was drained, but its savepoint was not written: ${error.message}` };
  return { next: null, control: { status: 'FAILED', failure }, failure };
}

/** The operation is not over: whoever comes next, such as a runner, goes on with it. */
function waitsForSink(job: Job, cause: SluiceError, how: 'stops' | 'drains' | 'drained'): SluiceError {
  const minutes = job.settings.sinkGiveUpMs / 60_000;
  const then = how === 'stops' ? 'the savepoint keeps the rows for it' : 'the job goes on undrained';
  return new SluiceError('CONTENTION', {
    message: `job ${job.id} waits for a sink: ${cause.message}`,
    // Behind the FIRE that drains nothing but its emission ends the stop.
    hint: how === 'drained' ? 'make the place writable: a job that is drained ends when its last rows are there' : `make the place writable; after ${minutes} min ${then}`,
  });
}

const undrained = (): SluiceError =>
  new SluiceError('SINK_UNAVAILABLE', { message: 'a sink does not take the rows that a drain would emit', hint: 'stop without --drain: the savepoint keeps them' });

function compensate(was: VersionedControl, error: SluiceError, id: string, step: 'close' | 'fence'): WorkflowStep {
  const { gen, planHash } = was.control;
  const failure = { code: error.code, message: `the stop failed, the job goes on: ${error.message}`, hint: error.hint ?? null };
  return {
    next: { kind: 'resume', id, step, base: { kind: 'last-state', g: gen, planHash }, closing: { g: gen, planHash }, allowOffsetGap: false, lacking: [], cause: failure },
    control: { gen: nextGeneration(gen), status: 'RESTARTING', failure },
  };
}

const nextGeneration = (g: Job['g']): Job['g'] => (g + 1) as Job['g'];
