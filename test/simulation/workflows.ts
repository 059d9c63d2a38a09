/** The operator: live savepoints, stops, cancels and resumes from new, old and last state, one after the other, until healing. */
import { isError, SluiceError } from '../../lib/core/errors.ts';
import type { JobId } from '../../lib/core/numbers.ts';
import { isFinal, readControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { advanceSavepoint, openSavepointRequests, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestResume } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel, requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { World } from './world.ts';

const DIRECTORY = '/savepoints';

/** One operator process; a later one finishes what this one leaves behind. True: healing, and the job runs. */
export async function operate(workshop: Workshop, job: JobId, world: World, isHealing: () => boolean): Promise<boolean> {
  for (let turns = 8; turns > 0; turns--) {
    try {
      await finishLeftovers(workshop, job);
      const { control } = await readControl(workshop.ports, job);
      if (isFinal(control.status)) await resume(workshop, job, world, control.savepoints.map((s) => s.path));
      else if (!isHealing()) await disturb(workshop, job, world);
      else return true;
    } catch (error) {
      if (!isExpected(error)) throw error;
      world.count(`refused:${error.code}`);
    }
    await world.pause(500 + world.prng.below(3000));
  }
  return false;
}

async function finishLeftovers(workshop: Workshop, job: JobId): Promise<void> {
  await runOperation(workshop, job);
  for (const request of await openSavepointRequests(workshop.ports, job)) await advanceSavepoint(workshop, job, request.trigger, null);
}

async function disturb(workshop: Workshop, job: JobId, world: World): Promise<void> {
  const what = world.prng.pick(['savepoint', 'savepoint', 'stop', 'cancel'] as const);
  world.count(`workflow:${what}`);
  switch (what) {
    case 'savepoint': {
      const trigger = await requestSavepoint(workshop, job, DIRECTORY);
      const request = await advanceSavepoint(workshop, job, trigger, null);
      world.count(`savepoint:${request.status}`);
      return;
    }
    case 'stop':
      await requestStop(workshop, job, { directory: DIRECTORY, drain: false });
      break;
    case 'cancel':
      await requestCancel(workshop, job);
      break;
  }
  world.count(`ended:${(await runOperation(workshop, job)).status}`);
}

async function resume(workshop: Workshop, job: JobId, world: World, savepoints: readonly string[]): Promise<void> {
  const savepoint = savepoints.length > 0 && world.prng.chance(0.6) ? world.prng.pick(savepoints) : null;
  world.count(savepoint === null ? 'resume:last-state' : 'resume:savepoint');
  await requestResume(workshop, job, { savepoint, plan: null, allowNonRestored: false, allowOffsetGap: false });
  world.count(`resumed:${(await runOperation(workshop, job)).status}`);
}

const isExpected = (error: unknown): error is SluiceError =>
  isError(error) && (error.kind === 'retry' || error.kind === 'fenced' || error.code === 'JOB_BUSY' || error.code === 'JOB_STATE' || error.code === 'SAVEPOINT_UNWRITABLE');
