/** Time that only a test moves, and numbers that are the same in every run. */
import { runWithin } from '../adapters/node/run-within.ts';
import { wallTime } from '../core/numbers.ts';
import type { Runtime } from '../ports/runtime.ts';

export class ManualRuntime implements Runtime {
  #now: number;
  #elapsed = 0;
  #drawn = 0;

  /** `now`: epoch ms. */
  constructor(now: number) {
    this.#now = now;
  }

  now(): ReturnType<Runtime['now']> {
    return wallTime(this.#now);
  }

  elapsed(): number {
    return this.#elapsed;
  }

  randomHex(bytes: number): string {
    return (++this.#drawn).toString(16).padStart(2 * bytes, '0');
  }

  /** Nobody waits, and no time passes: processing time is the test's alone. */
  async sleep(): Promise<void> {}

  /** Functions under test may be as wrong as any. */
  runWithin(ms: number, run: () => void): boolean {
    return runWithin(ms, run);
  }

  advance(ms: number): void {
    this.#now += ms;
    this.#elapsed += ms;
  }
}
