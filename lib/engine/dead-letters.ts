/**
 * What people see of dead letters (W10) without reading the logs: per generation and partition how many there were, and the last one. Written behind
 * the commit, unconditionally: it may be old, as a hint may; the logs and the table have the truth.
 */
import type { SluiceError } from '../core/errors.ts';
import { partsOf, type Generation, type JobId } from '../core/numbers.ts';
import type { Ports } from '../ports/ports.ts';
import type { Job } from './job.ts';
import { deadLetterKey } from './keys.ts';
import { recordErrorItem, type RecordErrorItem, type RecordPlace } from './record-errors.ts';

const PAGE = 1000;
/** Of more partitions nobody reads a sum. */
const PAGES_MAX = 20;

export interface DeadLetterItem extends RecordErrorItem {
  /** Dead letters of the partition in this generation, the last one included. */
  readonly count: number;
}

export const deadLetterItem = (ports: Pick<Ports, 'runtime'>, place: RecordPlace, error: SluiceError, count: number): DeadLetterItem => ({ ...recordErrorItem(ports, place, error), count });

export async function writeDeadLetter(ports: Pick<Ports, 'control'>, job: Pick<Job, 'id' | 'g'>, item: DeadLetterItem): Promise<void> {
  await ports.control.put(deadLetterKey(job.id, job.g, item.partitionId), JSON.stringify(item), 'any');
}

/** Of a generation, by source, topic and partition. What an earlier one has emitted is in the table. */
export async function deadLettersOf(ports: Pick<Ports, 'control'>, job: { readonly id: JobId; readonly g: Generation }): Promise<DeadLetterItem[]> {
  const found: DeadLetterItem[] = [];
  let after = '';
  for (let page = 0; page < PAGES_MAX; page++) {
    const items = await ports.control.list(`J#${job.id}`, `DLQ#g${job.g}#`, { after, limit: PAGE });
    found.push(...items.map((item): DeadLetterItem => JSON.parse(item.body)));
    after = items.at(-1)?.sk ?? after;
    if (items.length < PAGE) break;
  }
  return found.sort(byPartition);
}

function byPartition(a: DeadLetterItem, b: DeadLetterItem): number {
  const [x, y] = [partsOf(a.partitionId), partsOf(b.partitionId)];
  return x.source - y.source || x.topic - y.topic || x.partition - y.partition;
}
