/** The state of a job as a savepoint's content: from a checkpoint for an export, from a replica for a resume from the last state. */
import { SluiceError } from '../../core/errors.ts';
import { partsOf, type Seq, type Uid, type WallTime } from '../../core/numbers.ts';
import { KEY_GROUPS } from '../../core/key.ts';
import { paneColumns, type PaneColumns } from '../../core/window/pane.ts';
import type { Ports } from '../../ports/ports.ts';
import type { SavepointContent, SourcePosition } from '../../savepoint/model.ts';
import { readChunk } from '../checkpoint/chunks.ts';
import type { Replica } from '../firer/replica.ts';
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
  for (const ref of entry.chunks) {
    const chunk = await readChunk(ports, job, ref);
    if (chunk === null) throw missing(`chunk ${ref.key}`);
    for (const [operator, columns] of chunk) panes.set(operator, [...(panes.get(operator) ?? []), columns]);
  }
  return assemble(frame, entry.position, panes, entry.pending);
}

/** The content of a replica that has caught up with its log. */
export function contentOfReplica(frame: ContentFrame, replica: Replica): SavepointContent {
  const panes = new Map<Uid, PaneColumns[]>();
  for (const [operator, state] of replica.states) {
    panes.set(operator, state.sliceEnds().map((end) => paneColumns(end, state.panesAt(end), state.aggregates)));
  }
  return assemble(frame, replica.position, panes, []);
}

function assemble(frame: ContentFrame, position: Position, panes: Panes, pending: readonly string[]): SavepointContent {
  const { job, control } = frame;
  const { plan, operators, sinks } = job.dataflow;
  return {
    job: job.id,
    name: control.name,
    lineage: control.lineage,
    generation: job.g,
    triggerId: frame.triggerId,
    createdAt: frame.createdAt,
    drained: frame.drained,
    position,
    plan,
    planHash: control.planHash,
    sources: sourcePositions(job, position),
    sinks: sinks.map((sink) => {
      const f = position.lastEmitted[sink.uid];
      return { uid: sink.uid, type: sink.connector, position: f === undefined ? null : { g: job.g, f }, pending: pending.includes(sink.uid) };
    }),
    operators: operators.map((o) => ({ uid: o.uid, node: o.node, panes: panes.get(o.uid) ?? [] })),
    keyGroups: KEY_GROUPS,
  };
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

