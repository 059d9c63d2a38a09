/** Many seeds on worker threads. A run that does not come to an end is killed with its thread, so that no defect can hang the rest. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Edit } from './mutants/edit.ts';
import type { Report } from './violation.ts';

export interface SeedTask {
  readonly config: string;
  readonly seed: number;
}

export type SeedOutcome = SeedTask &
  (
    | { readonly kind: 'green'; readonly report: Report }
    /** `faults`: as far as they were drawn. */
    | { readonly kind: 'red'; readonly message: string; readonly stack: string; readonly faults: number }
  );

export interface SeedOptions {
  /** Of the mutant; none: the engine as it is. */
  readonly edits?: readonly Edit[];
  readonly threads?: number;
  /** Wall-clock time after which a seed counts as hung. */
  readonly timeoutMs?: number;
}

/** The limit of steps ends a run long before. */
const TIMEOUT_MS = 60_000;

/** Runs the tasks, begun in their order; ends early where `onOutcome` returns 'enough'. Throws what keeps the engine from being loaded. */
export async function runSeeds(tasks: Iterable<SeedTask>, options: SeedOptions, onOutcome: (outcome: SeedOutcome) => 'enough' | void): Promise<void> {
  const queue = tasks[Symbol.iterator]();
  let isEnough = false;
  const work = async (): Promise<void> => {
    const thread = new SeedThread(options.edits ?? [], options.timeoutMs ?? TIMEOUT_MS);
    try {
      while (!isEnough) {
        const next = queue.next();
        if (next.done === true) return;
        if (onOutcome(await thread.run(next.value)) === 'enough') isEnough = true;
      }
    } finally {
      await thread.end();
    }
  };
  await Promise.all(Array.from({ length: options.threads ?? availableParallelism() }, work));
}

/** Runs one seed at a time, in a new thread where the last one was killed. */
class SeedThread {
  readonly #edits: readonly Edit[];
  readonly #timeoutMs: number;
  #worker: Worker | null = null;
  /** What the next message or the end of the thread settles. */
  #expected = expectation();

  constructor(edits: readonly Edit[], timeoutMs: number) {
    this.#edits = edits;
    this.#timeoutMs = timeoutMs;
  }

  async run(task: SeedTask): Promise<SeedOutcome> {
    const worker = this.#worker ?? (await this.#start());
    worker.postMessage(task);
    const timer = setTimeout(() => this.#expected.reject(new Error(`the run did not come to an end within ${this.#timeoutMs} ms`)), this.#timeoutMs);
    try {
      const outcome = await this.#next();
      if (outcome === 'loaded') throw new Error('a thread loads the engine once');
      return outcome;
    } catch (error) {
      // It hangs, or something that nobody awaited has failed: the thread cannot be trusted with another seed.
      await this.end();
      return { ...task, kind: 'red', message: `UNEXPECTED: ${String(error)}`, stack: error instanceof Error ? (error.stack ?? '') : '', faults: 0 };
    } finally {
      clearTimeout(timer);
    }
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(new URL('seed-worker.ts', import.meta.url), { workerData: { edits: this.#edits } });
    this.#worker = worker;
    worker.on('message', (message: SeedOutcome | 'loaded') => this.#expected.resolve(message));
    worker.on('error', (error) => this.#expected.reject(error));
    await this.#next();
    return worker;
  }

  async #next(): Promise<SeedOutcome | 'loaded'> {
    try {
      return await this.#expected.promise;
    } finally {
      this.#expected = expectation();
    }
  }
}

function expectation(): PromiseWithResolvers<SeedOutcome | 'loaded'> {
  const expected = Promise.withResolvers<SeedOutcome | 'loaded'>();
  expected.promise.catch(() => {}); // A thread may fail while nobody waits for it; whoever asks it next is told.
  return expected;
}
