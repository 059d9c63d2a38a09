/** When the rows of a partition come: at their rate, a tenth of a second's at a time, and never faster to make up for a pause. */
import type { Runtime } from '../../ports/runtime.ts';

const TICK_MS = 100;
/** A reader that falls behind for longer loses no rows, but its turns. */
const BEHIND_MAX_MS = 1000;

export class Pace {
  readonly #runtime: Pick<Runtime, 'elapsed' | 'sleep'>;
  readonly #perMs: number;
  /** The row `row` was due at `at`. */
  #since: { readonly row: number; readonly at: number } | null = null;

  /** `perSecond` rows of this partition. */
  constructor(runtime: Pick<Runtime, 'elapsed' | 'sleep'>, perSecond: number) {
    this.#runtime = runtime;
    this.#perMs = perSecond / 1000;
  }

  /** Waits for the row `from`, but not for long, and returns the first one that is not due; null: it is `from`. */
  async due(from: number): Promise<number | null> {
    const now = this.#runtime.elapsed();
    const at = this.#dueAt(from, now);
    if (at > now) await this.#runtime.sleep(Math.min(at - now, TICK_MS));
    if (at > now + TICK_MS) return null;
    // A timer may wake up a little early.
    return Math.max(from + 1, this.#firstAfter(Math.max(at, this.#runtime.elapsed())));
  }

  #dueAt(from: number, now: number): number {
    const { row, at } = (this.#since ??= { row: from, at: now });
    const due = at + Math.ceil((from - row) / this.#perMs / TICK_MS) * TICK_MS;
    if (from >= row && due >= now - BEHIND_MAX_MS && due <= now + TICK_MS + 1 / this.#perMs) return due;
    this.#since = { row: from, at: now };
    return now;
  }

  #firstAfter(now: number): number {
    const { row, at } = this.#since ?? { row: 0, at: now };
    return row + Math.floor(Math.floor((now - at) / TICK_MS) * TICK_MS * this.#perMs) + 1;
  }
}
