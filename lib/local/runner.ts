/**
 * `sluice up`: hosts every RUNNING job of a data directory, and finishes operations that a killed command left behind. The store is the
 * coordination (architecture, decision 8): any number of runners may host the same jobs.
 */
import { isError, type SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import { allJobs, openControlledJob, readControl, readPlan, workshopFor, type JobControl, type Workshop } from '../engine/lifecycle/job-control.ts';
import { advance } from '../engine/lifecycle/workflow.ts';
import { HostedJob } from './hosted-job.ts';
import type { RunnerEvent } from './runner-event.ts';

export interface RunnerOptions {
  /** End when all input is read and all due windows are emitted. */
  readonly once: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RunnerEvent) => void;
}

const TICK_MS = 100;
/** An operation whose command has not moved it for this long is taken over. */
const TAKE_OVER_MS = 1000;

/** Returns when `signal` aborts, or with `once` when everything is done; the errors that hold partitions or jobs up, if any. */
export async function runUp(workshop: Workshop, options: RunnerOptions): Promise<readonly SluiceError[]> {
  const { runtime } = workshop.ports;
  const runner = new Runner(workshop, options.onEvent ?? (() => {}));
  try {
    while (!options.signal.aborted) {
      await runner.tick();
      if (options.once && runner.isDone) return runner.troubles;
      await runtime.sleep(TICK_MS);
    }
    return runner.troubles;
  } finally {
    await runner.stop();
  }
}

class Runner {
  readonly #workshop: Workshop;
  readonly #onEvent: (event: RunnerEvent) => void;
  readonly #hosted = new Map<JobId, HostedJob>();
  /** What the last look at a job ended with. */
  readonly #failed = new Map<JobId, SluiceError>();
  #unlisted: SluiceError | null = null;
  #busy = false;

  constructor(workshop: Workshop, onEvent: (event: RunnerEvent) => void) {
    this.#workshop = workshop;
    this.#onEvent = onEvent;
  }

  get isDone(): boolean {
    return !this.#busy && [...this.#hosted.values()].every((h) => h.isDone);
  }

  get troubles(): SluiceError[] {
    return [...this.#failed.values(), ...[...this.#hosted.values()].flatMap((h) => h.troubles)];
  }

  async tick(): Promise<void> {
    const ids = await this.#jobIds();
    this.#busy = ids === null;
    for (const id of ids ?? []) {
      try {
        await this.#follow(id);
        this.#failed.delete(id);
      } catch (error) {
        if (!isError(error)) throw error;
        this.#followFailed(id, error);
      }
    }
  }

  /** Null while the store does not answer: it is asked again. */
  async #jobIds(): Promise<JobId[] | null> {
    try {
      const ids = await allJobs(this.#workshop.ports);
      this.#unlisted = null;
      return ids;
    } catch (error) {
      if (!isError(error) || error.kind !== 'retry') throw error;
      if (error.message !== this.#unlisted?.message) this.#onEvent({ kind: 'store', error });
      this.#unlisted = error;
      return null;
    }
  }

  #followFailed(id: JobId, error: SluiceError): void {
    // A JOBS item without CTRL is a creation that did not come to its end (11.1).
    if (error.code === 'JOB_UNKNOWN') return;
    if (error.kind === 'retry') this.#busy = true;
    if (error.message !== this.#failed.get(id)?.message) this.#onEvent({ kind: 'operation', job: id, error });
    this.#failed.set(id, error);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#hosted.values()].map((h) => h.stop()));
  }

  async #follow(id: JobId): Promise<void> {
    const { control } = await readControl(this.#workshop.ports, id);
    if (control.operation !== null) {
      this.#busy = true;
      await this.#takeOver(id, control);
    }
    const hosted = this.#hosted.get(id);
    const wanted = control.status === 'RUNNING';
    if (hosted !== undefined && (!wanted || hosted.job.g !== control.gen)) {
      this.#hosted.delete(id);
      await hosted.stop();
      this.#onEvent({ kind: 'released', job: id });
    }
    if (wanted && !this.#hosted.has(id)) await this.#host(id, control);
  }

  async #host(id: JobId, control: JobControl): Promise<void> {
    const workshop = workshopFor(this.#workshop, await readPlan(this.#workshop.ports, id, control.planHash));
    const hosted = new HostedJob(workshop, await openControlledJob(workshop, id, control), this.#onEvent);
    this.#hosted.set(id, hosted);
    hosted.start();
    this.#onEvent({ kind: 'hosting', job: id, name: control.name, generation: control.gen });
  }

  async #takeOver(id: JobId, control: JobControl): Promise<void> {
    if (this.#workshop.ports.runtime.now() - control.changedAt < TAKE_OVER_MS) return;
    await advance(this.#workshop, id);
  }
}
