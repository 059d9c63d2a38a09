/** The timers of all keys in a step: those of the state that the step has not deleted, and those that it has registered. */
import type { Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import type { DueWindow } from '../window/operator-step.ts';
import { CommittedTimers } from './committed-timers.ts';
import type { TimeDomain } from './keyed-function.ts';
import type { OpenTimers } from './key-timers.ts';
import type { ProcessState } from './process-state.ts';
import { inOrder, TimerQueue, type QueuedTimer } from './timer-queue.ts';

/** So much fires at once (F13). */
export interface FiringBound {
  /** Timers, or outputs, with which firing stops before the next time; Infinity without a bound. */
  readonly rows: number;
  /** Timers of this time, or before it, fire together: the step cannot come to less. */
  readonly from: number;
}

/** Keys that the step has open. */
type OpenKeys = ReadonlyMap<Key, { readonly timers: OpenTimers }>;

export class StepTimers {
  readonly #keys: OpenKeys;
  readonly #committed: Readonly<Record<TimeDomain, CommittedTimers>>;
  readonly #own: Readonly<Record<TimeDomain, TimerQueue>>;
  #stoppedAt: number | null = null;

  constructor(state: ProcessState, keys: OpenKeys) {
    this.#keys = keys;
    this.#committed = { event: new CommittedTimers('event', state), processing: new CommittedTimers('processing', state) };
    this.#own = { event: new TimerQueue((timer) => this.#stands('event', timer)), processing: new TimerQueue((timer) => this.#stands('processing', timer)) };
  }

  /** Says that the step has registered a timer. */
  add(domain: TimeDomain, timer: QueuedTimer): void {
    this.#own[domain].push(timer);
  }

  /** All timers that stand, up to a time, in the order in which they fire. */
  upTo(domain: TimeDomain, time: number): QueuedTimer[] {
    const committed = this.#committed[domain].upTo(time).filter((timer) => this.#stands(domain, timer));
    return inOrder([...committed, ...this.#own[domain].upTo(time)]);
  }

  /** Event-time timers by time. Those that the watermark has passed wait for its next move, however small. */
  due(watermark: EventTime, before: EventTime): DueWindow[] {
    const due: { end: EventTime; rows: number }[] = [];
    for (const { time } of this.upTo('event', watermark)) {
      const end = eventTime(Math.max(time, before + 1));
      const last = due.at(-1);
      if (last?.end === end) last.rows++;
      else due.push({ end, rows: 1 });
    }
    return due;
  }

  /** The time with which `fire` has stopped; null where it came to its end. */
  get stoppedAt(): number | null {
    return this.#stoppedAt;
  }

  /**
   * The timers up to a time, also those that are registered on the way, until there are as many of them, or of what `given` counts, as the bound says; whoever
   * takes one deletes it. `chained` counts those that were registered on the way, of its key.
   */
  *fire(domain: TimeDomain, time: number, { rows, from }: FiringBound, given: () => number): Generator<{ readonly timer: QueuedTimer; readonly chained: number }> {
    const own = this.#own[domain];
    const due = this.upTo(domain, time);
    // They are among the step's own now.
    this.#committed[domain].take(time);
    const chainedOf = new Map<Key, number>();
    const count = (key: Key, more: number): number => {
      const chained = (chainedOf.get(key) ?? 0) + more;
      chainedOf.set(key, chained);
      return chained;
    };
    for (const timer of due) {
      own.push(timer);
      count(timer.key, -1);
    }
    let [fired, reached] = [0, Number.NEGATIVE_INFINITY];
    for (let timer = own.take(time); timer !== null; timer = own.take(time)) {
      const end = Math.max(timer.time, from);
      if (end > reached && Math.max(fired, given()) >= rows) {
        this.#stoppedAt = reached;
        return;
      }
      [fired, reached] = [fired + 1, end];
      yield { timer, chained: count(timer.key, 1) };
    }
  }

  #stands(domain: TimeDomain, timer: QueuedTimer): boolean {
    return this.#keys.get(timer.key)?.timers.has(domain, timer.time) ?? true;
  }
}
