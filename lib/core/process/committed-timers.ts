/** The timers of the state in one time domain, as a step comes to them: nothing changes them before it is committed. */
import type { TimeDomain } from './keyed-function.ts';
import type { ProcessState } from './process-state.ts';
import { inOrder, type QueuedTimer } from './timer-queue.ts';

export class CommittedTimers {
  readonly #domain: TimeDomain;
  readonly #state: ProcessState;
  /** In order, up to `#seen`; those before `#next` are taken. */
  #timers: readonly QueuedTimer[] = [];
  #next = 0;
  #seen = Number.NEGATIVE_INFINITY;
  /** The time that was asked for first. */
  #first: number | null = null;

  constructor(domain: TimeDomain, state: ProcessState) {
    this.#domain = domain;
    this.#state = state;
  }

  /** Those up to a time that are not taken, in order. */
  upTo(time: number): readonly QueuedTimer[] {
    if (time > this.#seen) this.#look(time);
    return this.#timers.slice(this.#next, this.#behind(time));
  }

  /** Those up to a time are given no more. */
  take(time: number): void {
    this.#next = this.#behind(time);
  }

  /**
   * With `on-event` a step fires many times, and each look passes all that is due since it began: so it goes twice as far as the step has come, and few are
   * enough.
   */
  #look(time: number): void {
    this.#first ??= time;
    const end = time + (time - this.#first);
    this.#timers = [...this.#timers.slice(this.#next), ...inOrder(this.#state.timersUpTo(this.#domain, end, this.#seen))];
    [this.#next, this.#seen] = [0, end];
  }

  /** The place of the first that is later. */
  #behind(time: number): number {
    let at = this.#next;
    while ((this.#timers[at]?.time ?? Number.POSITIVE_INFINITY) <= time) at++;
    return at;
  }
}
