/** Many seeds on worker threads. A worker that does not come to an end is killed, so that no defect can hang the run. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Edit } from './mutants/edit.ts';
import type { Report } from './violation.ts';

export interface SeedTask {
  readonly config: string;
  readonly seed: number;
}

export type SeedOutcome = SeedTask &
  ({ readonly kind: 'green'; readonly report: Report } | { readonly kind: 'red'; readonly message: string; readonly stack: string });

export interface SeedOptions {
  /** Of the mutant; none: the engine as it is. */
  readonly edits?: readonly Edit[];
  readonly threads?: number;
  /** Wall-clock time after which a seed counts as hung. */
  readonly timeoutMs?: number;
}

/** Seeds without an end in sight are caught by the limit of steps long before. */
const TIMEOUT_MS = 60_000;

/** Runs the tasks, in their order as far as several threads have one; ends early where `onOutcome` returns 'enough'. */
export async function runSeeds(tasks: Iterable<SeedTask>, options: SeedOptions, onOutcome: (outcome: SeedOutcome) => 'enough' | void): Promise<void> {
  const queue = tasks[Symbol.iterator]();
  let isEnough = false;
  const work = async (): Promise<void> => {
    const lane = new Lane(options.edits ?? [], options.timeoutMs ?? TIMEOUT_MS);
    try {
      for (let next = queue.next(); !isEnough && next.done !== true; next = queue.next()) {
        if (onOutcome(await lane.run(next.value)) === 'enough') isEnough = true;
      }
    } finally {
      await lane.end();
    }
  };
  await Promise.all(Array.from({ length: options.threads ?? availableParallelism() }, work));
}

/** One thread at a time; a new one where the last was killed. */
class Lane {
  readonly #edits: readonly Edit[];
  readonly #timeoutMs: number;
  #worker: Promise<Worker> | null = null;

  constructor(edits: readonly Edit[], timeoutMs: number) {
    this.#edits = edits;
    this.#timeoutMs = timeoutMs;
  }

  async run(task: SeedTask): Promise<SeedOutcome> {
    this.#worker ??= startWorker(this.#edits);
    const worker = await this.#worker;
    const answer = answerOf(worker, this.#timeoutMs);
    worker.postMessage(task);
    try {
      return await answer;
    } catch (error) {
      // What nobody awaited, or never ends: the thread cannot be trusted with another seed.
      await this.end();
      return { ...task, kind: 'red', message: `UNEXPECTED: ${String(error)}`, stack: error instanceof Error ? (error.stack ?? '') : '' };
    }
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.then((w) => w.terminate(), () => {});
  }
}

/** A worker that has loaded the engine; rejects with what kept it from that. */
function startWorker(edits: readonly Edit[]): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('seed-worker.ts', import.meta.url), { workerData: { edits } });
    worker.once('message', () => {
      worker.removeAllListeners();
      resolve(worker);
    });
    worker.once('error', reject);
  });
}

function answerOf(worker: Worker, timeoutMs: number): Promise<SeedOutcome> {
  return new Promise<SeedOutcome>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the run did not come to an end within ${timeoutMs} ms`)), timeoutMs);
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the worker thread is gone')));
    worker.once('message', () => clearTimeout(timer));
    worker.once('error', () => clearTimeout(timer));
  }).finally(() => worker.removeAllListeners());
}
