/** Timers of many keys in one time domain, the earliest first (Flink's HeapPriorityQueueSet of an InternalTimerService). */
import { compareKeys, type Key } from '../key.ts';

/** A timer of a key. */
export interface QueuedTimer {
  /** Epoch ms. */
  readonly time: number;
  readonly key: Key;
}

/** By time, then by key: Flink leaves the order of equal times open, and a replay must not (F7). */
export const compareTimers = (a: QueuedTimer, b: QueuedTimer): number => a.time - b.time || compareKeys(a.key, b.key);

/** Timers in the order in which they fire, each once. */
export function inOrder(timers: readonly QueuedTimer[]): QueuedTimer[] {
  const sorted = timers.toSorted(compareTimers);
  return sorted.filter((timer, i) => i === 0 || compareTimers(timer, sorted[i - 1] ?? timer) !== 0);
}

/** So many timers that are gone may stand among those that are not, besides half of all. */
const STALE_MIN = 1000;

/**
 * A binary heap. Whether a timer still stands is asked of its key (`isLive`): one that was deleted is left where it is until it comes to the front, or until
 * there are as many of them as of others.
 */
export class TimerQueue {
  readonly #isLive: (timer: QueuedTimer) => boolean;
  #heap: QueuedTimer[] = [];
  /** Timers that are gone are swept out when there are more than this. */
  #sweepAt = STALE_MIN;

  constructor(isLive: (timer: QueuedTimer) => boolean) {
    this.#isLive = isLive;
  }

  push(timer: QueuedTimer): void {
    if (this.#heap.length >= this.#sweepAt) this.#sweep();
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
  }

  /** The earliest timer that still stands; it stays. */
  peek(): QueuedTimer | null {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#isLive(first)) return first;
      this.#removeFirst();
    }
    return null;
  }

  /** Takes the earliest timer out, if its time has come. */
  take(upTo: number): QueuedTimer | null {
    const first = this.peek();
    if (first === null || first.time > upTo) return null;
    this.#removeFirst();
    return first;
  }

  /** All timers up to a time that still stand, each once and in their order; they stay. */
  upTo(time: number): QueuedTimer[] {
    const due: QueuedTimer[] = [];
    this.#collect(0, time, due);
    return inOrder(due);
  }

  /** What lies below a timer is not earlier. */
  #collect(at: number, time: number, due: QueuedTimer[]): void {
    const timer = this.#heap[at];
    if (timer === undefined || timer.time > time) return;
    if (this.#isLive(timer)) due.push(timer);
    this.#collect(2 * at + 1, time, due);
    this.#collect(2 * at + 2, time, due);
  }

  #sweep(): void {
    // An array in order is a heap.
    this.#heap = this.upTo(Number.POSITIVE_INFINITY);
    this.#sweepAt = STALE_MIN + 2 * this.#heap.length;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(at: number): void {
    const parent = (at - 1) >> 1;
    if (at > 0 && this.#swapIfEarlier(at, parent)) this.#rise(parent);
  }

  #sink(at: number): void {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const child = this.#isEarlier(right, left) ? right : left;
    if (this.#swapIfEarlier(child, at)) this.#sink(child);
  }

  #isEarlier(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    return x !== undefined && y !== undefined && compareTimers(x, y) < 0;
  }

  #swapIfEarlier(lower: number, upper: number): boolean {
    const [below, above] = [this.#heap[lower], this.#heap[upper]];
    if (below === undefined || above === undefined || compareTimers(below, above) >= 0) return false;
    this.#heap[upper] = below;
    this.#heap[lower] = above;
    return true;
  }
}
