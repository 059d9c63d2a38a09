/** What a function has seen, and in which order. */
import { setTimeout as delay } from 'node:timers/promises';

interface SeenRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface SeenEvent {
  readonly records: Readonly<Record<string, readonly SeenRecord[]>>;
}

/** A handler that remembers; an event counts when `before` has let it through. */
export class Deliveries {
  /** Called with the offsets of an event; what it throws is the function's error. */
  before: (offsets: readonly number[]) => Promise<void> = async () => {};
  readonly events: SeenEvent[] = [];
  readonly sizes: number[] = [];
  readonly partitionsPerEvent: number[] = [];
  /** Records that came before one with a lower offset. */
  readonly outOfOrder: string[] = [];
  /** Events with a partition that another event in flight had too. */
  overlaps = 0;
  begun = 0;
  readonly #seen = new Map<string, number[]>();
  readonly #inFlight = new Set<string>();

  async take(event: unknown): Promise<void> {
    this.begun++;
    const { records } = event as SeenEvent;
    const keys = Object.keys(records);
    if (keys.some((key) => this.#inFlight.has(key))) this.overlaps++;
    for (const key of keys) this.#inFlight.add(key);
    try {
      await this.before(Object.values(records).flat().map((r) => r.offset));
      this.#count(records);
      this.events.push({ ...(event as SeenEvent) });
    } finally {
      for (const key of keys) this.#inFlight.delete(key);
    }
  }

  /** Records, repeated ones included. */
  get count(): number {
    return [...this.#seen.values()].reduce((n, offsets) => n + offsets.length, 0);
  }

  get duplicates(): number {
    return this.count - Deliveries.distinct(this);
  }

  offsets(topic: string, partition: number): readonly number[] {
    return this.#seen.get(`${topic}-${partition}`) ?? [];
  }

  /** Records that any of them has seen. */
  static distinct(...all: readonly Deliveries[]): number {
    return new Set(all.flatMap((d) => [...d.#seen].flatMap(([key, offsets]) => offsets.map((o) => `${key}@${o}`)))).size;
  }

  #count(records: SeenEvent['records']): void {
    this.sizes.push(Object.values(records).flat().length);
    this.partitionsPerEvent.push(Object.keys(records).length);
    for (const [key, list] of Object.entries(records)) {
      const seen = this.#seen.get(key) ?? [];
      for (const { offset } of list) {
        if (offset < (seen.at(-1) ?? -1)) this.outOfOrder.push(`${key}@${offset}`);
        seen.push(offset);
      }
      this.#seen.set(key, seen);
    }
  }
}

/** Fails with `what` if `condition` is not met in time. */
export async function untilTrue(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 25_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not in ${timeoutMs} ms: ${what}`);
    await delay(50);
  }
}
