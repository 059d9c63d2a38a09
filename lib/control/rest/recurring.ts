/** What is done again and again while a process serves: once in a minute, unless another time is given. */
import { setTimeout } from 'node:timers/promises';

const MINUTE_MS = 60_000;

export class Recurring {
  readonly #stopped = new AbortController();
  readonly #ended: Promise<void>;

  /** `onDefect` is told what `action` throws; its next turn comes all the same. */
  constructor(action: () => Promise<void>, onDefect: (thrown: unknown) => void, everyMs = MINUTE_MS) {
    this.#ended = this.#run(() => action().catch(onDefect), everyMs);
  }

  /** Returns when nothing is being done any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#ended;
  }

  /** It keeps no process alive. */
  async #run(action: () => Promise<void>, everyMs: number): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      // Rejects when it is stopped.
      await setTimeout(everyMs, null, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await action();
    }
  }
}
