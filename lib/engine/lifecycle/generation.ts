/**
 * Starting a generation (protocol 11.1 steps 2-4, 11.5 steps 5 and 6): INIT of every partition log, INIT of the coordinator log with the
 * position of the base, and a first, full CHECKPOINT of the base's panes in the generation's own namespace. Every write is a Put under
 * a derived id or a known place, so the step can be repeated by anyone.
 */
import { assert, SluiceError } from '../../core/errors.ts';
import { fireNumber, offset, partitionId, partsOf, seq, wallTime, type Offset, type PartitionId, type WallTime } from '../../core/numbers.ts';
import { MIN_WATERMARK } from '../../core/watermark.ts';
import type { Ports } from '../../ports/ports.ts';
import type { RestoreTime } from '../../savepoint/evolve-functions.ts';
import { evolvePanes } from '../../savepoint/evolution.ts';
import { underNextUids } from '../../savepoint/former-functions.ts';
import type { SavepointContent, SourcePosition } from '../../savepoint/model.ts';
import { takeCheckpoint } from '../checkpoint/take.ts';
import { beginPartition } from '../coordinator.ts';
import { replicaAt } from '../checkpoint/load.ts';
import { catchUp } from '../firer/replay.ts';
import type { States } from '../firer/evaluate.ts';
import { emptyStates } from '../firer/replica.ts';
import { Tail } from '../firer/tail.ts';
import { partitionIdsOf, topicOf, type Job } from '../job.ts';
import { coordinatorLog, groupOf } from '../keys.ts';
import { openCoordinatorLog, openPartitionLog, type CoordinatorLog } from '../log/logs.ts';
import { stampNow } from '../log/stamp.ts';
import { inParallel } from '../parallel.ts';
import { partitionsOf, type PartitionCut, type Position } from '../position.ts';
import { functionsOf, partitionAdded } from '../pre-partitioned.ts';
import type { CoordinatorEntry } from '../log/entries.ts';
import { appendPendingFire } from './pending.ts';
import { restoreFunctions } from './restored-functions.ts';
import { restoredBase } from './restored-watermarks.ts';

type InitEntry = Extract<CoordinatorEntry, { kind: 'INIT' }>;
type BasePartition = SourcePosition['partitions'][number];

const ATTEMPTS_MAX = 16;

/** One partition of the plan, with what the base knows of it. */
interface Assignment {
  readonly p: PartitionId;
  readonly source: number;
  readonly topic: string;
  readonly partition: number;
  readonly base: BasePartition | null;
  /** The base knows the source, if not this partition: it was added since. */
  readonly isAdded: boolean;
}

export interface StartRules {
  readonly allowOffsetGap: boolean;
  /** Sinks that the rows of the base's last FIRE are handed over to (F14). */
  readonly lacking: readonly string[];
  /** The TTL of state has not gone on while the job was stopped (V7). Absent: it has. */
  readonly pauseTtl?: boolean;
}

export async function startGeneration(ports: Ports, job: Job, from: SavepointContent | null, rules: StartRules = { allowOffsetGap: false, lacking: [] }): Promise<void> {
  const base = from === null ? null : underNextUids(restoredBase(job.dataflow.plan, from), job.dataflow.plan);
  const assignments = await assignPartitions(ports, job, base);
  for (const { p, isAdded, base: known } of assignments) if (isAdded && known === null && functionsOf(job, p).length > 0) throw partitionAdded(job, p);
  const begun = await inParallel(assignments, async (a) => [a.p, await initPartition(ports, job, a, rules.allowOffsetGap)] as const);
  const cuts: Record<PartitionId, PartitionCut> = Object.fromEntries(begun);
  const log = openCoordinatorLog(ports, job);
  const init = await initCoordinator(ports, job, log, firstPosition(job, assignments, { cuts, now: ports.runtime.now(), pauseTtl: rules.pauseTtl === true }, base), base !== null);
  if (base !== null) await restore(ports, job, log, init, base, rules);
}

/**
 * L2: the new consumer groups begin where the partition logs begin. Sources over one topic share what is delivered, and their logs need not
 * have been cut at the same record: each group begins where the least advanced of them does, and what another has is a duplicate to it (W6).
 */
export async function commitStartOffsets(ports: Ports, job: Job): Promise<void> {
  const init = await openCoordinatorLog(ports, job).get(seq(0));
  if (init?.kind !== 'INIT') return;
  const { cut } = init.position;
  await inParallel(partitionsOf(init.position), async (p) => {
    const { topic, partition } = topicOf(job, p);
    const group = groupOf(job.id, job.g, partsOf(p).source, topic);
    const starts = partitionIdsOf(job, topic, partition).flatMap((id) => cut[id]?.next ?? []);
    await ports.offsets.commit(group, topic, partition, offset(Math.min(...starts)));
  });
}

async function assignPartitions(ports: Ports, job: Job, base: SavepointContent | null): Promise<Assignment[]> {
  const assignments: Assignment[] = [];
  for (const source of job.dataflow.sources) {
    const isAdded = base?.sources.some((s) => s.uid === source.node.uid) ?? false;
    for (const [t, topic] of source.node.topics.entries()) {
      const info = await ports.source.topic(topic);
      if (info === null) throw new SluiceError('TOPIC_UNKNOWN', { message: `topic ${topic} does not exist`, hint: `sluice topic create ${topic}` });
      const known = base?.sources.find((s) => s.uid === source.node.uid && s.topic === topic)?.partitions ?? [];
      for (const { partition } of info.partitions) {
        const p = partitionId(source.index, t, partition);
        assignments.push({ p, source: source.index, topic, partition, base: known.find((k) => k.partition === partition) ?? null, isAdded });
      }
    }
  }
  return assignments;
}

/** Partitions that a source of the base did not have start at their earliest offset; in a new source the startup mode decides (11.1, 11.5). */
async function initPartition(ports: Ports, job: Job, a: Assignment, allowOffsetGap: boolean): Promise<PartitionCut> {
  const existing = await openPartitionLog(ports, job, a.p).get(seq(0));
  const next = existing?.next ?? (await startingOffset(ports, job, a, allowOffsetGap));
  const cut = await beginPartition(ports, job, a.p, next, a.base?.watermark ?? MIN_WATERMARK);
  // E7: an idle partition of the base has been idle since then.
  return a.base?.idle === true ? { ...cut, dataAt: a.base.dataAt } : cut;
}

async function startingOffset(ports: Ports, job: Job, a: Assignment, allowOffsetGap: boolean): Promise<Offset> {
  const earliest = () => ports.source.startOffset(a.topic, a.partition, { kind: 'earliest-offset' });
  if (a.base !== null) return afterGap(a, a.base.next, await earliest(), allowOffsetGap);
  const mode = job.dataflow.sources[a.source]?.node.startup;
  assert(mode, `the plan has no source ${a.source}`);
  return a.isAdded ? earliest() : ports.source.startOffset(a.topic, a.partition, mode);
}

/** Records may have expired since the request was verified. */
function afterGap(a: Assignment, next: Offset, earliest: Offset, allowOffsetGap: boolean): Offset {
  if (earliest <= next) return next;
  if (allowOffsetGap) return earliest;
  throw new SluiceError('OFFSET_GAP', {
    message: `${a.topic}-${a.partition}: records from ${next} to ${earliest} are gone`,
    hint: 'resume with --allow-offset-gap to go on without them',
  });
}

/** What a first position does not get from its base. */
interface Beginning {
  readonly cuts: Position['cut'];
  readonly now: WallTime;
  readonly pauseTtl: boolean;
}

/** E7: watermarks, late counts and the idle set come from the base; sources and operators are matched by uid (F5, V1). */
function firstPosition(job: Job, assignments: readonly Assignment[], { cuts, now, pauseTtl }: Beginning, base: SavepointContent | null): Position {
  const { sources, stages } = job.dataflow;
  const from = base?.position;
  const ttlPausedTo = pauseTtl && from !== undefined ? later(now, from.procTime) : from?.ttlPausedTo;
  const indexOf = (uid: string): number => base?.sources.find((s) => s.uid === uid)?.index ?? -1;
  const ofOperators = <T>(values: Readonly<Record<string, T>> | undefined): Record<string, T> =>
    Object.fromEntries(Object.entries(values ?? {}).filter(([uid]) => stages.some((stage) => stage.uid === uid)));
  return {
    f: from?.f ?? fireNumber(0),
    watermarks: sources.map((s) => from?.watermarks[indexOf(s.node.uid)] ?? MIN_WATERMARK),
    operatorWatermarks: ofOperators(from?.operatorWatermarks),
    procTime: from?.procTime ?? now,
    ...(ttlPausedTo === undefined ? {} : { ttlPausedTo }),
    late: ofOperators(from?.late),
    failed: {},
    idle: assignments.filter((a) => a.base?.idle === true).map((a) => a.p),
    lastEmitted: from?.lastEmitted ?? {},
    drained: false,
    cut: cuts,
  };
}

async function initCoordinator(ports: Ports, job: Job, log: CoordinatorLog, position: Position, restores: boolean): Promise<InitEntry> {
  const id = ports.codec.sha256(coordinatorLog(job.id, job.g)).slice(0, 16);
  await log.append(null, log.next(null, { kind: 'INIT', position, restores, checkpoints: [] }, id));
  const stored = await log.get(seq(0));
  if (stored?.kind !== 'INIT') throw new SluiceError('CONTENTION', { message: `INIT of ${log.key} is not confirmed yet` });
  return stored;
}

/**
 * NO_CLAIM (14.4): behind this CHECKPOINT the generation has begun and no longer needs the base. Rows that sinks lack are in a FIRE
 * before it, for which the CHECKPOINT shows these sinks as pending: whoever loads it emits them first (F14).
 */
async function restore(ports: Ports, job: Job, log: CoordinatorLog, init: InitEntry, base: SavepointContent, { lacking, pauseTtl = false }: StartRules): Promise<void> {
  const replica = replicaAt(init, stampNow(ports), restoredStates(job, init, base, timeOf(init, base, pauseTtl)), Infinity);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    // Until the CHECKPOINT is there, nothing but registrations, this step's own FIRE and a CLOSE can come in between.
    await catchUp(ports, job, log, replica, new Tail());
    if (replica.closed || replica.head.entry.checkpoints.length > 0) return;
    if (lacking.length > 0 && replica.lastFire === null) await appendPendingFire(ports, job, log, replica, base, lacking);
    else if (await takeCheckpoint(ports, job, log, replica, lacking.length === 0 ? null : { sinks: lacking, barrier: null })) return;
  }
  throw new SluiceError('CONTENTION', { message: `the first checkpoint of ${log.key} was not confirmed` });
}

/** The base's state as the plan wants it (V4). It is keyed, so it does not matter how many key groups the base had (V6). */
function restoredStates({ dataflow }: Job, { position }: InitEntry, base: SavepointContent, time: RestoreTime): States {
  const states = emptyStates(dataflow);
  for (const { node } of dataflow.operators) {
    for (const from of base.operators.filter(({ uid }) => uid === node.uid)) {
      for (const columns of from.panes) states.get(node.uid)?.merge(evolvePanes(columns, from.node, node));
    }
  }
  restoreFunctions(states, dataflow.functions, { functions: base.functions, partitions: partitionsOf(position), time });
  return states;
}

/**
 * INIT is written once, whoever repeats the step: its time is that of the restore. The stop began where processing time stood, or where the last resume has moved
 * times to, if no FIRE has come since.
 */
function timeOf({ at, position }: InitEntry, { position: { procTime, ttlPausedTo = procTime } }: SavepointContent, pauseTtl: boolean): RestoreTime {
  const now = later(at, procTime);
  return { now, shiftMs: pauseTtl ? Math.max(0, (position.ttlPausedTo ?? now) - later(procTime, ttlPausedTo)) : 0 };
}

const later = (a: WallTime, b: WallTime): WallTime => wallTime(Math.max(a, b));
