/** How far a job is behind, for those who watch it: nothing depends on these figures. */
import { offset, type Offset, type PartitionId } from '../../core/numbers.ts';
import { MAX_WATERMARK, MIN_WATERMARK, operatorWatermark } from '../../core/watermark.ts';
import type { Ports } from '../../ports/ports.ts';
import { boundOf } from '../bounded.ts';
import { topicOf, type Job } from '../job.ts';
import { inParallel } from '../parallel.ts';
import { partitionsOf, type Position } from '../position.ts';
import { sourceWatermarks } from './progress.ts';
import type { Tail } from './tail.ts';

export interface Standing {
  /** From the job's watermark to now, ms; null before there is one, and behind the end of input. */
  readonly watermarkAgeMs: number | null;
  /** Age of the oldest record that was found waiting for a writer, ms; 0: none waits. It grows while nothing is delivered at all. */
  readonly openLagMs: number;
}

/** What a firer has read: the position of the last FIRE and the entries behind it. */
interface Known {
  readonly position: Position;
  readonly tail: Tail;
}

/** Throws what the source throws. */
export async function standingOf({ source, runtime }: Pick<Ports, 'source' | 'runtime'>, job: Job, known: Known): Promise<Standing> {
  return { watermarkAgeMs: watermarkAge(job, known, runtime.now()), openLagMs: await openLag(source, job, known, runtime.now()) };
}

function watermarkAge({ dataflow }: Job, { position, tail }: Known, now: number): number | null {
  const at = new Map(partitionsOf(position).map((p) => [p, tail.last(p)?.watermark ?? position.cut[p]?.watermark ?? MIN_WATERMARK]));
  const idle = new Set(position.idle.filter((p) => tail.last(p) === null));
  const watermark = operatorWatermark(MIN_WATERMARK, sourceWatermarks(dataflow, position, at, idle));
  return watermark === MIN_WATERMARK || watermark === MAX_WATERMARK ? null : Math.max(0, now - watermark);
}

/** Partitions whose next record is looked at: those to which nothing was written for the longest time. */
const LOOKS_MAX = 4;

async function openLag(source: Ports['source'], job: Job, known: Known, now: number): Promise<number> {
  const behind = await partitionsBehind(source, job, known);
  const ages = await inParallel(behind.slice(0, LOOKS_MAX), async ({ partition, since }) => {
    const { topic, partition: number } = topicOf(job, partition);
    const waiting = await source.fetch(topic, number, nextOf(known, partition), 1);
    // The last offsets may hold no record: markers of transactions.
    return waiting === null ? 0 : Math.max(0, now - (waiting.metadata?.().timestamps[0] ?? since));
  });
  return Math.max(0, ...ages);
}

interface Behind {
  readonly partition: PartitionId;
  /** When its last records were written. */
  readonly since: number;
}

async function partitionsBehind(source: Ports['source'], job: Job, known: Known): Promise<Behind[]> {
  const { position, tail } = known;
  const topics = [...new Set(job.dataflow.sources.flatMap((s) => s.node.topics))];
  const infos = await inParallel(topics, async (topic) => [topic, new Map((await source.topic(topic))?.partitions.map((i) => [i.partition, i.end]))] as const);
  const ends = new Map(infos);
  const endOf = (p: PartitionId): number => ends.get(topicOf(job, p).topic)?.get(topicOf(job, p).partition) ?? 0;
  return partitionsOf(position)
    .filter((p) => Math.min(endOf(p), boundOf(job, p)) > nextOf(known, p))
    .map((partition) => ({ partition, since: tail.of(partition).findLast(({ kind }) => kind === 'DATA')?.at ?? position.cut[partition]?.dataAt ?? 0 }))
    .toSorted((a, b) => a.since - b.since);
}

const nextOf = ({ position, tail }: Known, p: PartitionId): Offset => tail.last(p)?.next ?? position.cut[p]?.next ?? offset(0);
