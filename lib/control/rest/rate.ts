/** How often something may happen: a bucket of turns for each one who asks, which fills up again at its own pace. */
import type { Runtime } from '../../ports/runtime.ts';

export interface Rate {
  /** What a full bucket holds. */
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  turns: number;
  /** When it held that many. */
  at: number;
}

/** A bucket that is forgotten is full. */
const BUCKETS_MAX = 1000;

export class Buckets {
  readonly #rate: Rate;
  readonly #runtime: Pick<Runtime, 'elapsed'>;
  /** Who came last stands last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, runtime: Pick<Runtime, 'elapsed'>) {
    this.#rate = rate;
    this.#runtime = runtime;
  }

  /** Takes a turn; false where none is left. */
  take(who: string): boolean {
    const turns = this.#turnsOf(who);
    const isLeft = turns >= 1;
    this.#keep(who, { turns: isLeft ? turns - 1 : turns, at: this.#runtime.elapsed() });
    return isLeft;
  }

  /** Whether a turn is left, which stays there. */
  hasLeft(who: string): boolean {
    return this.#turnsOf(who) >= 1;
  }

  #turnsOf(who: string): number {
    const { burst, perSecond } = this.#rate;
    const bucket = this.#buckets.get(who);
    return bucket === undefined ? burst : Math.min(burst, bucket.turns + ((this.#runtime.elapsed() - bucket.at) / 1000) * perSecond);
  }

  #keep(who: string, bucket: Bucket): void {
    this.#buckets.delete(who);
    this.#buckets.set(who, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > BUCKETS_MAX && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
