/** Where a job stands in the partitions of its topics. */
import type { PartitionDescription } from '../describe.ts';
import { samples, type JobFacts, type Sample } from './sample.ts';

/** Of `max` partitions at most, in their order. */
export function partitionSamples({ job, vertices }: JobFacts, max: number): Sample[] {
  const all = (job.state?.sources ?? []).flatMap(({ uid, partitions }) => partitions.map((partition) => ({ uid, partition })));
  return all.slice(0, max).flatMap(({ uid, partition }) => samples({ job, vertex: vertices.find((one) => one.uid === uid) ?? null, partition }, valuesOf(partition)));
}

const valuesOf = ({ next, end, lag, watermark, idle, skipped, deadLetters, lost, ahead }: PartitionDescription): Parameters<typeof samples>[1] => ({
  nextOffset: next,
  endOffset: end,
  lag,
  watermark,
  idle: idle ? 1 : 0,
  skippedRecords: skipped,
  deadLetters,
  lostOffsets: lost,
  aheadRecords: ahead,
});
