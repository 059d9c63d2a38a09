/** Operators at their commands: savepoints, stops, cancels, resumes and forks, also two at once, each finished by whoever comes next. */
import { isError, SluiceError } from '../../lib/core/errors.ts';
import type { Generation, JobId } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { sweepConsumers } from '../../lib/engine/lifecycle/consumers.ts';
import { isFinal, readControl, type JobControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { advanceSavepoint, openSavepointRequests, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestCreate, requestResume } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel, requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { World } from './world.ts';

const DIRECTORY = '/savepoints';

export const COMMANDS = ['savepoint', 'stop', 'drain', 'cancel', 'restore', 'fork'] as const;
export type Command = (typeof COMMANDS)[number];

export interface OperatorOptions {
  readonly workshop: Workshop;
  readonly job: JobId;
  readonly plan: Plan;
  readonly world: World;
  /** What may be asked for; one that occurs twice is asked for twice as often. */
  readonly commands: readonly Command[];
  /** Every other resume lets the TTL of state wait. */
  readonly pausesTtl: boolean;
  readonly isHealing: () => boolean;
  /** Records that a generation needs are gone from the topic. */
  readonly hasGap: (g: Generation) => boolean;
  /** The job has ended for good: nothing is left from which it could go on. */
  readonly onEnded: () => void;
}

/** One operator process: a few commands on one job; in healing, until it runs. */
export async function operate(options: OperatorOptions): Promise<void> {
  const { world, workshop, job, isHealing } = options;
  for (let turns = 8; turns > 0; turns--) {
    try {
      if (world.prng.chance(0.3)) await sweepConsumers(workshop);
      await finishLeftovers(workshop, job);
      const { control } = await readControl(workshop.ports, job);
      if (isFinal(control.status)) await revive(options, control);
      else if (options.hasGap(control.gen)) await requestCancel(workshop, job);
      else if (!isHealing() && world.now >= world.firersDownUntil) await command(options, control);
    } catch (error) {
      if (!isExpected(error)) throw error;
      world.count(`refused:${error.code}`);
    }
    await world.pause(300 + world.prng.below(2000));
  }
}

/** What another operator left behind when it was killed. */
async function finishLeftovers(workshop: Workshop, job: JobId): Promise<void> {
  await runOperation(workshop, job);
  for (const request of await openSavepointRequests(workshop.ports, job)) await advanceSavepoint(workshop, job, request.trigger, null);
}

async function command(options: OperatorOptions, control: JobControl): Promise<void> {
  const { workshop, job, plan, world, commands } = options;
  const what = world.prng.pick(commands);
  const savepoint = control.savepoints.length === 0 ? null : world.prng.pick(control.savepoints).path;
  world.count(`workflow:${what}`);
  switch (what) {
    case 'savepoint': {
      const request = await advanceSavepoint(workshop, job, await requestSavepoint(workshop, job, DIRECTORY), null);
      return world.count(`savepoint:${request.status}`);
    }
    case 'stop':
    case 'drain':
      await requestStop(workshop, job, { directory: DIRECTORY, drain: what === 'drain' });
      break;
    case 'cancel':
      await requestCancel(workshop, job);
      break;
    case 'restore':
      // An older savepoint while the job runs: its generation ends wherever it is.
      if (savepoint === null) return;
      await resumeFrom(options, savepoint);
      break;
    case 'fork':
      if (savepoint === null) return;
      await runOperation(workshop, await requestCreate(workshop, plan, { savepoint, allowNonRestored: false }));
      return world.count('forked');
  }
  world.count(`ended:${(await runOperation(workshop, job)).status}`);
}

/** Resumes a job that has ended, from anything that is left of it. */
async function revive(options: OperatorOptions, control: JobControl): Promise<void> {
  const { workshop, job, world, isHealing, hasGap, onEnded } = options;
  const savepoints = control.savepoints.map((s) => s.path);
  const bases = isHealing() ? [null, ...savepoints] : [savepoints.length > 0 && world.prng.chance(0.6) ? world.prng.pick(savepoints) : null];
  for (const base of bases) {
    try {
      const skips = hasGap(control.gen);
      if (skips) world.count('skippedGap');
      await resumeFrom(options, base, skips);
      world.count(base === null ? 'resume:last-state' : 'resume:savepoint');
      return world.count(`resumed:${(await runOperation(workshop, job)).status}`);
    } catch (error) {
      if (!isUnusable(error)) throw error;
      world.count(`unusable:${error.code}`);
    }
  }
  if (isHealing()) onEnded();
}

function resumeFrom({ workshop, job, world, pausesTtl }: OperatorOptions, savepoint: string | null, allowOffsetGap = false): Promise<void> {
  return requestResume(workshop, job, { savepoint, plan: null, allowNonRestored: false, allowOffsetGap, pauseTtl: pausesTtl && world.prng.chance(0.5) });
}

/** A base from which nothing can go on. */
const isUnusable = (error: unknown): error is SluiceError => isError(error) && (error.kind === 'lost' || error.code === 'SAVEPOINT_DRAINED');

const REFUSALS = ['JOB_BUSY', 'JOB_STATE', 'SAVEPOINT_UNWRITABLE', 'SAVEPOINT_DRAINED'] as const;

const isExpected = (error: unknown): error is SluiceError =>
  isError(error) && (error.kind === 'retry' || error.kind === 'fenced' || REFUSALS.some((code) => code === error.code));
