/** Closing a generation: help what is pending, then CLOSE directly behind it (protocol 11.4, 11.5 step 3). */
import { isError, SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Pace } from '../firer/emit.ts';
import { Firer } from '../firer/firer.ts';
import { isPending, type Replica } from '../firer/replica.ts';
import type { Job } from '../job.ts';
import { openCoordinatorLog, type GenerationRef } from '../log/logs.ts';
import { settingsFor } from '../settings.ts';
import { openControlledJob, readPlan, type JobControl, type Workshop } from './job-control.ts';

/** A pending FIRE is helped for at most this long; a sink that is down does not hold a cancel up for ever. */
const HELP_MAX_MS = 60_000;
const PAUSE_MS = 100;
const ATTEMPTS_MAX = 1024;

/** Appends CLOSE to the coordinator log of `job`, unless it is there or the generation never began. */
export const closeGeneration = (ports: Ports, job: Job): Promise<void> => close(ports, job, new Firer(ports, job));

/**
 * `closeGeneration` for the generation that `control` names, also where its program is missing, damaged, or does not make its plan any more: nothing can be
 * helped then, but the job can end, and go on from a savepoint with another program.
 */
export async function closeControlled(workshop: Workshop, id: JobId, control: JobControl): Promise<void> {
  const { ports, place } = workshop;
  const settings = settingsFor(await readPlan(ports, id, control.planHash), place);
  const job = await openIfPossible(workshop, id, control);
  await (job === null ? close(ports, { id, g: control.gen, settings }, null) : closeGeneration(ports, job));
}

async function openIfPossible(workshop: Workshop, id: JobId, control: JobControl): Promise<Job | null> {
  try {
    return await openControlledJob(workshop, id, control);
  } catch (error) {
    if (isBeyondHelp(error) || (isError(error) && error.kind === 'usage')) return null;
    throw error;
  }
}

/** `firer`: null where the job cannot be opened. */
async function close(ports: Ports, generation: GenerationRef, firer: Firer | null): Promise<void> {
  const log = openCoordinatorLog(ports, generation);
  const until = ports.runtime.elapsed() + HELP_MAX_MS;
  let helpsOn = true;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const replica = firer === null ? null : await loadIfPossible(firer);
    if (firer !== null && replica !== null && isPending(replica) && !replica.closed && helpsOn) {
      helpsOn = ports.runtime.elapsed() < until;
      const isBlocked = (await helpIfPossible(firer, helpsOn ? 'paused' : 'at-once')) === 'blocked';
      if (isBlocked && helpsOn) await ports.runtime.sleep(PAUSE_MS);
      continue;
    }
    const head = replica?.head ?? (await log.head());
    // An expired log accepts nothing any more; it needs no CLOSE (T3).
    if (head === null || head.entry.kind === 'CLOSE' || log.isExpired(head.entry)) return;
    // The commit point: behind CLOSE nothing of this generation takes effect (L1). A FIRE that came in between wins the place.
    const entry = log.next(head, { kind: 'CLOSE', checkpoints: head.entry.checkpoints });
    if ((await log.append(head, entry)).kind === 'appended') return;
  }
  throw new SluiceError('CONTENTION', { message: `${log.key} could not be closed` });
}

/** State that cannot be loaded cannot be helped; the generation is closed all the same, to make way for a resume from a savepoint. */
async function loadIfPossible(firer: Firer): Promise<Replica | null> {
  try {
    return await firer.load();
  } catch (error) {
    if (isBeyondHelp(error)) return null;
    throw error;
  }
}

async function helpIfPossible(firer: Firer, pace: Pace): Promise<'done' | 'blocked'> {
  try {
    return await firer.help(pace);
  } catch (error) {
    if (isBeyondHelp(error)) return 'blocked';
    throw error;
  }
}

const isBeyondHelp = (error: unknown): boolean => isError(error) && (error.kind === 'lost' || error.kind === 'bug');
