/** The timers of one key in a step, as an overlay over those that are committed (Flink's InternalTimerServiceImpl, for one key). */
import type { KeyTimers } from './contents.ts';
import type { TimeDomain } from './keyed-function.ts';

export const NO_TIMERS: KeyTimers = { event: [], processing: [] };

/** What `rollback` goes back to. */
export type TimersMark = KeyTimers;

/** Every change makes new lists: a mark is what there was. A key has few timers at a time. */
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
    const at = placeOf(times, time);
    if (times[at] === time) return false;
    this.#timers = { ...this.#timers, [domain]: times.toSpliced(at, 0, time) };
    return true;
  }

  delete(domain: TimeDomain, time: number): void {
    const times = this.#timers[domain];
    const at = placeOf(times, time);
    if (times[at] === time) this.#timers = { ...this.#timers, [domain]: times.toSpliced(at, 1) };
  }

  mark(): TimersMark {
    return this.#timers;
  }

  rollback(mark: TimersMark): void {
    this.#timers = mark;
  }
}

/** Whether a time is among some that are in order. */
export const hasTime = (times: readonly number[], time: number): boolean => times[placeOf(times, time)] === time;

/** Where a time stands, or would. */
function placeOf(times: readonly number[], time: number): number {
  let [from, to] = [0, times.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((times[middle] ?? time) < time) from = middle + 1;
    else to = middle;
  }
  return from;
}
