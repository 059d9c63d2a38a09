/** The state of a job as a savepoint's content: from a checkpoint for an export, from a replica for a resume from the last state. */
import { SluiceError } from '../../core/errors.ts';
import { partsOf, wallTime, type Seq, type Uid, type WallTime } from '../../core/numbers.ts';
import { KEY_GROUPS } from '../../core/key.ts';
import { processesOf } from '../../core/plan.ts';
import { paneColumns, type PaneColumns } from '../../core/window/pane.ts';
import type { Ports } from '../../ports/ports.ts';
import type { SavepointContent, SinkState, SourcePosition } from '../../savepoint/model.ts';
import { readChunks } from '../checkpoint/chunks.ts';
import { readResult, type ResultRows } from '../firer/emit.ts';
import { fireBefore } from '../firer/replay.ts';
import { isPending, type FireEntry, type Replica } from '../firer/replica.ts';
import type { Job } from '../job.ts';
import { openCoordinatorLog } from '../log/logs.ts';
import { partitionsOf, type Position } from '../position.ts';
import type { JobControl } from './job-control.ts';

/** What identifies the content besides the state. */
export interface ContentFrame {
  readonly job: Job;
  readonly control: JobControl;
  readonly triggerId: string;
  readonly createdAt: WallTime;
  readonly drained: boolean;
}

type Panes = ReadonlyMap<Uid, readonly PaneColumns[]>;

/** The content of one CHECKPOINT; chunks are read and verified again (C6). */
export async function contentOfCheckpoint(ports: Pick<Ports, 'log' | 'chunks' | 'blob' | 'runtime' | 'codec'>, frame: ContentFrame, at: Seq): Promise<SavepointContent> {
  const { job } = frame;
  const log = openCoordinatorLog(ports, job);
  const entry = await log.get(at);
  if (entry?.kind !== 'CHECKPOINT') throw missing(`checkpoint ${at} of ${log.key}`);
  const panes = new Map<Uid, PaneColumns[]>();
  for (const [i, chunk] of (await readChunks(ports, job, entry.chunks)).entries()) {
    if (chunk === null) throw missing(`chunk ${entry.chunks[i]?.key}`);
    for (const [operator, columns] of chunk) panes.set(operator, [...(panes.get(operator) ?? []), columns]);
  }
  const pending = entry.pending.length === 0 ? null : await pendingOf(ports, await fireBefore(log, at), entry.pending);
  return assemble(frame, entry.position, panes, pending);
}

/** The content of a replica that has caught up with its log. Which sinks have a pending FIRE is not known: any may lack it (F14). */
export async function contentOfReplica(ports: Pick<Ports, 'blob' | 'codec'>, frame: ContentFrame, replica: Replica): Promise<SavepointContent> {
  const panes = new Map<Uid, PaneColumns[]>();
  for (const [operator, state] of replica.states) {
    panes.set(operator, state.sliceEnds().map((end) => paneColumns(end, state.panesAt(end), state.aggregates)));
  }
  const fire = isPending(replica) ? replica.lastFire : null;
  const pending = fire === null ? null : await pendingOf(ports, fire, Object.keys(fire.result.rows));
  return assemble(frame, replica.position, panes, pending);
}

/** FIRE f and its rows for the sinks that have not confirmed them (F14). */
interface Pending {
  readonly fire: FireEntry;
  readonly rows: ResultRows;
}

async function pendingOf(ports: Pick<Ports, 'blob' | 'codec'>, fire: FireEntry, sinks: readonly string[]): Promise<Pending> {
  const rows = await readResult(ports, fire);
  return { fire, rows: Object.fromEntries(sinks.map((uid) => [uid, rows[uid] ?? []])) };
}

function assemble(frame: ContentFrame, position: Position, panes: Panes, pending: Pending | null): SavepointContent {
  const { job, control } = frame;
  const { plan, operators, sinks } = job.dataflow;
  return {
    job: job.id,
    name: control.name,
    lineage: control.lineage,
    generation: job.g,
    triggerId: frame.triggerId,
    createdAt: frame.createdAt,
    drained: frame.drained || position.drained,
    position: { ...position, procTime: latestTime(position) },
    plan,
    planHash: control.planHash,
    sources: sourcePositions(job, position),
    sinks: sinks.map((sink) => ({ uid: sink.uid, type: sink.connector, ...sinkState(job, position, pending, sink.uid) })),
    operators: operators.map((o) => ({ uid: o.uid, node: o.node, panes: panes.get(o.uid) ?? [] })),
    functions: processesOf(plan).map((node) => ({ uid: node.uid, node, panes: panes.get(node.uid) ?? [] })),
    keyGroups: KEY_GROUPS,
  };
}

/** Functions in the writer may have seen a later one than the FIREs: it does not run back (K3). */
const latestTime = ({ procTime, cut }: Position): WallTime => wallTime(Math.max(procTime, ...Object.values(cut).map(({ functionTime }) => functionTime?.procTime ?? 0)));

function sinkState(job: Job, position: Position, pending: Pending | null, sink: string): Pick<SinkState, 'position' | 'pending' | 'pendingOf' | 'pendingRows'> {
  const rows = pending?.rows[sink];
  const f = (rows === undefined ? position.lastEmitted : pending?.fire.result.previous)?.[sink];
  const at = f === undefined ? null : { g: job.g, f };
  if (pending === null || rows === undefined) return { position: at, pending: false };
  const pendingOf = pending.fire.result.repeats ?? { job: job.id, g: job.g, f: position.f };
  return { position: at, pending: true, pendingOf, pendingRows: rows };
}

function sourcePositions(job: Job, position: Position): SourcePosition[] {
  return job.dataflow.sources.flatMap((source) =>
    source.node.topics.map((topic, t) => ({
      uid: source.node.uid,
      index: source.index,
      topic,
      topicId: job.topicIds[topic] ?? null,
      partitions: partitionsOfTopic(position, source.index, t),
    })),
  );
}

function partitionsOfTopic(position: Position, source: number, topic: number): SourcePosition['partitions'] {
  return partitionsOf(position)
    .map((p) => ({ p, parts: partsOf(p) }))
    .filter(({ parts }) => parts.source === source && parts.topic === topic)
    .sort((a, b) => a.parts.partition - b.parts.partition)
    .flatMap(({ p, parts }) => {
      const cut = position.cut[p];
      if (cut === undefined) return [];
      return [{ partition: parts.partition, next: cut.next, watermark: cut.watermark, idle: position.idle.includes(p), dataAt: cut.dataAt }];
    });
}

function missing(what: string): SluiceError {
  return new SluiceError('CHECKPOINT_CHUNK_MISSING', { message: `${what} is missing or damaged`, hint: 'resume the job from a savepoint' });
}

