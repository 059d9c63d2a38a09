/** Closing a generation: help what is pending, then CLOSE directly behind it (protocol 11.4, 11.5 step 3). */
import { isError, SluiceError } from '../../core/errors.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Pace } from '../firer/emit.ts';
import { Firer } from '../firer/firer.ts';
import { isPending, type Replica } from '../firer/replica.ts';
import type { Job } from '../job.ts';
import { openCoordinatorLog } from '../log/logs.ts';

/** A pending FIRE is helped for at most this long; a sink that is down does not hold a cancel up for ever. */
const HELP_MAX_MS = 60_000;
const PAUSE_MS = 100;
const ATTEMPTS_MAX = 1024;

/** Appends CLOSE to the coordinator log of `job`, unless it is there or the generation never began. */
export async function closeGeneration(ports: Ports, job: Job): Promise<void> {
  const firer = new Firer(ports, job);
  const log = openCoordinatorLog(ports, job);
  const until = ports.runtime.elapsed() + HELP_MAX_MS;
  let helpsOn = true;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const replica = await loadIfPossible(firer);
    if (replica !== null && isPending(replica) && !replica.closed && helpsOn) {
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
