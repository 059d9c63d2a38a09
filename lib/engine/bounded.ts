/**
 * Bounded sources (`scan.bounded.mode`): where each partition ends is resolved once, when the job is created; what lies behind is not read.
 * A job whose sources are all bounded ends as in Flink: with the last record the watermark becomes MAX, all windows fire, the job is FINISHED.
 */
import { isError, SluiceError } from '../core/errors.ts';
import { offset, partitionId, partsOf, type Offset, type PartitionId } from '../core/numbers.ts';
import { sourcesOf, type Plan } from '../core/plan.ts';
import type { Ports } from '../ports/ports.ts';
import type { RecordBatch, Source } from '../ports/source.ts';
import type { Tail } from './firer/tail.ts';
import { topicOf, type Bounds, type Job } from './job.ts';
import { inParallel } from './parallel.ts';
import { partitionsOf, type Position } from './position.ts';

/** Asks the topics of a plan where its bounded sources end. */
export async function resolveBounds({ source }: Pick<Ports, 'source'>, plan: Plan): Promise<Bounds> {
  const ends: [PartitionId, Offset][] = [];
  for (const [index, { bounded, topics, table }] of sourcesOf(plan).entries()) {
    if (bounded === undefined) continue;
    const mode = bounded.kind === 'group-offsets' ? { ...bounded, reset: 'none' as const } : bounded;
    for (const [t, topic] of topics.entries()) {
      const partitions = (await source.topic(topic))?.partitions ?? [];
      const endOf = (partition: number): Promise<Offset> => source.startOffset(topic, partition, mode).catch((error: unknown) => refuse(table, error));
      ends.push(...(await inParallel(partitions, async ({ partition }): Promise<[PartitionId, Offset]> => [partitionId(index, t, partition), await endOf(partition)])));
    }
  }
  return Object.fromEntries(ends);
}

/** The source speaks of where a job starts; here it is about where it ends. */
function refuse(table: string, error: unknown): never {
  if (!isError(error, 'OPTION_INVALID')) throw error;
  const hint = "Correct 'scan.bounded.mode' and its options, or commit offsets of the group first.";
  throw new SluiceError('OPTION_INVALID', { message: `where table '${table}' ends: ${error.message}`, hint, cause: error });
}

/** First offset of `p` that is not read; Infinity for a source without bounds. */
export function boundOf({ dataflow, bounds }: Job, p: PartitionId): number {
  const isBounded = dataflow.sources[partsOf(p).source]?.node.bounded !== undefined;
  return isBounded ? (bounds[p] ?? 0) : Number.POSITIVE_INFINITY;
}

/** The part of a batch that the source reads; null if all of it lies behind the end. */
export function withinBounds(job: Job, p: PartitionId, batch: RecordBatch): RecordBatch | null {
  const bound = boundOf(job, p);
  if (batch.next <= bound) return batch;
  const count = batch.offsets.filter((at) => at < bound).length;
  if (count === 0) return null;
  const { offsets, starts, ends } = batch;
  return { ...batch, offsets: offsets.slice(0, count), starts: starts.slice(0, count), ends: ends.slice(0, count), next: offset(bound) };
}

/** All sources are bounded, and the logs hold everything up to their ends. Throws what `Source.verify` throws. */
export async function isComplete({ source }: Pick<Ports, 'source'>, job: Job, position: Position, tail: Tail): Promise<boolean> {
  if (job.dataflow.sources.some(({ node }) => node.bounded === undefined)) return false;
  const hasEnded = async (p: PartitionId): Promise<boolean> => {
    const next = tail.last(p)?.next ?? position.cut[p]?.next ?? offset(0);
    return next >= boundOf(job, p) || !(await hasRecord(source, job, p, next));
  };
  if (!(await inParallel(partitionsOf(position), hasEnded)).every(Boolean)) return false;
  await inParallel(partitionsOf(position), (p) => verifyEnd(source, job, p));
  return true;
}

/** What lies before the end has to be what it was when the end was resolved, or something is left out. */
async function verifyEnd(source: Source, job: Job, p: PartitionId): Promise<void> {
  const { topic, partition } = topicOf(job, p);
  await source.verify?.(topic, partition, job.bounds[p] ?? offset(0));
}

/** The last offsets below an end may hold no record: the marker of a transaction is what a partition often ends with. */
async function hasRecord(source: Source, job: Job, p: PartitionId, next: Offset): Promise<boolean> {
  const { topic, partition } = topicOf(job, p);
  const end = (await source.topic(topic))?.partitions.find((i) => i.partition === partition)?.end;
  // A partition that ends below its bound hides records for the moment, behind a new leader, or has lost them: neither is the end.
  if (end === undefined || end < boundOf(job, p)) return true;
  if (await source.hasMore?.(topic, partition, next)) return true;
  const first = (await source.fetch(topic, partition, next, 1))?.offsets[0];
  return first !== undefined && first < boundOf(job, p);
}
