/** Closing a generation: help what is pending, then CLOSE (protocol 11.4, 11.5 step 3). */
import { isError, SluiceError } from '../../core/errors.ts';
import { Firer } from '../firer/firer.ts';
import { isPending } from '../firer/replica.ts';
import type { Job } from '../job.ts';
import { openCoordinatorLog } from '../log/logs.ts';
import type { Workshop } from './job-control.ts';

/** A pending FIRE is helped for at most this long. */
const HELP_MAX_MS = 60_000;
const PAUSE_MS = 100;
const ATTEMPTS_MAX = 64;

/** Appends CLOSE to the coordinator log of `job`, unless it is there or the generation never began. */
export async function closeGeneration({ ports }: Workshop, job: Job): Promise<void> {
  await helpPending(ports, job);
  const log = openCoordinatorLog(ports, job);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const head = await log.head();
    if (head === null || head.entry.kind === 'CLOSE') return;
    // An expired log accepts nothing any more; it needs no CLOSE (T3).
    if (log.isExpired(head.entry)) return;
    // The commit point: behind CLOSE nothing of this generation takes effect (L1).
    const entry = log.next(head, { kind: 'CLOSE', checkpoints: head.entry.checkpoints });
    if ((await log.append(head, entry)).kind === 'appended') return;
  }
  throw new SluiceError('CONTENTION', { message: `${log.key} could not be closed` });
}

async function helpPending(ports: Workshop['ports'], job: Job): Promise<void> {
  const firer = new Firer(ports, job);
  const until = ports.runtime.elapsed() + HELP_MAX_MS;
  while (ports.runtime.elapsed() < until) {
    const replica = await loadIfPossible(firer);
    if (replica === null || replica.closed || !isPending(replica)) return;
    const outcome = await firer.help();
    if (outcome === 'done') return;
    await ports.runtime.sleep(PAUSE_MS);
  }
}

/** State that cannot be loaded cannot be helped; the generation is closed all the same. */
async function loadIfPossible(firer: Firer): Promise<Awaited<ReturnType<Firer['load']>>> {
  try {
    return await firer.load();
  } catch (error) {
    if (isError(error) && error.kind === 'lost') return null;
    throw error;
  }
}
