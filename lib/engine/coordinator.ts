/** Registration of partitions in the coordinator log (protocol W4, W11, 11.1): a log that is not registered is not part of the job. */
import { isError, SluiceError } from '../core/errors.ts';
import { seq, type EventTime, type Generation, type JobId, type Offset, type PartitionId } from '../core/numbers.ts';
import type { Ports } from '../ports/ports.ts';
import type { Codec } from '../ports/runtime.ts';
import { partitionLog } from './keys.ts';
import { NOTHING_PASSED_OVER, type CoordinatorEntry, type PartitionEntry } from './log/entries.ts';
import { openCoordinatorLog, openPartitionLog, type CoordinatorLog, type GenerationRef } from './log/logs.ts';
import { partitionsOf, type PartitionCut } from './position.ts';

type LogPorts = Pick<Ports, 'log' | 'runtime' | 'codec'>;

/** Attempts to append to a log that others append to as well. */
const ATTEMPTS_MAX = 16;
const PAGE_BYTES = 1024 * 1024;

/** INIT ids are derived, so that whoever repeats the step makes the same entry. */
function initId(codec: Codec, job: { id: JobId; g: Generation }, p: PartitionId): string {
  return codec.sha256(partitionLog(job.id, job.g, p)).slice(0, 16);
}

/** The cut of a log that has only INIT. */
export function initCut(init: PartitionEntry): PartitionCut {
  return { seq: init.seq, id: init.id, next: init.next, watermark: init.watermark, dataAt: init.at };
}

/**
 * Puts INIT of a partition log, unless it is there, and returns the cut with which the partition is registered; only a confirmed INIT may
 * be (W4). Throws STORE_FAILED or CONTENTION while it is not.
 */
export async function beginPartition(ports: LogPorts, job: GenerationRef, p: PartitionId, next: Offset, watermark: EventTime): Promise<PartitionCut> {
  const log = openPartitionLog(ports, job, p);
  const existing = await log.get(seq(0));
  if (existing !== null) return initCut(existing);
  const appended = await log.append(null, log.next(null, { kind: 'INIT', next, watermark, passedOver: NOTHING_PASSED_OVER }, initId(ports.codec, job, p)));
  const stored = await log.get(seq(0));
  if (stored !== null) return initCut(stored);
  if (appended.kind === 'unknown' && isError(appended.cause)) throw appended.cause;
  throw new SluiceError('CONTENTION', { message: `INIT of ${log.key} is not confirmed yet` });
}

/** The cut with which `p` was registered or is known now; null if it is not registered. */
export async function registeredCut(ports: LogPorts, job: GenerationRef, p: PartitionId): Promise<PartitionCut | null> {
  const log = openCoordinatorLog(ports, job);
  const base = await newestPosition(log);
  const known = base?.position.cut[p];
  if (base === null || known !== undefined) return known ?? null;
  for (let after: number = base.seq, more = true; more; ) {
    const page = await log.readAfter(after, PAGE_BYTES);
    const found = page.entries.find((e) => e.kind === 'REG' && e.partition === p);
    if (found?.kind === 'REG') return found.cut;
    after = page.entries.at(-1)?.seq ?? after;
    more = page.more;
  }
  return null;
}

/** Every partition that the job has, without loading its state: those of the newest position, and those that registered behind it. */
export async function registeredPartitions(ports: LogPorts, job: GenerationRef): Promise<PartitionId[]> {
  const log = openCoordinatorLog(ports, job);
  const base = await newestPosition(log);
  if (base === null) return [];
  const partitions = partitionsOf(base.position);
  for (let after: number = base.seq, more = true; more; ) {
    const page = await log.readAfter(after, PAGE_BYTES);
    partitions.push(...page.entries.flatMap((e) => (e.kind === 'REG' ? [e.partition] : [])));
    after = page.entries.at(-1)?.seq ?? after;
    more = page.more;
  }
  return partitions;
}

/** The newest entry with a position that the head names: a CHECKPOINT, or INIT where there is none. */
async function newestPosition(log: CoordinatorLog): Promise<Extract<CoordinatorEntry, { kind: 'INIT' | 'CHECKPOINT' }> | null> {
  const head = await log.head();
  if (head === null) return null;
  const entry = await log.get(head.entry.checkpoints[0]?.seq ?? seq(0));
  if (entry?.kind === 'INIT' || entry?.kind === 'CHECKPOINT') return entry;
  // Without it nobody knows which partitions the job has; taken for none, their logs would begin anew (T4).
  throw new SluiceError('LOG_TRUNCATED', { message: `the newest position of ${log.key} is missing`, hint: 'resume the job from a savepoint' });
}

/** Appends REG, unless somebody else has (W4). Refused behind CLOSE (W11). */
export async function registerPartition(ports: LogPorts, job: GenerationRef, p: PartitionId, cut: PartitionCut): Promise<void> {
  const log = openCoordinatorLog(ports, job);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const head = await log.head();
    if (head === null || head.entry.kind === 'CLOSE') throw closed(log.key);
    if (log.isExpired(head.entry)) throw log.expiredError(head.entry);
    if ((await registeredCut(ports, job, p)) !== null) return;
    const entry = log.next(head, { kind: 'REG', partition: p, cut, checkpoints: head.entry.checkpoints });
    if ((await log.append(head, entry)).kind === 'appended') return;
  }
  throw new SluiceError('CONTENTION', { message: `partition ${p} could not be registered in ${log.key}` });
}

export function closed(key: string): SluiceError {
  return new SluiceError('CLOSED', { message: `${key} is closed or has not begun: another generation has the job, or it has ended` });
}

