/** Looks at what runs once in a minute, while a process serves. */
import { setTimeout } from 'node:timers/promises';
import { lookAtRunning, type Looking } from './look.ts';

const EVERY_MS = 60_000;

export class Sampling {
  readonly #stopped = new AbortController();
  readonly #ended: Promise<void>;

  constructor(rest: Looking, onDefect: (thrown: unknown) => void) {
    this.#ended = this.#run(rest, onDefect);
  }

  /** Returns when nothing is read any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#ended;
  }

  /** It keeps no process alive. */
  async #run(rest: Looking, onDefect: (thrown: unknown) => void): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      // Rejects when it is stopped.
      await setTimeout(EVERY_MS, null, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await lookAtRunning(rest).catch(onDefect);
    }
  }
}
