/** One job in full: where it stands in its input, what holds its watermark, what it keeps, and what it can go on from. */
import { isError } from '../core/errors.ts';
import { offset, partsOf, wallTime, type EventTime, type JobId, type Offset, type PartitionId, type Uid, type WallTime } from '../core/numbers.ts';
import { holderOf, MIN_WATERMARK, sourceWatermark, type PartitionProgress } from '../core/watermark.ts';
import { Step, type States } from '../engine/firer/evaluate.ts';
import { Firer } from '../engine/firer/firer.ts';
import { watermarkOf } from '../engine/firer/progress.ts';
import type { Replica } from '../engine/firer/replica.ts';
import { extendTail, Tail } from '../engine/firer/tail.ts';
import { topicOf, type Job } from '../engine/job.ts';
import { failureOf, isFinal, openControlledJob, readControl, readPlan, workshopFor, type Failure, type JobControl, type Workshop } from '../engine/lifecycle/job-control.ts';
import { NOTHING_PASSED_OVER, type ChunkRef, type CoordinatorEntry } from '../engine/log/entries.ts';
import { openCoordinatorLog, openPartitionLog } from '../engine/log/logs.ts';
import { inParallel } from '../engine/parallel.ts';
import { lateOf, partitionsOf, type Position } from '../engine/position.ts';
import type { Ports } from '../ports/ports.ts';
import { describeStates, growthOf, timersOf, type Growth, type StateUse, type Timers } from './describe-state.ts';
import { openWindows, type OpenWindow } from './open-windows.ts';
import { summarize, type JobSummary } from './summary.ts';
import { topicEnds } from './topic-ends.ts';

export interface PartitionDescription {
  readonly id: PartitionId;
  readonly topic: string;
  readonly partition: number;
  /** First offset that is not committed to the job's log. */
  readonly next: Offset;
  /** Null if the topic does not exist any more. */
  readonly end: Offset | null;
  /** Offsets between the two; bytes for embedded topics. */
  readonly lag: number | null;
  readonly watermark: EventTime;
  readonly idle: boolean;
  /** When the newest records came into the log, as far as that is known: before the first ones, when the log began. Null without either. */
  readonly dataAt: WallTime | null;
  /** Bad records that were left out since the generation began (W10). */
  readonly skipped: number;
  /** Bad records that went to the dead-letter table since then. */
  readonly deadLetters: number;
  /** Records too far ahead of the clock to move the watermark. */
  readonly ahead: number;
  /** Offsets whose records the topic had removed before they were read (W7). */
  readonly lost: number;
  /** Of the partition's log in this generation. */
  readonly entries: number;
}

export interface SourceDescription {
  readonly uid: Uid;
  readonly table: string;
  readonly watermark: EventTime;
  /** The partition that holds the watermark back. */
  readonly holder: PartitionId | null;
  readonly partitions: readonly PartitionDescription[];
}

export interface OperatorDescription {
  readonly uid: Uid;
  readonly kind: 'window' | 'function';
  /** Panes of windows; keys of a function. */
  readonly entries: number;
  readonly windows: readonly OpenWindow[];
  readonly lateRows: number;
  /** Rows that functions of the program failed on, here or behind it, and that were left out or are dead letters (W10). */
  readonly failedRows: number;
  readonly states: readonly StateUse[];
  /** Null for windows. */
  readonly timers: Timers | null;
}

export interface CheckpointDescription {
  readonly seq: number;
  readonly at: WallTime;
  /** Of its chunks as they are packed; null where its entry is gone. */
  readonly bytes: number | null;
  /** Of the chunks that the one before it has not; null where the entry of either is gone. */
  readonly newBytes: number | null;
}

/** What the logs of the running generation hold. */
export interface StateDescription {
  readonly sources: readonly SourceDescription[];
  readonly operators: readonly OperatorDescription[];
  /** Size of the newest checkpoint. */
  readonly stateBytes: number;
  /** Between the checkpoints that are kept; null with fewer than two. */
  readonly growth: Growth | null;
  /** Entries that the logs of the generation have taken; each was one write to the store at least. */
  readonly entries: number;
  /** Newest first. */
  readonly checkpoints: readonly CheckpointDescription[];
  /** Until when the job can be resumed from its last state; null: as long as its data directory is there. */
  readonly resumableUntil: WallTime | null;
}

export interface JobDescription extends JobSummary {
  readonly control: JobControl;
  readonly isEnded: boolean;
  /** Null before the job has started, and where the state cannot be read. */
  readonly state: StateDescription | null;
  /** Why the state cannot be read. */
  readonly unreadable: Failure | null;
}

export async function describeJob(workshop: Workshop, id: JobId): Promise<JobDescription> {
  const { control } = await readControl(workshop.ports, id);
  const summary = await summarize(workshop, id, control);
  const isEnded = isFinal(control.status);
  try {
    const { ports } = workshopFor(workshop, await readPlan(workshop.ports, id, control.planHash));
    const job = await openControlledJob(workshop, id, control);
    return { ...summary, control, isEnded, state: await describeState(ports, job), unreadable: null };
  } catch (error) {
    if (!isError(error)) throw error;
    return { ...summary, control, isEnded, state: null, unreadable: failureOf(error) };
  }
}

async function describeState(ports: Ports, job: Job): Promise<StateDescription | null> {
  const replica = await new Firer(ports, job).load();
  if (replica === null) return null;
  const operators = await describeOperators(ports, job, replica);
  const endOf = await topicEnds(ports.source, job);
  const partitions = await inParallel(partitionsOf(replica.position), (p) => describePartition(ports, job, replica, p, endOf(p)));
  return {
    sources: describeSources(job, replica, partitions),
    operators,
    entries: replica.head.entry.seq + 1 + partitions.reduce((sum, { entries }) => sum + entries, 0),
    growth: await growthOf(ports, job, replica),
    stateBytes: bytesOf(replica.checkpoint.chunks),
    checkpoints: await checkpointsOf(ports, job, replica),
    resumableUntil: resumableUntil(job, replica),
  };
}

/** As many as are kept, newest first. */
async function checkpointsOf(ports: Ports, job: Job, { head }: Replica): Promise<CheckpointDescription[]> {
  const log = openCoordinatorLog(ports, job);
  const kept = await Promise.all(head.entry.checkpoints.map(async ({ seq, at }) => ({ seq, at, chunks: chunksIn(await log.get(seq)) })));
  return kept.map(({ seq, at, chunks }, i) => {
    const before = kept[i + 1]?.chunks ?? null;
    return { seq, at, bytes: chunks && bytesOf(chunks), newBytes: chunks && before && bytesOf(chunks.filter(({ key }) => !before.some((one) => one.key === key))) };
  });
}

const chunksIn = (entry: CoordinatorEntry | null): readonly ChunkRef[] | null => (entry?.kind === 'CHECKPOINT' ? entry.chunks : null);
const bytesOf = (chunks: readonly ChunkRef[]): number => chunks.reduce((sum, { bytes }) => sum + bytes, 0);

/** The state of the last FIRE and what the partition logs hold behind it. The replica belongs to the caller, who gives it up. */
async function describeOperators(ports: Ports, job: Job, { position, states, checkpoint }: Replica): Promise<OperatorDescription[]> {
  const tail = new Tail();
  const { fireMaxEntries, tailMaxBytes } = job.settings;
  await extendTail(ports, job, position, tail, { entries: fireMaxEntries, bytes: tailMaxBytes });
  const late = takeIn(job, position, states, tail);
  const uses = describeStates(job.dataflow.stages, states, checkpoint.chunks);
  return job.dataflow.stages.map((flow) => {
    const state = states.get(flow.uid);
    return {
      uid: flow.uid,
      kind: flow.kind === 'function' ? 'function' : 'window',
      entries: state?.paneCount() ?? 0,
      windows: state === undefined ? [] : openWindows(flow, state, watermarkOf(flow, position)),
      lateRows: lateOf(position, flow.uid) + (late[flow.uid] ?? 0),
      failedRows: position.failed[flow.uid] ?? 0,
      states: uses.get(flow.uid) ?? [],
      timers: timersOf(state),
    };
  });
}

/** What the tail holds, into the state; returns the rows that are late. Functions stay as they are: what they would do the next FIRE decides. */
function takeIn(job: Job, position: Position, states: States, tail: Tail): Readonly<Record<string, number>> {
  const step = new Step({ ...job, dataflow: { ...job.dataflow, stages: job.dataflow.operators } }, states, position, position.procTime);
  for (const entry of tail.ordered()) for (const segment of entry.segments) step.take(segment, entry.at);
  const { late, commit } = step.result();
  commit();
  return late;
}

function describeSources(job: Job, replica: Replica, partitions: readonly PartitionDescription[]): SourceDescription[] {
  return job.dataflow.sources.map(({ node, index }) => {
    const own = partitions.filter(({ id }) => partsOf(id).source === index);
    const progress = own.map(({ id, watermark, idle }): PartitionProgress => ({ partition: id, source: index, watermark, idle }));
    const { watermark } = sourceWatermark(replica.position.watermarks[index] ?? MIN_WATERMARK, progress);
    return { uid: node.uid, table: node.table, watermark, holder: holderOf(progress), partitions: own };
  });
}

async function describePartition(ports: Ports, job: Job, { position }: Replica, id: PartitionId, end: Offset | null): Promise<PartitionDescription> {
  const { topic, partition } = topicOf(job, id);
  const head = (await openPartitionLog(ports, job, id).head())?.entry ?? null;
  const entry = head ?? position.cut[id];
  const next = entry?.next ?? offset(0);
  const watermark = entry?.watermark ?? MIN_WATERMARK;
  const lag = end === null ? null : Math.max(0, end - next);
  const dataAt = head?.kind === 'DATA' ? head.at : (position.cut[id]?.dataAt ?? null);
  return { id, topic, partition, next, end, lag, watermark, dataAt, idle: position.idle.includes(id), entries: head === null ? 0 : head.seq + 1, ...(head?.passedOver ?? NOTHING_PASSED_OVER) };
}

/** C8: T3 and C5, the log's lifetime and that of the chunks that its newest checkpoint lists; a store without expiry keeps both. */
function resumableUntil({ settings }: Job, { head, checkpoint }: Replica): WallTime | null {
  if (settings.logTtlMs === Infinity) return null;
  return wallTime(Math.min(head.entry.ttl * 1000, checkpoint.safeUntil));
}
