/** Creating, forking and resuming jobs (protocol 11.1, 11.5, 11.6): requests that verify and record, and the steps that follow. */
import { SluiceError, StoreError } from '../../core/errors.ts';
import { requireValuesOnly } from '../../core/format/beside.ts';
import { generation, jobId, type JobId } from '../../core/numbers.ts';
import { sinksOf, sourcesOf, type Plan } from '../../core/plan.ts';
import type { Ports } from '../../ports/ports.ts';
import type { SavepointHead } from '../../savepoint/metadata.ts';
import { resolveBounds } from '../bounded.ts';
import { policiesOf } from '../policies.ts';
import { jobListKey, controlKey } from '../keys.ts';
import { openCoordinatorLog } from '../log/logs.ts';
import { describeBase, readBase, readBaseHead, verifyBase, type Successor } from './base.ts';
import { closeControlled } from './close.ts';
import { commitStartOffsets, startGeneration, type StartRules } from './generation.ts';
import {
  isFinal,
  openControlledJob,
  programOf,
  readControl,
  readPlan,
  recordGeneration,
  replaceControl,
  storePlan,
  type Base,
  type Begun,
  type JobControl,
  type Operation,
  type VersionedControl,
  type WorkflowStep,
  type Workshop,
  workshopFor,
} from './job-control.ts';
import { attachConsumers } from './consumers.ts';
import { busy, isRequested } from './operation.ts';
import { fenceParent, fenceSinks } from './pending.ts';
import { refuseSharedItems } from './shared-items.ts';

export interface StartOptions {
  /** Savepoint to fork from; null for a job without state. */
  readonly savepoint: string | null;
  readonly allowNonRestored: boolean;
  /** See `ResumeOptions`. */
  readonly pauseTtl?: boolean;
  /** Id of the new job; default: a random one. */
  readonly job?: JobId;
  /** The same request again finds the job that it has created. */
  readonly request?: string;
}

/**
 * Records a new job; its steps are executed by whoever comes (`runOperation`). Nothing exists if this throws. Throws JOB_STATE if another
 * request has created a job with this id.
 */
export async function requestCreate(given: Workshop, wanted: Plan, options: StartOptions): Promise<JobId> {
  const { ports, place } = workshopFor(given, wanted);
  const id = options.job ?? jobId(ports.runtime.randomHex(16));
  const request = options.request ?? ports.runtime.randomHex(16);
  if (options.job !== undefined && (await isCreated(ports, id, request))) return id;
  const topicIds = await resolveTopics(ports, wanted);
  await requireSinks(ports, id, wanted);
  const base: Base | null = options.savepoint === null ? null : { kind: 'savepoint', path: options.savepoint };
  const content = base === null ? null : await readBaseHead({ ports, place }, id, base);
  const rules = { allowNonRestored: options.allowNonRestored, allowOffsetGap: false, code: await programOf(given, wanted) };
  if (content !== null) await refuseSharedItems(ports, wanted, content);
  const { plan, dropped } = content === null ? { plan: wanted, dropped: [] } : await verifyBase(ports, content, wanted, rules);
  const now = ports.runtime.now();
  const control: JobControl = {
    gen: generation(content === null ? 0 : content.generation + 1),
    status: 'CREATED',
    name: plan.name,
    planHash: await storePlan(ports, id, plan),
    topicIds,
    bounds: await resolveBounds(ports, plan),
    lineage: content === null ? [] : [...content.lineage, content.job],
    createdAt: now,
    changedAt: now,
    operation: { kind: 'create', id: request, step: base === null ? 'start' : 'fence', base, ...(options.pauseTtl === true && { pauseTtl: true }), lacking: [] },
    last: null,
    createdBy: request,
    replaced: null,
    begun: null,
    failure: null,
    savepoints: [],
    restored: base === null ? null : { from: options.savepoint ?? '', dropped },
  };
  await ports.control.put(jobListKey(id), JSON.stringify({ name: plan.name, createdAt: now, planHash: control.planHash }), 'absent');
  await putControl(ports, id, control);
  return id;
}

/** Throws JOB_STATE where the id is somebody else's. */
async function isCreated(ports: Pick<Ports, 'control'>, id: JobId, request: string): Promise<boolean> {
  const item = await ports.control.get(controlKey(id));
  if (item === null) return false;
  const control: JobControl = JSON.parse(item.body);
  if (control.createdBy === request) return true;
  throw new SluiceError('JOB_STATE', { message: `there is a job ${id} already: ${control.name}, ${control.status}`, hint: 'choose another id, or upgrade the job that is there' });
}

/** The commit point of a creation. Where it is not known whether the item is there, or somebody else was faster, only a look tells. */
async function putControl(ports: Pick<Ports, 'control'>, id: JobId, control: JobControl): Promise<void> {
  try {
    const { kind } = await ports.control.put(controlKey(id), JSON.stringify(control), 'absent');
    if (kind !== 'stored') await isCreated(ports, id, control.createdBy);
  } catch (error) {
    if (!(error instanceof StoreError) || error.happened === 'no') throw error;
    if (!(await isCreated(ports, id, control.createdBy))) throw error;
  }
}

export interface ResumeOptions {
  /** null: the last state. */
  readonly savepoint: string | null;
  /** null: the plan that the job has. */
  readonly plan: Plan | null;
  readonly allowNonRestored: boolean;
  readonly allowOffsetGap: boolean;
  /** The TTL of state goes on from where it was when the base was taken (V7). Default: the time since then counts. */
  readonly pauseTtl?: boolean;
  readonly request?: string;
  /** The plan that it replaces is kept, for the case that the upgrade is taken back. */
  readonly upgrades?: boolean;
  /** A sink that somebody has to mend fails the resume: there is another plan to go back to. Default: it waits for that. */
  readonly failsFast?: boolean;
  /** CTRL as it was judged by; what has changed since refuses the request. Default: as it is now. */
  readonly was?: VersionedControl;
}

/** Records a resume under the next generation. Nothing has changed if this throws. */
export async function requestResume(given: Workshop, id: JobId, options: ResumeOptions): Promise<void> {
  const was = options.was ?? (await readControl(given.ports, id));
  const { control } = was;
  if (isRequested(control, options.request)) return;
  const { ports, base, begun, content, plan, dropped } = await prepareResume(given, id, control, options);
  const planHash = await storePlan(ports, id, plan);
  const recorded = await replaceControl(ports, id, was, {
    gen: generation(Math.max(control.gen, content.job === id ? content.generation : 0) + 1),
    status: 'RESTARTING',
    planHash,
    name: plan.name,
    ...(options.upgrades === true && options.savepoint !== null ? { replaced: { planHash: control.planHash, savepoint: options.savepoint, at: ports.runtime.now() } } : {}),
    topicIds: await resolveTopics(ports, plan),
    // The same plan goes on to the ends that it had; another one has its own.
    ...(options.plan === null ? {} : { bounds: await resolveBounds(ports, plan) }),
    operation: {
      kind: 'resume',
      id: options.request ?? ports.runtime.randomHex(16),
      step: 'close',
      base,
      closing: begun,
      allowOffsetGap: options.allowOffsetGap,
      ...(options.pauseTtl === true && { pauseTtl: true }),
      ...(options.failsFast === true && { failsFast: true }),
      lacking: [],
    },
    failure: null,
    restored: { from: options.savepoint ?? `generation ${begun.g}`, dropped },
  });
  if (!recorded) throw busy(id, null);
}

/** Would a resume be recorded? Throws what keeps it from that. Nothing changes. */
export async function checkResume(given: Workshop, id: JobId, options: ResumeOptions): Promise<void> {
  const { ports, plan } = await prepareResume(given, id, (await readControl(given.ports, id)).control, options);
  await resolveTopics(ports, plan);
}

interface PreparedResume extends Successor {
  /** Those of the plan. */
  readonly ports: Ports;
  readonly base: Base;
  readonly begun: Begun;
  readonly content: SavepointHead;
}

async function prepareResume(given: Workshop, id: JobId, control: JobControl, options: ResumeOptions): Promise<PreparedResume> {
  if (control.operation !== null) throw busy(id, control.operation);
  if (options.savepoint === null && !isFinal(control.status)) {
    throw new SluiceError('JOB_STATE', { message: `job ${id} is ${control.status}: there is nothing to resume`, hint: 'cancel or stop it first, or name a savepoint with --from' });
  }
  const { begun } = control;
  if (begun === null) throw new SluiceError('JOB_STATE', { message: `job ${id} never ran: it has no state to go on from`, hint: 'submit it again' });
  const wanted = options.plan ?? (await readPlan(given.ports, id, control.planHash));
  const workshop = workshopFor(given, wanted);
  const { ports } = workshop;
  const base: Base = options.savepoint === null ? { kind: 'last-state', ...begun } : { kind: 'savepoint', path: options.savepoint };
  const content = await readBaseHead(workshop, id, base);
  const { plan, dropped } = await verifyBase(ports, content, wanted, { ...options, code: await programOf(given, wanted) });
  await requireSinks(ports, id, plan);
  return { ports, base, begun, content, plan, dropped };
}

/**
 * Ids of the topics of a plan. A topic that does not exist, or does not have what the plan reads, is the user's mistake; one without an id must be
 * accepted by name (W6).
 */
export async function resolveTopics(ports: Pick<Ports, 'source'>, plan: Plan): Promise<Record<string, string | null>> {
  const { topicIdentity } = policiesOf(plan);
  const ids: Record<string, string | null> = {};
  for (const topic of new Set(sourcesOf(plan).flatMap((s) => s.topics))) {
    const info = await ports.source.topic(topic);
    if (info === null) throw new SluiceError('TOPIC_UNKNOWN', { message: `topic ${topic} does not exist`, hint: `create it with: sluice topic create ${topic}` });
    if (ports.source.recordsHave === 'values') for (const node of sourcesOf(plan)) if (node.connector === 'kafka' && node.topics.includes(topic)) requireValuesOnly(node, topic);
    if (info.id === null && topicIdentity === 'topic-id') throw withoutId(topic);
    ids[topic] = info.id;
  }
  return ids;
}

/** A sink that this place cannot have is the user's mistake now, not that of the first row. Nothing is written. */
async function requireSinks(ports: Pick<Ports, 'sinks'>, id: JobId, plan: Plan): Promise<void> {
  for (const node of sinksOf(plan)) await ports.sinks.open(id, node);
}

const withoutId = (topic: string): SluiceError =>
  new SluiceError('OPTION_INVALID', {
    message: `topic ${topic} has no id, as with brokers before 2.8: if it were deleted and created again, nobody would notice`,
    hint: "accept that with SET 'sluice.topic-identity' = 'offsets-only'",
    details: { topic },
  });

/** 11.1, 11.6: a job without state has nobody to fence. */
export async function stepCreate(workshop: Workshop, id: JobId, was: VersionedControl, operation: Extract<Operation, { kind: 'create' }>): Promise<WorkflowStep> {
  const { step, base, lacking, pauseTtl = false } = operation;
  if (step === 'fence' && base !== null) {
    const job = await openControlledJob(workshop, id, was.control);
    return { next: { ...operation, step: 'start', lacking: await fenceParent(workshop.ports, job, await describeBase(workshop, id, base), { since: was.control.changedAt }) } };
  }
  if (step === 'attach') return stepAttach(workshop, id, was);
  return { next: { ...operation, step: 'attach' }, control: await start(workshop, id, was, base, { allowOffsetGap: false, lacking, pauseTtl }) };
}

/** L1: the old generation is closed and its sinks are fenced before the new one begins. */
export async function stepResume(workshop: Workshop, id: JobId, was: VersionedControl, operation: Extract<Operation, { kind: 'resume' }>): Promise<WorkflowStep> {
  switch (operation.step) {
    case 'close': {
      const { g, planHash } = operation.closing;
      await closeControlled(workshop, id, { ...was.control, gen: g, planHash });
      return { next: { ...operation, step: 'fence' } };
    }
    case 'fence': {
      const job = await openControlledJob(workshop, id, was.control);
      return { next: { ...operation, step: 'start', lacking: await fenceSinks(workshop.ports, job, await describeBase(workshop, id, operation.base), { since: was.control.changedAt, failsFast: operation.failsFast === true }) } };
    }
    case 'start':
      return { next: { ...operation, step: 'attach' }, control: await start(workshop, id, was, operation.base, operation) };
    case 'attach': {
      const { next, control } = await stepAttach(workshop, id, was);
      return operation.cause === undefined ? { next, control } : { next, control, failure: operation.cause };
    }
  }
}

/** 11.1 steps 5-7, 11.5 steps 7 and 8: from here on records arrive, and what ended takes no more. */
async function stepAttach(workshop: Workshop, id: JobId, was: VersionedControl): Promise<{ next: null; control: Partial<JobControl> }> {
  await attachConsumers(workshop.ports, await openControlledJob(workshop, id, was.control));
  return { next: null, control: { status: 'RUNNING' } };
}

/** What changes in CTRL once the logs of the generation have begun. */
async function start(workshop: Workshop, id: JobId, was: VersionedControl, base: Base | null, rules: StartRules): Promise<Partial<JobControl>> {
  const job = await openControlledJob(workshop, id, was.control);
  const head = (await openCoordinatorLog(workshop.ports, job).head())?.entry;
  // A checkpoint in the log says that the base was taken over; the base itself may be gone by now.
  const hasBegun = head !== undefined && (base === null || head.checkpoints.length > 0);
  await recordGeneration(workshop.ports, id, was.control);
  if (!hasBegun) await startGeneration(workshop.ports, job, base === null ? null : await readBase(workshop, id, base), rules);
  await commitStartOffsets(workshop.ports, job);
  const { gen: g, planHash } = was.control;
  return { begun: { g, planHash } };
}
