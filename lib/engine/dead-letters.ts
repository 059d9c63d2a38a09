/**
 * What people see of dead letters (W10) without reading the logs: per generation and partition how many there were, and the last one. Written behind
 * the commit, unconditionally: it may be old, as a hint may; the logs and the table have the truth.
 */
import type { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { Ports } from '../ports/ports.ts';
import { deadLetterKey } from './keys.ts';
import { recordErrorItem, type RecordErrorItem, type RecordPlace } from './record-errors.ts';

const PAGE = 1000;
/** Of more partitions and generations nobody reads a sum. */
const PAGES_MAX = 20;

export interface DeadLetterItem extends RecordErrorItem {
  /** Dead letters of the partition in this generation, the last one included. */
  readonly count: number;
}

export async function recordDeadLetter(ports: Pick<Ports, 'control' | 'runtime'>, place: RecordPlace, error: SluiceError, count: number): Promise<void> {
  const item: DeadLetterItem = { ...recordErrorItem(ports, place, error), count };
  await ports.control.put(deadLetterKey(place.job.id, place.job.g, place.p), JSON.stringify(item), 'any');
}

/** Of all generations of a job: what one has emitted is in the table, also where a later one went back behind it and came to the record again. */
export async function deadLettersOf(ports: Pick<Ports, 'control'>, job: JobId): Promise<DeadLetterItem[]> {
  const found: DeadLetterItem[] = [];
  let after = '';
  for (let page = 0; page < PAGES_MAX; page++) {
    const items = await ports.control.list(`J#${job}`, 'DLQ#', { after, limit: PAGE });
    found.push(...items.map((item): DeadLetterItem => JSON.parse(item.body)));
    if (items.length < PAGE) return found;
    after = items.at(-1)?.sk ?? after;
  }
  return found;
}
