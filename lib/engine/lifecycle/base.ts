/** The base of a resume or fork: read it, verify it against the plan and the topics, before anything is changed (protocol 11.5 step 1). */
import { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { Plan, SourceNode } from '../../core/plan.ts';
import { sourcesOf } from '../../core/plan.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Code } from '../../core/process/code.ts';
import { assertCompatible, compareState } from '../../savepoint/compatibility.ts';
import { statesDeclaredIn } from '../../savepoint/function-compatibility.ts';
import { recognize } from '../../savepoint/recognition.ts';
import type { SavepointContent, SourcePosition } from '../../savepoint/model.ts';
import { headOf, type SavepointHead } from '../../savepoint/metadata.ts';
import { locationOf } from '../../savepoint/location.ts';
import { openSavepoint } from '../../savepoint/open.ts';
import { describeSavepoint, verifySavepoint } from '../../savepoint/verify.ts';
import { Firer } from '../firer/firer.ts';
import { openCoordinatorLog } from '../log/logs.ts';
import { contentOfReplica } from './content.ts';
import { openControlledJob, readControl, type Base, type Workshop } from './job-control.ts';
import { requirePendingFits } from './pending.ts';
import { requireSameTargets } from './same-target.ts';

/** The base's state. `job` owns the generation that `last-state` names; it must have been closed or never be written again. */
export async function readBase(workshop: Workshop, job: JobId, base: Base): Promise<SavepointContent> {
  if (base.kind === 'savepoint') return readSavepoint(workshop.ports, base.path);
  const { ports } = workshop;
  const { control } = await readControl(ports, job);
  const previous = await openControlledJob(workshop, job, { ...control, gen: base.g, planHash: base.planHash });
  const replica = await new Firer(ports, previous).load();
  // It has begun, or it would be nobody's last state: the store has dropped even its newest entry (C8).
  if (replica === null) throw openCoordinatorLog(ports, previous).lostError();
  const { drained } = replica.position;
  const frame = { job: previous, control: { ...control, planHash: base.planHash }, triggerId: '', createdAt: ports.runtime.now(), drained };
  return contentOfReplica(ports, frame, replica);
}

/** What a base must be judged by, its files verified by their hashes; the panes of a savepoint are read when the generation starts. */
export async function readBaseHead(workshop: Workshop, job: JobId, base: Base): Promise<SavepointHead> {
  if (base.kind === 'last-state') return readBase(workshop, job, base);
  const directory = locationOf(base.path);
  const { ports } = workshop;
  return headOf(await verifySavepoint({ blob: ports.openDirectory(directory), codec: ports.codec }, directory));
}

/** What the rows that sinks lacked when the base was taken are judged by; no file of a savepoint is verified, but its manifest (F14). */
export async function describeBase(workshop: Workshop, job: JobId, base: Base): Promise<SavepointHead> {
  if (base.kind === 'last-state') return readBase(workshop, job, base);
  const directory = locationOf(base.path);
  const { ports } = workshop;
  return headOf(await describeSavepoint({ blob: ports.openDirectory(directory), codec: ports.codec }, directory));
}

/** Opens a savepoint and checks every file of it; `path` is the directory or its `_metadata`. */
export async function readSavepoint(ports: Pick<Ports, 'openDirectory' | 'codec'>, path: string): Promise<SavepointContent> {
  const directory = locationOf(path);
  return (await openSavepoint({ blob: ports.openDirectory(directory), codec: ports.codec }, directory)).content;
}

export interface BaseRules {
  readonly allowNonRestored: boolean;
  readonly allowOffsetGap: boolean;
  /** The program of the plan that goes on: it has the migrations (V4). */
  readonly code: Code;
}

/** A plan that goes on from a base. */
export interface Successor {
  /** With the uids of the base: the one to run. */
  readonly plan: Plan;
  /** State that nothing in it takes, for CTRL (V3). */
  readonly dropped: readonly string[];
}

/** Refuses a base that does not fit. */
export async function verifyBase(ports: Ports, content: SavepointHead, wanted: Plan, rules: BaseRules): Promise<Successor> {
  if (content.drained) {
    throw new SluiceError('SAVEPOINT_DRAINED', {
      message: 'the job was drained when this state was taken: its windows were emitted before their end',
      hint: 'resume from a savepoint that was taken without --drain',
    });
  }
  const { plan } = recognize(content.plan, wanted);
  const comparison = compareState(content.plan, plan, statesDeclaredIn(rules.code));
  assertCompatible(comparison, { allowNonRestored: rules.allowNonRestored });
  const undelivered = requirePendingFits(content, plan, rules.allowNonRestored);
  requireSameTargets(content, plan);
  for (const node of sourcesOf(plan)) {
    for (const source of content.sources.filter((s) => s.uid === node.uid)) await verifyTopic(ports, node, source, rules);
  }
  return { plan, dropped: [...comparison.dropped.map((d) => `${d.uid}.${d.state}`), ...undelivered] };
}

async function verifyTopic(ports: Ports, node: SourceNode, source: SourcePosition, rules: BaseRules): Promise<void> {
  if (!node.topics.includes(source.topic)) return;
  const info = await ports.source.topic(source.topic);
  if (info === null) throw new SluiceError('TOPIC_UNKNOWN', { message: `topic ${source.topic}, which the state reads, does not exist` });
  if (source.topicId !== null && info.id !== source.topicId) {
    throw new SluiceError('TOPIC_RECREATED', {
      message: `topic ${source.topic} was deleted and created again since the state was taken`,
      hint: 'submit the job again: positions in the old topic mean nothing in the new one',
    });
  }
  for (const { partition, next } of source.partitions) {
    const found = info.partitions.find((p) => p.partition === partition);
    if (found === undefined) throw new SluiceError('TOPIC_TRUNCATED', { message: `${source.topic}-${partition}, which the state reads, does not exist` });
    await ports.source.verify?.(source.topic, partition, next);
    if (found.end < next) {
      throw new SluiceError('TOPIC_TRUNCATED', { message: `${source.topic}-${partition} ends at ${found.end}, the state has read up to ${next}` });
    }
    if (found.earliest > next && !rules.allowOffsetGap) {
      throw new SluiceError('OFFSET_GAP', {
        message: `${source.topic}-${partition}: records from ${next} to ${found.earliest} are gone`,
        hint: 'pass --allow-offset-gap to go on without them',
      });
    }
  }
}
