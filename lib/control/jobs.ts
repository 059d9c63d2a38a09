/** The jobs of a store, as operators see them: the list, and finding one by a prefix of its id. */
import { isError, SluiceError } from '../core/errors.ts';
import type { JobId, PartitionId, WallTime } from '../core/numbers.ts';
import { sinksOf } from '../core/plan.ts';
import { allJobs, isFinal, openControlledJob, readControl, readPlan, type Failure, type JobControl, type JobStatus, type Workshop } from '../engine/lifecycle/job-control.ts';
import { openPartitionLog } from '../engine/log/logs.ts';
import { deadLettersOf, type DeadLetterItem } from '../engine/dead-letters.ts';
import { fireErrorOf, isFireMissing, type FireErrorItem } from '../engine/fire-errors.ts';
import { liveRecordErrors, type RecordErrorItem } from '../engine/record-errors.ts';
import { liveSinkErrors, sinkErrorsOf, type SinkErrorItem } from '../engine/sink-errors.ts';
import type { Ports } from '../ports/ports.ts';

export interface JobSummary {
  readonly id: JobId;
  readonly name: string;
  /** As Flink would say it: a job whose partition waits behind a bad record, or whose next FIRE fails, is RESTARTING. */
  readonly status: JobStatus;
  readonly startedAt: WallTime;
  readonly changedAt: WallTime;
  readonly failure: Failure | null;
  readonly recordErrors: readonly RecordErrorItem[];
  /** Why the next FIRE cannot be made: a function of the program, or an expression, fails. */
  readonly fireError: FireErrorItem | null;
  /** Of the generation that runs, or ran last; null where there are none. */
  readonly deadLetters: DeadLetters | null;
  /** Sinks that do not take the rows of the newest FIRE. */
  readonly sinkErrors: readonly SinkErrorItem[];
}

export interface DeadLetters {
  readonly count: number;
  readonly last: RecordErrorItem;
}

/** All jobs, oldest first. */
export async function listJobs(workshop: Workshop): Promise<JobSummary[]> {
  const summaries: JobSummary[] = [];
  for (const id of await allJobs(workshop.ports)) {
    const control = await controlOf(workshop.ports, id);
    if (control !== null) summaries.push(await summarize(workshop, id, control));
  }
  return summaries.sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
}

export async function summarize(workshop: Workshop, id: JobId, control: JobControl): Promise<JobSummary> {
  const recordErrors = control.status === 'RUNNING' ? await recordErrorsOf(workshop, id, control) : [];
  const fireError = isFinal(control.status) ? null : await fireErrorIn(workshop, id, control);
  const isHeldUp = recordErrors.length > 0 || (control.status === 'RUNNING' && fireError !== null);
  return {
    id,
    name: control.name,
    status: isHeldUp ? 'RESTARTING' : control.status,
    startedAt: control.createdAt,
    changedAt: control.changedAt,
    failure: control.failure,
    recordErrors,
    fireError,
    deadLetters: sumOf(await deadLettersOf(workshop.ports, { id, g: control.gen })),
    sinkErrors: isFinal(control.status) ? [] : await sinkErrors(workshop, id, control),
  };
}

export const isEnded = (job: JobSummary): boolean => isFinal(job.status);

/** The only job with this name that has not ended; null if there is none. Throws JOB_STATE if there are several. */
export async function jobNamed(workshop: Workshop, name: string): Promise<JobSummary | null> {
  const found = (await listJobs(workshop)).filter((job) => job.name === name && !isEnded(job));
  if (found.length <= 1) return found[0] ?? null;
  throw new SluiceError('JOB_STATE', {
    message: `${found.length} jobs are named '${name}': ${found.map(({ id }) => id).join(', ')}`,
    hint: 'cancel those that are not meant, or choose another name',
  });
}

/** Jobs that have not ended and write one of these tables. */
export async function jobsWriting(workshop: Workshop, tables: readonly string[]): Promise<JobSummary[]> {
  const found: JobSummary[] = [];
  for (const job of await listJobs(workshop)) {
    if (isEnded(job)) continue;
    const { control } = await readControl(workshop.ports, job.id);
    const plan = await readPlan(workshop.ports, job.id, control.planHash);
    if (sinksOf(plan).some(({ table }) => tables.includes(table))) found.push(job);
  }
  return found;
}

/** The job whose id starts with `prefix`, if there is exactly one. */
export async function resolveJob(ports: Pick<Ports, 'control'>, prefix: string): Promise<JobId> {
  const wanted = prefix.toLowerCase();
  const matches = /^[0-9a-f]{1,32}$/.test(wanted) ? (await allJobs(ports)).filter((id) => id.startsWith(wanted)) : [];
  const [first] = matches;
  if (first !== undefined && matches.length === 1) return first;
  const message = first === undefined ? `there is no job ${prefix}` : `${matches.length} jobs start with ${prefix}`;
  throw new SluiceError('JOB_UNKNOWN', { message, hint: 'see `sluice list -a`' });
}

/** Null for a creation that did not come to its end (protocol 11.1). */
async function controlOf(ports: Pick<Ports, 'control'>, id: JobId): Promise<JobControl | null> {
  try {
    return (await readControl(ports, id)).control;
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'JOB_UNKNOWN') return null;
    throw error;
  }
}

/** W10: an item counts while the log of its partition has not passed the record. */
async function recordErrorsOf(workshop: Workshop, id: JobId, control: JobControl): Promise<RecordErrorItem[]> {
  const { ports } = workshop;
  const generation = { id, g: control.gen };
  const candidates = await liveRecordErrors(ports, generation, () => 0);
  if (candidates.length === 0) return [];
  return ifReadable(candidates, async () => {
    const job = await openControlledJob(workshop, id, control);
    const next = new Map<PartitionId, number>();
    for (const { partitionId: p } of candidates) next.set(p, (await openPartitionLog(ports, job, p).head())?.entry.next ?? 0);
    return liveRecordErrors(ports, generation, (p) => next.get(p) ?? 0);
  });
}

/** What `look` finds in the logs, or `otherwise`: what keeps them from being read is the business of `describe`. */
async function ifReadable<T>(otherwise: T, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!isError(error)) throw error;
    return otherwise;
  }
}

async function fireErrorIn(workshop: Workshop, id: JobId, control: JobControl): Promise<FireErrorItem | null> {
  const item = await fireErrorOf(workshop.ports, { id, g: control.gen });
  if (item === null) return null;
  return ifReadable<FireErrorItem | null>(item, async () => ((await isFireMissing(workshop.ports, await openControlledJob(workshop, id, control), item)) ? item : null));
}

function sumOf(items: readonly DeadLetterItem[]): DeadLetters | null {
  const [first, ...others] = items.toSorted((a, b) => b.at - a.at);
  if (first === undefined) return null;
  const { count, ...last } = first;
  return { count: others.reduce((sum, item) => sum + item.count, count), last };
}

/** The log is read only where an item says that a sink has failed. */
async function sinkErrors(workshop: Workshop, id: JobId, control: JobControl): Promise<readonly SinkErrorItem[]> {
  const items = await sinkErrorsOf(workshop.ports, { id, g: control.gen });
  if (items.length === 0) return items;
  return ifReadable(items, async () => liveSinkErrors(workshop.ports, await openControlledJob(workshop, id, control), items));
}
