/** What goes wrong, and the numbers under which a shrinker drops it again. */
import type { Prng } from './prng.ts';

/** Faults of any request. */
export const REQUEST_FAULTS = [
  'throttle',
  'requestLost',
  'responseLost',
  /** The effect lands after the client gave up. */
  'lateEffect',
  /** The effect happens, the process sees the answer later. */
  'freeze',
  'longFreeze',
  /** The request waits, its effect and its answer come late: an append that only G2 can judge. */
  'stall',
  'crashBefore',
  'crashAfter',
] as const;

/** Also those of certain requests, of the event source, of topics and of the surroundings. */
export type Fault =
  | (typeof REQUEST_FAULTS)[number]
  | 'tornPage'
  | 'staleHint'
  | 'redelivery'
  | 'lateDelivery'
  | 'rebalance'
  | 'staleCommit'
  | 'bisect'
  | 'newPartition'
  | 'topicRetention'
  | 'topicReplaced'
  | 'sinkOutage'
  | 'firerOutage';

export class Faults {
  /** Probability per request. */
  rate = 0;
  /** Faults drawn so far: the number of the next one. */
  drawn = 0;
  readonly #prng: Prng;
  readonly #keep: ReadonlySet<number> | null;
  readonly #onFault: (fault: Fault, number: number) => void;

  /** `keep`: numbers of the faults that happen; null: all. */
  constructor(prng: Prng, keep: ReadonlySet<number> | null, onFault: (fault: Fault, number: number) => void) {
    this.#prng = prng;
    this.#keep = keep;
    this.#onFault = onFault;
  }

  /** A fault for a request that may meet those of every request and its own `special` ones. */
  ofRequest(special: readonly Fault[]): Fault | null {
    if (this.rate === 0 || !this.#prng.chance(this.rate)) return null;
    const fault = special.length > 0 && this.#prng.chance(0.5) ? this.#prng.pick(special) : this.#prng.pick(REQUEST_FAULTS);
    return this.#happens(fault) ? fault : null;
  }

  /** Whether a fault of the surroundings happens now; never while faults are switched off. */
  strike(fault: Fault, probability: number): boolean {
    return this.rate > 0 && this.#prng.chance(probability) && this.#happens(fault);
  }

  #happens(fault: Fault): boolean {
    const number = this.drawn++;
    if (this.#keep?.has(number) === false) return false;
    this.#onFault(fault, number);
    return true;
  }
}
