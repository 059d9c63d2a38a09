/** Virtual time, and what is going to happen in it: one event after the other, ordered by time, then by when it was scheduled. */
interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void | Promise<void>;
}

/**
 * Turns of the microtask queue in which an answer may lead to the next call. Nothing in a run is real input or output, so the order of
 * microtasks follows from the seed; what takes more turns goes on beside the next event, in every replay the same.
 */
const TURNS_MAX = 48;

export class Scheduler {
  /** Epoch ms of the world; only `step` moves it. */
  now: number;
  /** Events that have happened. */
  steps = 0;
  readonly #heap: Event[] = [];
  #order = 0;

  constructor(now: number) {
    this.now = now;
  }

  at(time: number, run: Event['run']): void {
    this.#push({ at: Math.max(time, this.now), order: this.#order++, run });
  }

  after(ms: number, run: Event['run']): void {
    this.at(this.now + ms, run);
  }

  /** Lets the next event happen and all that directly follows from it; false if there is none. */
  async step(): Promise<boolean> {
    if (this.#heap.length === 0) await new Promise(setImmediate);
    const event = this.#pop();
    if (event === undefined) return false;
    this.now = event.at;
    this.steps++;
    const scheduled = this.#order;
    const running = event.run();
    if (running !== undefined) await running;
    for (let turn = 0; turn < TURNS_MAX && this.#order === scheduled; turn++) await Promise.resolve();
    return true;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || top === last) return top;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      const [left, right] = [heap[child], heap[child + 1]];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const below = isRight ? right : left;
      if (below === undefined || isBefore(last, below)) break;
      heap[i] = below;
      i = isRight ? child + 1 : child;
    }
    heap[i] = last;
    return top;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
