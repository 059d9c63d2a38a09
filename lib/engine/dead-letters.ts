/**
 * What people see of dead letters (W10) without reading the logs: per partition how many there were and what the last one was. Written behind
 * the commit, unconditionally: it may be old, as a hint may; the logs and the table have the truth.
 */
import type { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { Ports } from '../ports/ports.ts';
import { deadLetterKey } from './keys.ts';
import { recordErrorItem, type RecordErrorItem, type RecordPlace } from './record-errors.ts';

export interface DeadLetterItem extends RecordErrorItem {
  /** Dead letters of the partition in this generation, the last one included. */
  readonly count: number;
}

export async function recordDeadLetter(ports: Pick<Ports, 'control' | 'runtime'>, place: RecordPlace, error: SluiceError, count: number): Promise<void> {
  const item: DeadLetterItem = { ...recordErrorItem(ports, place, error), count };
  await ports.control.put(deadLetterKey(place.job.id, place.job.g, place.p), JSON.stringify(item), 'any');
}

export async function deadLettersOf(ports: Pick<Ports, 'control'>, job: { readonly id: JobId; readonly g: number }): Promise<DeadLetterItem[]> {
  const items = await ports.control.list(`J#${job.id}`, `DLQ#g${job.g}#`, { after: '', limit: 1000 });
  return items.map((item): DeadLetterItem => JSON.parse(item.body));
}
