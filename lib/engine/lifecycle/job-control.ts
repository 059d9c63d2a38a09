/**
 * CTRL: the one mutable item of a job, written by workflows only, always by condition (protocol §11). Data-path code never reads it.
 * An operation has no owner: any process may execute the step that CTRL records, and every step is idempotent.
 */
import { SluiceError } from '../../core/errors.ts';
import { jobId, type Generation, type JobId, type WallTime } from '../../core/numbers.ts';
import type { Plan } from '../../core/plan.ts';
import { NO_CODE, type Code, type CodeOf } from '../../core/process/code.ts';
import type { Ports } from '../../ports/ports.ts';
import { openJob, type Bounds, type Job } from '../job.ts';
import { controlKey, generationKey, planKey } from '../keys.ts';
import type { Settings } from '../settings.ts';

/** Flink's words; SUSPENDING is a stop with savepoint under way. */
export type JobStatus = 'CREATED' | 'RUNNING' | 'RESTARTING' | 'CANCELLING' | 'SUSPENDING' | 'CANCELED' | 'FINISHED' | 'FAILED';

const FINAL: readonly JobStatus[] = ['CANCELED', 'FINISHED', 'FAILED'];
export const isFinal = (status: JobStatus): boolean => FINAL.includes(status);

/** Where a generation gets its state from (11.5). */
export type Base =
  | { readonly kind: 'savepoint'; readonly path: string }
  | ({ readonly kind: 'last-state' } & Begun);

/** Sinks that lack rows of the base's last FIRE (F14); known behind the step that fences them. */
type Lacking = readonly string[];

/** `id` is the request id: a repeated start with the same id continues. */
export type Operation =
  | {
      readonly kind: 'create';
      readonly id: string;
      readonly step: 'fence' | 'start' | 'attach';
      readonly base: Base | null;
      /** The TTL of state has not gone on since the base was taken (V7); absent: it has. */
      readonly pauseTtl?: boolean;
      readonly lacking: Lacking;
    }
  | {
      readonly kind: 'resume';
      readonly id: string;
      readonly step: 'close' | 'fence' | 'start' | 'attach';
      readonly base: Base;
      /** The generation that ends. */
      readonly closing: Begun;
      readonly allowOffsetGap: boolean;
      /** As for `create`. */
      readonly pauseTtl?: boolean;
      /** A sink that somebody has to mend fails it; absent: it waits for that. */
      readonly failsFast?: boolean;
      readonly lacking: Lacking;
      /** Why the stop with this id became a resume; absent for one that was asked for. */
      readonly cause?: Failure;
    }
  | {
      readonly kind: 'stop';
      readonly id: string;
      readonly step: 'freeze' | 'barrier' | 'export' | 'detach';
      /** Null for a job that ends because its sources have: it leaves no savepoint. */
      readonly directory: string | null;
      readonly drain: boolean;
    }
  | {
      readonly kind: 'cancel';
      readonly id: string;
      readonly step: 'close' | 'detach';
      /** The generation that the resume in whose place this came had not ended yet. */
      readonly closing: Begun | null;
    };

/** The operation that ended last, for whoever asked for it and was not there. */
export interface EndedOperation {
  readonly id: string;
  readonly kind: Operation['kind'];
  readonly failure: Failure | null;
}

/** A generation that has begun, and the plan that it runs. */
export interface Begun {
  readonly g: Generation;
  readonly planHash: string;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export interface SavepointRecord {
  readonly path: string;
  readonly trigger: string;
  readonly at: WallTime;
  readonly drained: boolean;
  readonly bytes: number;
}

export interface JobControl {
  readonly gen: Generation;
  readonly status: JobStatus;
  readonly name: string;
  readonly planHash: string;
  readonly topicIds: Readonly<Record<string, string | null>>;
  /** Absent where no source is bounded. */
  readonly bounds?: Bounds;
  /** Jobs that this one was forked from, newest last. */
  readonly lineage: readonly JobId[];
  readonly createdAt: WallTime;
  readonly changedAt: WallTime;
  readonly operation: Operation | null;
  readonly last: EndedOperation | null;
  /** Request that the job was created by. */
  readonly createdBy: string;
  /** The plan before the last upgrade, the savepoint that it ended with, and when. */
  readonly replaced: { readonly planHash: string; readonly savepoint: string; readonly at: WallTime } | null;
  /** The newest generation whose logs began: where the last state is, whatever later attempts came to. */
  readonly begun: Begun | null;
  readonly failure: Failure | null;
  /** Newest first; the last `SAVEPOINTS_MAX`. */
  readonly savepoints: readonly SavepointRecord[];
  /** Savepoint or generation that this generation was started from, and the state that was dropped on the way (V3). */
  readonly restored: { readonly from: string; readonly dropped: readonly string[] } | null;
}

/** How many savepoints CTRL remembers. */
export const SAVEPOINTS_MAX = 50;

export interface VersionedControl {
  readonly control: JobControl;
  readonly version: number;
}

/** What a step did: the next step (null: the operation is done) and what else changes in CTRL with it. */
export interface WorkflowStep {
  readonly next: Operation | null;
  readonly control?: Partial<JobControl>;
  /** Why the operation has ended without what was asked for. */
  readonly failure?: Failure;
}

/** Ports of workflows, and the settings of the place where the job runs. */
export interface Workshop {
  readonly ports: Ports;
  readonly place: Partial<Settings>;
  /** The same ports with the topics of the clusters that the tables of a plan name; absent where all jobs read the same ones. */
  readonly portsFor?: (plan: Plan) => Ports;
  /** Absent where all plans are made by SQL. */
  readonly codeOf?: CodeOf;
  /** Told of every file that an export has written, with its size in bytes. */
  readonly onExported?: (bytes: number) => void;
}

const noCode: CodeOf = async () => NO_CODE;

/** The program of a plan. */
export const programOf = ({ codeOf = noCode }: Workshop, plan: Plan): Promise<Code> => codeOf(plan);

/** The workshop as a job with this plan needs it. */
export const workshopFor = (workshop: Workshop, plan: Plan): Workshop =>
  workshop.portsFor === undefined ? workshop : { ...workshop, ports: workshop.portsFor(plan) };

export async function readControl(ports: Pick<Ports, 'control'>, job: JobId): Promise<VersionedControl> {
  const item = await ports.control.get(controlKey(job));
  if (item === null) throw new SluiceError('JOB_UNKNOWN', { message: `there is no job ${job}`, hint: 'see `sluice list -a`' });
  const control: JobControl = JSON.parse(item.body);
  return { control, version: item.version };
}

const JOBS_PAGE = 1000;

/** All jobs that were ever created in a store, by id; some may have no CTRL, since their creation did not come to its end (11.1). */
export async function allJobs(ports: Pick<Ports, 'control'>): Promise<JobId[]> {
  const ids: JobId[] = [];
  for (let after = ''; ; ) {
    const page = await ports.control.list('JOBS', '', { after, limit: JOBS_PAGE });
    ids.push(...page.map(({ sk }) => jobId(sk)));
    if (page.length < JOBS_PAGE) return ids;
    after = page.at(-1)?.sk ?? after;
  }
}

/** Replaces exactly the version that was read; false if somebody else was faster. */
export async function replaceControl(ports: Pick<Ports, 'control' | 'runtime'>, job: JobId, was: VersionedControl, next: Partial<JobControl>): Promise<boolean> {
  const body: JobControl = { ...was.control, ...next, changedAt: ports.runtime.now() };
  return (await ports.control.put(controlKey(job), JSON.stringify(body), was.version)).kind === 'stored';
}

export const planHashOf = ({ codec }: Pick<Ports, 'codec'>, plan: Plan): string => `sha256:${codec.sha256(JSON.stringify(plan))}`;

/** Stores a plan under its hash and returns the hash. */
export async function storePlan(ports: Pick<Ports, 'control' | 'codec'>, job: JobId, plan: Plan): Promise<string> {
  const hash = planHashOf(ports, plan);
  await ports.control.put(planKey(job, hash), JSON.stringify(plan), 'any');
  return hash;
}

export async function readPlan(ports: Pick<Ports, 'control'>, job: JobId, hash: string): Promise<Plan> {
  const item = await ports.control.get(planKey(job, hash));
  if (item === null) throw new SluiceError('STORE_CORRUPT', { message: `plan ${hash} of job ${job} is missing` });
  const plan: Plan = JSON.parse(item.body);
  return plan;
}

/** What the data path works for, in the generation that CTRL names. */
export async function openControlledJob({ ports, place, codeOf = noCode }: Workshop, id: JobId, control: JobControl): Promise<Job> {
  const plan = await readPlan(ports, id, control.planHash);
  return openJob(id, control.gen, plan, control.topicIds, place, control.bounds, control.lineage, await codeOf(plan));
}

export const failureOf = (error: SluiceError): Failure => ({ code: error.code, message: error.message, hint: error.hint ?? null });

/** Body of the `GEN` item: functions find here what they run, since they do not read CTRL (protocol §11). */
export interface GenerationItem {
  readonly planHash: string;
  readonly topicIds: Readonly<Record<string, string | null>>;
  readonly bounds: Bounds;
  /** Absent in items that were written without it. */
  readonly lineage?: readonly JobId[];
}

/** Records what the generation that CTRL names runs. The first record stays: whoever repeats the step writes the same. */
export async function recordGeneration(ports: Pick<Ports, 'control'>, job: JobId, { gen, planHash, topicIds, bounds = {}, lineage }: JobControl): Promise<void> {
  const body: GenerationItem = { planHash, topicIds, bounds, lineage };
  await ports.control.put(generationKey(job, gen), JSON.stringify(body), 'absent');
}

/** A generation for the data path, with the ports that it needs; two reads. Throws JOB_UNKNOWN for one that never began. */
export async function openGeneration(workshop: Workshop, id: JobId, g: Generation): Promise<{ job: Job; workshop: Workshop }> {
  const item = await workshop.ports.control.get(generationKey(id, g));
  if (item === null) throw new SluiceError('JOB_UNKNOWN', { message: `job ${id} has no generation ${g}`, hint: 'see `sluice list -a`' });
  const { planHash, topicIds, bounds, lineage }: GenerationItem = JSON.parse(item.body);
  const plan = await readPlan(workshop.ports, id, planHash);
  const { codeOf = noCode, place } = workshop;
  return { job: openJob(id, g, plan, topicIds, place, bounds, lineage, await codeOf(plan)), workshop: workshopFor(workshop, plan) };
}
