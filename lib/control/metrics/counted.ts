/** What a process that runs jobs has seen of them, for metrics that no log has. Counted by the batch and by the FIRE, never by the record. */
import type { JobId } from '../../core/numbers.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { Meter } from './meter.ts';

type Clock = Pick<Runtime, 'elapsed'>;

/** Of one job, while this process runs its generation. */
export class CountedJob {
  /** Records by the index of the source. */
  readonly read: Meters<number>;
  /** Rows by the uid of the sink. */
  readonly emitted: Meters<string>;
  /** Of the newest batch by the index of the source, ms. */
  readonly lagMs = new Map<number, number>();
  restarts = 0;
  completedCheckpoints = 0;
  failedSavepoints = 0;
  /** Of the newest checkpoint, ms. */
  checkpointMs: number | null = null;

  constructor(clock: Clock) {
    this.read = new Meters(clock);
    this.emitted = new Meters(clock);
  }
}

class Meters<K> {
  readonly #clock: Clock;
  readonly #meters = new Map<K, Meter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  count(key: K, n: number): void {
    const meter = this.of(key);
    this.#meters.set(key, meter);
    meter.count(n);
  }

  get total(): number {
    return [...this.#meters.values()].reduce((sum, { total }) => sum + total, 0);
  }

  /** At zero before anything was counted. */
  of(key: K): Meter {
    return this.#meters.get(key) ?? new Meter(this.#clock);
  }
}

export class Counted {
  readonly #clock: Clock;
  readonly #jobs = new Map<JobId, CountedJob>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Null for a job that this process does not run. */
  of(job: JobId): CountedJob | null {
    return this.#jobs.get(job) ?? null;
  }

  /** A generation begins at zero, as Flink's tasks do. */
  begin(job: JobId): void {
    this.#jobs.set(job, new CountedJob(this.#clock));
  }

  end(job: JobId): void {
    this.#jobs.delete(job);
  }
}
