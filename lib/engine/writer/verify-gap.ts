/** Offsets between the end of a log and a batch (protocol W7): nothing was there, it is gone, or somebody has yet to bring it. */
import { SluiceError } from '../../core/errors.ts';
import { offset, type Offset, type PartitionId } from '../../core/numbers.ts';
import type { Source } from '../../ports/source.ts';
import { topicOf, type Job } from '../job.ts';
import type { OffsetRange } from '../log/entries.ts';

/**
 * Returns the offsets whose records are gone, null if there are none. Throws GAP where a record between `next` and `first` is still to be
 * read; OFFSET_GAP where records are gone and the policy is to fail, and with `strict` for every gap.
 */
export async function verifyGap(source: Source, job: Job, p: PartitionId, next: Offset, first: Offset): Promise<OffsetRange | null> {
  if (job.policies.gap === 'trust') return null;
  const { topic, partition } = topicOf(job, p);
  const at = `${topic}-${partition}`;
  const earliest = (await source.topic(topic))?.partitions.find((i) => i.partition === partition)?.earliest ?? next;
  const isLost = earliest > next;
  if (isLost && job.policies.dataLoss === 'fail') throw removed(at, { next, earliest });
  const visible = (await source.fetch(topic, partition, isLost ? earliest : next, 1))?.offsets[0];
  if (visible !== undefined && visible < first) {
    throw new SluiceError('GAP', { message: `${at}: the batch begins at ${first}, but ${visible} is still to be read` });
  }
  if (isLost) return [next, offset(Math.min(earliest, first))];
  if (job.policies.gap === 'strict') throw unexplained(at, { next, first });
  return null;
}

const removed = (at: string, details: { next: Offset; earliest: Offset }): SluiceError =>
  new SluiceError('OFFSET_GAP', {
    message: `${at}: records from ${details.next} to ${details.earliest} were removed before they were read`,
    hint: "raise the retention of the topic; resume with --allow-offset-gap, or 'sluice.data-loss-policy' = 'continue', to go on without these records",
    details,
  });

const unexplained = (at: string, details: { next: Offset; first: Offset }): SluiceError =>
  new SluiceError('OFFSET_GAP', {
    message: `${at}: there is no record from ${details.next} to ${details.first}`,
    hint: "a compacted or transactional topic has such gaps: resume with 'sluice.gap-policy' = 'verify'",
    details,
  });
