/**
 * Reads metrics for whoever asks: what they are made of is in the logs, and a job's description reads all of its state. So what was read is told for ten times as
 * long as reading took, and for a second at least: however often one asks, no more than a tenth of the time goes into answers. Counts are those of now.
 */
import { isError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { isEnded, type JobSummary } from '../summary.ts';
import type { ControlPlane } from '../rest/control-plane.ts';
import { verticesOf } from '../rest/jobmanager/vertices.ts';
import type { Counted } from './counted.ts';
import { jobSamples } from './job-samples.ts';
import { partitionSamples } from './partition-samples.ts';
import { samples, type JobFacts, type Of, type Sample } from './sample.ts';
import { vertexSamples } from './vertex-samples.ts';

const FRESH_MIN_MS = 1000;
const FRESH_FACTOR = 10;
/** For the readings of one answer: a scraper waits for ten seconds. Jobs that it is not enough for have older values, or none. */
const READING_MAX_MS = 4000;
const JOBS_MAX = 200;
/** Of all jobs in one answer. */
const PARTITIONS_MAX = 2000;

interface Reading {
  readonly facts: Omit<JobFacts, 'counted' | 'now'>;
  /** Of the monotonic clock. */
  readonly at: number;
  readonly tookMs: number;
}

export interface ReaderOptions {
  readonly plane: ControlPlane;
  readonly counted: Counted;
  readonly offsets: JobFacts['offsets'];
}

/** What is told of all jobs. */
interface Look {
  readonly jobs: readonly JobSummary[];
  readonly running: readonly JobSummary[];
  readonly readings: readonly Reading[];
}

export class MetricsReader {
  readonly #options: ReaderOptions;
  readonly #readings = new Map<JobId, Reading>();
  #look: Promise<Look> | null = null;
  /** When the last look is too old, by the monotonic clock; Infinity while one is under way. */
  #lookAgainAt = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Of all jobs that have not ended. */
  async all(): Promise<readonly Sample[]> {
    if (this.#look === null || this.#options.plane.runtime.elapsed() >= this.#lookAgainAt) this.#look = this.#lookAt();
    const { jobs, running, readings } = await this.#look;
    let partitions = PARTITIONS_MAX;
    const found = readings.flatMap((reading) => {
      const of = this.#samplesOf(reading, partitions);
      partitions = Math.max(0, partitions - countPartitions(reading));
      return of;
    });
    return [...statusSamples(jobs), ...this.#about(running, readings), ...found];
  }

  /** Records that this process has read for a job; null where it does not run it. */
  recordsRead(id: JobId): number | null {
    return this.#options.counted.of(id)?.read.total ?? null;
  }

  /** Of one job, whether it has ended or not. Throws JOB_UNKNOWN. */
  async ofJob(id: JobId): Promise<readonly Sample[]> {
    return this.#samplesOf(await this.#fresh(id), PARTITIONS_MAX);
  }

  /** Everybody who asks meanwhile waits for it. One that fails is not kept. */
  async #lookAt(): Promise<Look> {
    const { plane } = this.#options;
    const began = plane.runtime.elapsed();
    this.#lookAgainAt = Infinity;
    try {
      const jobs = await plane.jobs();
      const running = jobs.filter((job) => !isEnded(job));
      const readings = await this.#refresh(running.slice(0, JOBS_MAX));
      this.#lookAgainAt = freshUntil(began, plane.runtime.elapsed());
      return { jobs, running, readings };
    } catch (error) {
      this.#lookAgainAt = 0;
      throw error;
    }
  }

  /** The oldest readings first, for as long as there is time. */
  async #refresh(jobs: readonly JobSummary[]): Promise<Reading[]> {
    const { runtime } = this.#options.plane;
    const until = runtime.elapsed() + READING_MAX_MS;
    const at = (id: JobId): number => this.#readings.get(id)?.at ?? -1;
    for (const id of this.#readings.keys()) if (!jobs.some((job) => job.id === id)) this.#readings.delete(id);
    for (const { id } of jobs.toSorted((a, b) => at(a.id) - at(b.id))) {
      if (runtime.elapsed() >= until) break;
      await this.#readable(id);
      // Stores on a laptop answer without waiting: without a pause nobody else would be answered until all jobs are read.
      await runtime.sleep(0);
    }
    return jobs.flatMap(({ id }) => this.#readings.get(id) ?? []);
  }

  /** What keeps a job from being read is told by its exceptions; it has no values. */
  async #readable(id: JobId): Promise<void> {
    try {
      await this.#fresh(id);
    } catch (error) {
      if (!isError(error)) throw error;
      this.#readings.delete(id);
    }
  }

  async #fresh(id: JobId): Promise<Reading> {
    const { plane, offsets } = this.#options;
    const last = this.#readings.get(id);
    const began = plane.runtime.elapsed();
    if (last !== undefined && began < freshUntil(last.at - last.tookMs, last.at)) return last;
    const { plan } = await plane.plan(id);
    const facts = { job: await plane.describe(id), plan, vertices: verticesOf(plan, plane.codec), offsets };
    const at = plane.runtime.elapsed();
    const reading = { facts, at, tookMs: at - began };
    this.#readings.set(id, reading);
    this.#forgetOne();
    return reading;
  }

  /** The one that was read first, where somebody asks for more jobs, one by one, than an answer has. */
  #forgetOne(): void {
    const [first] = this.#readings.keys();
    if (this.#readings.size > JOBS_MAX && first !== undefined) this.#readings.delete(first);
  }

  #samplesOf({ facts }: Reading, partitionsMax: number): Sample[] {
    const { plane, counted } = this.#options;
    const all: JobFacts = { ...facts, counted: counted.of(facts.job.id), now: plane.runtime.now() };
    return [...jobSamples(all), ...all.vertices.flatMap((vertex) => vertexSamples(all, vertex)), ...partitionSamples(all, partitionsMax)];
  }

  #about(running: readonly JobSummary[], readings: readonly Reading[]): Sample[] {
    const now = this.#options.plane.runtime.elapsed();
    const partitions = readings.reduce((sum, reading) => sum + countPartitions(reading), 0);
    return samples(ALL, {
      numRunningJobs: running.length,
      jobsLeftOut: running.length - readings.length,
      partitionsLeftOut: Math.max(0, partitions - PARTITIONS_MAX),
      readingAge: readings.reduce((oldest, { at }) => Math.max(oldest, now - at), 0) / 1000,
    });
  }
}

/** What was read from `began` to `ended` is told until then. */
const freshUntil = (began: number, ended: number): number => ended + Math.max(FRESH_MIN_MS, FRESH_FACTOR * (ended - began));

const ALL: Of = { job: null, vertex: null, partition: null };

const statusSamples = (jobs: readonly JobSummary[]): Sample[] =>
  [...Map.groupBy(jobs, ({ status }) => status)].map(([status, of]) => ({ metric: 'jobs', of: ALL, value: of.length, labels: { status } }));

const countPartitions = ({ facts }: Reading): number => (facts.job.state?.sources ?? []).reduce((sum, { partitions }) => sum + partitions.length, 0);
