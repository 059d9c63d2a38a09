/** The timers of one key in a step, as an overlay over those that are committed (Flink's InternalTimerServiceImpl, for one key). */
import type { KeyTimers } from './contents.ts';
import type { TimeDomain } from './keyed-function.ts';
import { hasTime, withoutTime, withTime } from './time-tree.ts';

export const NO_TIMERS: KeyTimers = { event: null, processing: null };

/** What `rollback` goes back to. */
export type TimersMark = KeyTimers;

/** Every change makes new sets, which share what stays with those before: a mark is what there was. */
export class OpenTimers {
  readonly #committed: KeyTimers;
  #timers: KeyTimers;

  constructor(committed: KeyTimers) {
    this.#committed = committed;
    this.#timers = committed;
  }

  get timers(): KeyTimers {
    return this.#timers;
  }

  get isChanged(): boolean {
    return this.#timers !== this.#committed;
  }

  has(domain: TimeDomain, time: number): boolean {
    return hasTime(this.#timers[domain], time);
  }

  /** False where the time is registered already: it fires once. */
  register(domain: TimeDomain, time: number): boolean {
    const times = this.#timers[domain];
    const more = withTime(times, time);
    if (more === times) return false;
    this.#timers = { ...this.#timers, [domain]: more };
    return true;
  }

  delete(domain: TimeDomain, time: number): void {
    const times = this.#timers[domain];
    const rest = withoutTime(times, time);
    if (rest !== times) this.#timers = { ...this.#timers, [domain]: rest };
  }

  mark(): TimersMark {
    return this.#timers;
  }

  rollback(mark: TimersMark): void {
    this.#timers = mark;
  }
}
