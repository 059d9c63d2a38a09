/**
 * The freeze of a stop (protocol 11.3 step 2): a FROZEN entry on every partition log. It waits neither for the event source (W9) nor for
 * the state to be loaded, so it takes as long as two requests per partition, many partitions at a time.
 */
import { SluiceError } from '../../core/errors.ts';
import type { PartitionId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import { registeredPartitions } from '../coordinator.ts';
import type { Job } from '../job.ts';
import { carriedOver } from '../log/entries.ts';
import { openPartitionLog } from '../log/logs.ts';
import { inParallel } from '../parallel.ts';

type FreezePorts = Pick<Ports, 'log' | 'runtime' | 'codec'>;

const ATTEMPTS_MAX = 256;

/** Freezes every registered partition; the commit point of each is its FROZEN entry. Repeated, it freezes what has registered since. */
export async function freeze(ports: FreezePorts, job: Job): Promise<void> {
  await inParallel(await registeredPartitions(ports, job), (p) => freezePartition(ports, job, p));
}

/** W9: behind FROZEN the log accepts nothing; a commit in flight lands before it, or loses. */
async function freezePartition(ports: FreezePorts, job: Job, p: PartitionId): Promise<void> {
  const log = openPartitionLog(ports, job, p);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const head = await log.head();
    if (head === null || head.entry.kind === 'FROZEN') return;
    if (log.isExpired(head.entry)) throw log.expiredError(head.entry);
    if ((await log.append(head, log.next(head, { kind: 'FROZEN', ...carriedOver(head.entry) }))).kind === 'appended') return;
  }
  throw new SluiceError('CONTENTION', { message: `${log.key} could not be frozen` });
}
