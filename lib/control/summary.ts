/** One job at a glance: its state, and what holds it up. */
import { isError } from '../core/errors.ts';
import type { JobId, PartitionId, WallTime } from '../core/numbers.ts';
import { deadLettersOf, type DeadLetterItem } from '../engine/dead-letters.ts';
import { fireErrorOf, isFireMissing, type FireErrorItem } from '../engine/fire-errors.ts';
import { isFinal, openControlledJob, type Failure, type JobControl, type JobStatus, type Workshop } from '../engine/lifecycle/job-control.ts';
import { openPartitionLog } from '../engine/log/logs.ts';
import { liveRecordErrors, type RecordErrorItem } from '../engine/record-errors.ts';
import { liveSinkErrors, sinkErrorsOf, type SinkErrorItem } from '../engine/sink-errors.ts';
import type { Glance } from './glance.ts';

export interface JobSummary {
  readonly id: JobId;
  readonly name: string;
  /** As Flink would say it: a job whose partition waits behind a bad record, or whose next FIRE fails, is RESTARTING. */
  readonly status: JobStatus;
  readonly startedAt: WallTime;
  readonly changedAt: WallTime;
  /** Of the plan that it runs, or ran last. */
  readonly planHash: string;
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

/** `control`: as it was read. Whatever else there may be is looked for. */
export const summarize = (workshop: Workshop, id: JobId, control: JobControl): Promise<JobSummary> => summarizeGlance(workshop, id, { control, hasNews: true });

export async function summarizeGlance(workshop: Workshop, id: JobId, { control, hasNews }: Glance): Promise<JobSummary> {
  const news = hasNews ? await newsOf(workshop, id, control) : NO_NEWS;
  const isHeldUp = news.recordErrors.length > 0 || (control.status === 'RUNNING' && news.fireError !== null);
  return {
    id,
    name: control.name,
    status: isHeldUp ? 'RESTARTING' : control.status,
    startedAt: control.createdAt,
    changedAt: control.changedAt,
    planHash: control.planHash,
    failure: control.failure,
    ...news,
  };
}

export const isEnded = (job: JobSummary): boolean => isFinal(job.status);

type News = Pick<JobSummary, 'recordErrors' | 'fireError' | 'deadLetters' | 'sinkErrors'>;

const NO_NEWS: News = { recordErrors: [], fireError: null, deadLetters: null, sinkErrors: [] };

async function newsOf(workshop: Workshop, id: JobId, control: JobControl): Promise<News> {
  const [recordErrors, fireError, deadLetters, sinkErrors] = await Promise.all([
    control.status === 'RUNNING' ? recordErrorsOf(workshop, id, control) : [],
    isFinal(control.status) ? null : fireErrorIn(workshop, id, control),
    deadLettersOf(workshop.ports, { id, g: control.gen }),
    isFinal(control.status) ? [] : sinkErrorsIn(workshop, id, control),
  ]);
  return { recordErrors, fireError, deadLetters: sumOf(deadLetters), sinkErrors };
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
async function sinkErrorsIn(workshop: Workshop, id: JobId, control: JobControl): Promise<readonly SinkErrorItem[]> {
  const items = await sinkErrorsOf(workshop.ports, { id, g: control.gen });
  if (items.length === 0) return items;
  return ifReadable(items, async () => liveSinkErrors(workshop.ports, await openControlledJob(workshop, id, control), items));
}
