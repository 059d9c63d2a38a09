/** What becomes of bad records (W10): those that are left out are counted, and the last one is told of; one that ends a batch holds its partition up, and is shown at it. */
import { SluiceError } from '../../core/errors.ts';
import type { PartitionId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import type { RecordBatch } from '../../ports/source.ts';
import { deadLetterItem, type DeadLetterItem } from '../dead-letters.ts';
import { forPeople } from '../for-people.ts';
import { topicOf, type Job } from '../job.ts';
import { locatedFailure } from '../located.ts';
import type { OffsetRange, PassedOver } from '../log/entries.ts';
import { recordError } from '../record-errors.ts';
import type { BadRecord, FoldedBatch } from './fold-batch.ts';

/** What the log has passed over with the batch; `gap`: offsets that nobody can read any more. */
export function passOver({ policies }: Pick<Job, 'policies'>, before: PassedOver, { leftOut, ahead }: Pick<FoldedBatch, 'leftOut' | 'ahead'>, gap: OffsetRange | null): PassedOver {
  const isDlq = policies.recordError === 'dlq';
  return {
    skipped: before.skipped + (isDlq ? 0 : leftOut.length),
    deadLetters: before.deadLetters + (isDlq ? leftOut.length : 0),
    ahead: before.ahead + ahead,
    lost: before.lost + (gap === null ? 0 : gap[1] - gap[0]),
  };
}

/** Where a batch was read. */
interface BatchPlace {
  readonly job: Job;
  readonly p: PartitionId;
  readonly batch: RecordBatch;
}

/** For people; the rows themselves are in the entry. */
export function lastLetter(ports: Pick<Ports, 'runtime'>, { job, p, batch }: BatchPlace, last: BadRecord | undefined, count: number): DeadLetterItem | null {
  if (last === undefined || job.policies.recordError !== 'dlq') return null;
  return deadLetterItem(ports, { job, p, offset: batch.offsets[last.index] ?? 0 }, last.error, count);
}

/** With policy `fail` the partition waits, the others go on: shows the record at it, and returns the error of whoever delivers the batch. */
export async function holdUp(ports: Pick<Ports, 'control' | 'runtime'>, { job, p, batch }: BatchPlace, bad: BadRecord): Promise<SluiceError> {
  const { topic, partition } = topicOf(job, p);
  const offset = batch.offsets[bad.index] ?? 0;
  const error = locatedFailure(bad.error, job.dataflow.positionOf);
  await forPeople(() => recordError(ports, { job, p, offset }, error));
  const { code, message, hint, details } = error;
  return new SluiceError(code, {
    message: `${batch.nameOf?.(bad.index) ?? `${topic}-${partition} at offset ${offset}`}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
    details: { ...(details['at'] !== undefined && { at: details['at'] }), topic, partition, offset },
  });
}
