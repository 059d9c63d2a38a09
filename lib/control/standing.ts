/** Where a job stands, by the ends of its logs alone: no state is read for it, so that it may be asked for every second. */
import { isError } from '../core/errors.ts';
import type { EventTime, JobId, PartitionId } from '../core/numbers.ts';
import { encodeWatermark, MIN_WATERMARK } from '../core/watermark.ts';
import type { Job } from '../engine/job.ts';
import { openControlledJob, readControl, readPlan, workshopFor, type Workshop } from '../engine/lifecycle/job-control.ts';
import type { CoordinatorEntry } from '../engine/log/entries.ts';
import { openCoordinatorLog, openPartitionLog, type CoordinatorLog } from '../engine/log/logs.ts';
import { newestPosition } from '../engine/log/newest-fire.ts';
import { inParallel } from '../engine/parallel.ts';
import { partitionsOf, type Position } from '../engine/position.ts';
import type { Ports } from '../ports/ports.ts';
import { unitOfSum, type OffsetUnit } from './offset-unit.ts';
import { topicEnds } from './topic-ends.ts';

export interface Standing {
  /** Sum of the first offsets that are not committed. */
  readonly next: number;
  /** What the two sums count. */
  readonly unit: OffsetUnit;
  /** Offsets that are not read; null where the topics cannot be asked, or never end. */
  readonly lag: number | null;
  /** The least of the sources, as of the newest FIRE; null before there is one. */
  readonly watermark: number | null;
  /** Of the newest checkpoint; null without one. */
  readonly stateBytes: number | null;
  /** Entries that the logs have taken: what has not changed since needs no second look. */
  readonly entries: number;
}

/** Of more partitions the newest FIRE says where they are. */
const HEADS_MAX = 256;

/** Null before the job has begun. Throws JOB_UNKNOWN. */
export async function standingOf(workshop: Workshop, id: JobId): Promise<Standing | null> {
  const { control } = await readControl(workshop.ports, id);
  const { ports } = workshopFor(workshop, await readPlan(workshop.ports, id, control.planHash));
  const job = await openControlledJob(workshop, id, control);
  const log = openCoordinatorLog(ports, job);
  const head = (await log.head())?.entry ?? null;
  const position = head === null ? null : await newestPosition(log);
  if (head === null || position === null) return null;
  const places = await placesOf(ports, job, position);
  return {
    next: places.reduce((sum, { next }) => sum + next, 0),
    unit: unitOfSum(job.dataflow.sources.map(({ node }) => node), ports.source.recordsHave === 'values' ? 'bytes' : 'records'),
    lag: await lagOf(ports, job, places),
    watermark: encodeWatermark(leastOf(position.watermarks)),
    stateBytes: await stateBytesOf(log, head),
    entries: head.seq + 1 + places.reduce((sum, { entries }) => sum + entries, 0),
  };
}

const leastOf = ([first = MIN_WATERMARK, ...others]: readonly EventTime[]): EventTime => others.reduce((least, one) => (one < least ? one : least), first);

interface Place {
  readonly id: PartitionId;
  readonly next: number;
  readonly entries: number;
}

async function placesOf(ports: Ports, job: Job, position: Position): Promise<Place[]> {
  const ids = partitionsOf(position);
  const heads = ids.length > HEADS_MAX ? [] : await inParallel(ids, (id) => openPartitionLog(ports, job, id).head());
  return ids.map((id, i) => {
    const at = heads[i]?.entry ?? position.cut[id];
    return { id, next: at?.next ?? 0, entries: at === undefined ? 0 : at.seq + 1 };
  });
}

/** Topics that this process does not reach, as those of a cluster in a VPC, have no end that it knows. */
async function lagOf({ source }: Ports, job: Job, places: readonly Place[]): Promise<number | null> {
  try {
    const endOf = await topicEnds(source, job);
    const lags = places.flatMap(({ id, next }) => {
      const end = endOf(id);
      return end === null ? [] : Math.max(0, end - next);
    });
    return lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0);
  } catch (error) {
    if (!isError(error)) throw error;
    return null;
  }
}

async function stateBytesOf(log: CoordinatorLog, { checkpoints: [newest] }: CoordinatorEntry): Promise<number | null> {
  const entry = newest === undefined ? null : await log.get(newest.seq);
  return entry?.kind === 'CHECKPOINT' ? entry.chunks.reduce((sum, { bytes }) => sum + bytes, 0) : null;
}
