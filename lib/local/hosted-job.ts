/** One generation of one job inside a runner: its pollers, its writer and its firer. */
import { isError, type SluiceError } from '../core/errors.ts';
import { Firer, type StepOutcome } from '../engine/firer/firer.ts';
import { topicOf, type Job } from '../engine/job.ts';
import { failIfLost, failJob } from '../engine/lifecycle/fail.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import { advanceSavepoint, openSavepointRequests } from '../engine/lifecycle/savepoint.ts';
import { requestFinish } from '../engine/lifecycle/stop.ts';
import { runOperation } from '../engine/lifecycle/workflow.ts';
import { partitionsOf } from '../engine/position.ts';
import { Writer } from '../engine/writer/writer.ts';
import { PartitionPoller } from './partition-poller.ts';
import type { RunnerEvent } from './runner-event.ts';
import { Sweeper } from './sweeper.ts';

const TICK_MS = 100;
const AFTER_COMMIT_MS = 20;
/** Two firers that keep losing to each other need different pauses. */
const LOST_MIN_MS = 20;
const LOST_SPREAD_MS = 200;
const REQUESTS_EVERY_MS = 100;
/** Partitions that were added to a topic are discovered this often (11.7). */
const DISCOVERY_MS = 5000;

export class HostedJob {
  readonly job: Job;
  readonly #workshop: Workshop;
  readonly #onEvent: (event: RunnerEvent) => void;
  readonly #abort = new AbortController();
  readonly #writer: Writer;
  readonly #firer: Firer;
  readonly #pollers: PartitionPoller[] = [];
  #running: Promise<unknown>[] = [];
  #committedSinceStep = true;
  #settled = false;
  /** Every partition that the topics or the state know has its poller. */
  #discovered = false;
  /** What was told last of the firer and of the savepoint requests. */
  readonly #told = new Map<'firer' | 'operation', string>();
  #requestsAt = Number.NEGATIVE_INFINITY;
  /** Where the checkpoint that was told last is in the log. */
  #checkpoint: number | null = null;

  constructor(workshop: Workshop, job: Job, onEvent: (event: RunnerEvent) => void) {
    this.job = job;
    this.#workshop = workshop;
    this.#onEvent = onEvent;
    this.#writer = new Writer(workshop.ports, job);
    this.#firer = new Firer(workshop.ports, job);
  }

  start(): void {
    const sweeper = new Sweeper(this.#workshop.ports, this.job, (error) => this.#onEvent({ kind: 'operation', job: this.job.id, error }));
    this.#running = [this.#discover(), this.#fireLoop(), sweeper.run(this.#abort.signal)];
  }

  /** Ends after the turns in flight (W2: every promise is awaited). */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  /** All input is read and nothing is due; partitions that an error holds up count as read. */
  get isDone(): boolean {
    const read = this.#pollers.every((p) => p.atEnd || p.trouble !== null);
    return this.#discovered && read && this.#settled && !this.#committedSinceStep;
  }

  get troubles(): SluiceError[] {
    return this.#pollers.flatMap((p) => p.trouble ?? []);
  }

  async #discover(): Promise<void> {
    const { runtime } = this.#workshop.ports;
    let lookedAt = Number.NEGATIVE_INFINITY;
    while (!this.#abort.signal.aborted) {
      if (!this.#discovered || runtime.elapsed() - lookedAt >= DISCOVERY_MS) {
        lookedAt = runtime.elapsed();
        await this.#tolerant(() => this.#startPollers());
      }
      await runtime.sleep(TICK_MS);
    }
  }

  async #startPollers(): Promise<void> {
    const hasState = this.#firer.replica !== null;
    for (const topic of new Set(this.job.dataflow.sources.flatMap((s) => s.node.topics))) {
      for (const partition of await this.#partitionsOf(topic)) {
        if (!this.#pollers.some((p) => p.topic === topic && p.partition === partition)) this.#startPoller(topic, partition);
      }
    }
    this.#discovered = hasState && this.#pollers.length > 0;
  }

  /** Those that exist, and those that the state has read: a poller says what is the matter with one that is gone. */
  async #partitionsOf(topic: string): Promise<Set<number>> {
    const info = await this.#workshop.ports.source.topic(topic);
    const position = this.#firer.replica?.position;
    const read = position === undefined ? [] : partitionsOf(position).map((p) => topicOf(this.job, p)).filter((p) => p.topic === topic);
    return new Set([...(info?.partitions ?? []), ...read].map(({ partition }) => partition));
  }

  #startPoller(topic: string, partition: number): void {
    const poller = new PartitionPoller(this.#workshop.ports, this.job, this.#writer, { topic, partition }, {
      committed: (source, records) => {
        this.#committedSinceStep = true;
        this.#onEvent({ kind: 'committed', job: this.job.id, source, records, lagMs: null });
      },
      trouble: (name, n, error) => this.#onEvent({ kind: 'partition', job: this.job.id, topic: name, partition: n, error }),
    });
    this.#pollers.push(poller);
    this.#running.push(poller.run(this.#abort.signal));
  }

  async #fireLoop(): Promise<void> {
    const { runtime } = this.#workshop.ports;
    while (!this.#abort.signal.aborted) {
      try {
        await this.#handleRequests();
        const hadCommits = this.#committedSinceStep;
        this.#committedSinceStep = false;
        // What the last step found says nothing of what has been committed since.
        if (hadCommits) this.#settled = false;
        const outcome = await this.#firer.step();
        this.#tell('firer', outcome.kind === 'waiting' ? outcome.cause : null);
        this.#settled = outcome.kind === 'idle' && this.#firer.hasReadAll;
        if (outcome.kind === 'complete') await this.#tolerant(() => this.#finish());
        if (outcome.kind === 'absent') await this.#tolerant(() => failIfLost(this.#workshop, this.job));
        if (outcome.kind === 'fired') this.#onEvent({ kind: 'fired', job: this.job.id, f: outcome.f, rows: outcome.rows, sinks: outcome.sinks });
        this.#tellCheckpoint();
        await runtime.sleep(this.#pauseAfter(outcome, hadCommits));
      } catch (error) {
        if (!isError(error)) throw error;
        await this.#firerFailed(error);
        await runtime.sleep(TICK_MS * 5);
      }
    }
  }

  /** One that the last step, or a savepoint before it, has taken. */
  #tellCheckpoint(): void {
    const checkpoint = this.#firer.replica?.checkpoint ?? null;
    if (checkpoint === null || checkpoint.tookMs === null || checkpoint.seq === this.#checkpoint) return;
    this.#checkpoint = checkpoint.seq;
    this.#onEvent({ kind: 'checkpoint', job: this.job.id, tookMs: checkpoint.tookMs });
  }

  /** All input of bounded sources is read; behind a failure the next step finds the same. */
  async #finish(): Promise<void> {
    if (await requestFinish(this.#workshop, this.job)) await runOperation(this.#workshop, this.job.id);
  }

  #pauseAfter(outcome: StepOutcome, hadCommits: boolean): number {
    if (outcome.kind === 'fired') return 0;
    if (outcome.kind === 'lost') return LOST_MIN_MS + (parseInt(this.#workshop.ports.runtime.randomHex(1), 16) / 255) * LOST_SPREAD_MS;
    return hadCommits ? AFTER_COMMIT_MS : TICK_MS;
  }

  /** Live savepoints are taken by the firer that has the state already. */
  async #handleRequests(): Promise<void> {
    const { ports } = this.#workshop;
    if (ports.runtime.elapsed() - this.#requestsAt < REQUESTS_EVERY_MS) return;
    this.#requestsAt = ports.runtime.elapsed();
    try {
      for (const request of await openSavepointRequests(ports, this.job.id)) {
        const done = await advanceSavepoint(this.#workshop, this.job.id, request.trigger, this.#firer);
        this.#onEvent({ kind: 'savepoint', job: this.job.id, location: done.location });
      }
      this.#tell('operation', null);
    } catch (error) {
      // Requests that cannot be read or answered do not hold the job up.
      if (!isError(error)) throw error;
      this.#tell('operation', error);
    }
  }

  async #firerFailed(error: SluiceError): Promise<void> {
    this.#tell('firer', error);
    if (error.kind === 'lost' || error.kind === 'bug') await this.#tolerant(() => failJob(this.#workshop, this.job, error));
  }

  /** What holds the firer up, a sink that takes no rows included, or a savepoint, is told once. */
  #tell(kind: 'firer' | 'operation', error: SluiceError | null): void {
    if (error !== null && error.message !== this.#told.get(kind)) this.#onEvent({ kind, job: this.job.id, error });
    if (error === null) this.#told.delete(kind);
    else this.#told.set(kind, error.message);
  }

  /** What a store refuses is tried again by the next round of the caller. */
  async #tolerant(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!isError(error)) throw error;
      this.#onEvent({ kind: 'operation', job: this.job.id, error });
    }
  }
}
