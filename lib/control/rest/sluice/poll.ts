/** Reads again and again while somebody listens: one reader for all of them, and none for nobody. */
import { isError, type SluiceError } from '../../../core/errors.ts';
import type { Runtime } from '../../../ports/runtime.ts';

/** Between two looks of listeners at what there is. */
export const TICK_MS = 1000;
/** What takes long is read less often: no more than a fifth of the time goes into reading. */
const PAUSE_FACTOR = 4;

export interface PollOptions {
  readonly runtime: Pick<Runtime, 'elapsed' | 'sleep'>;
  readonly read: () => Promise<void>;
  /** `error` is null for a defect, of which clients learn nothing but that. */
  readonly onFailure: (error: SluiceError | null) => void;
  readonly onDefect: (thrown: unknown) => void;
}

export class Poll {
  readonly #options: PollOptions;
  readonly #listeners = new Set<() => void>();
  #isRunning = false;
  #dueAt = 0;

  constructor(options: PollOptions) {
    this.#options = options;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Calls `wake` when there may be something new, until what this returns is called. */
  listen(wake: () => void): () => void {
    this.#listeners.add(wake);
    if (!this.#isRunning) void this.#run();
    return () => void this.#listeners.delete(wake);
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    const { runtime } = this.#options;
    while (this.#listeners.size > 0) {
      if (runtime.elapsed() >= this.#dueAt) await this.#read();
      for (const wake of this.#listeners) wake();
      await runtime.sleep(TICK_MS);
    }
    this.#isRunning = false;
  }

  async #read(): Promise<void> {
    const { runtime, read, onFailure, onDefect } = this.#options;
    const began = runtime.elapsed();
    try {
      await read();
    } catch (thrown) {
      if (!isError(thrown) || thrown.kind === 'bug') onDefect(thrown);
      onFailure(isError(thrown) ? thrown : null);
    }
    const ended = runtime.elapsed();
    this.#dueAt = Math.max(began + TICK_MS, ended + PAUSE_FACTOR * (ended - began));
  }
}
