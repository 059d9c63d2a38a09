/** A counter, and its rate over the last minute in steps of five seconds, as Flink's `MeterView` has it. */
import type { Runtime } from '../../ports/runtime.ts';

const STEP_MS = 5000;
const STEPS = 12;

export class Meter {
  total = 0;
  readonly #clock: Pick<Runtime, 'elapsed'>;
  /** By step, modulo their number. */
  readonly #steps = Array.from({ length: STEPS }, () => 0);
  #step: number;

  constructor(clock: Pick<Runtime, 'elapsed'>) {
    this.#clock = clock;
    this.#step = Math.floor(clock.elapsed() / STEP_MS);
  }

  count(n: number): void {
    this.#advance();
    this.total += n;
    this.#steps[this.#step % STEPS] = (this.#steps[this.#step % STEPS] ?? 0) + n;
  }

  get perSecond(): number {
    this.#advance();
    return this.#steps.reduce((sum, n) => sum + n, 0) / ((STEPS * STEP_MS) / 1000);
  }

  /** Steps in which nothing came are zero. */
  #advance(): void {
    const now = Math.floor(this.#clock.elapsed() / STEP_MS);
    for (let step = Math.max(this.#step + 1, now - STEPS + 1); step <= now; step++) this.#steps[step % STEPS] = 0;
    this.#step = now;
  }
}
