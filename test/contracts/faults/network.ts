/** A network between a client and a port: what can happen to a request on its way, drawn from a seed or told by the test. */
import { isError, StoreError } from '../../../lib/core/errors.ts';
import { Prng } from '../../simulation/prng.ts';

/**
 * | fault | the client is told | the effect |
 * |---|---|---|
 * | throttled | it did not happen | none |
 * | request-lost | it may have happened | none |
 * | response-lost | it may have happened | there, when the client is told |
 * | late | it may have happened | lands behind any number of later calls, at the latest when the network settles |
 */
export const FAULTS = ['throttled', 'request-lost', 'response-lost', 'late'] as const;
export type Fault = (typeof FAULTS)[number];

/** Share of the calls that something happens to; of these, the share of late ones that land before a further call. */
const FAULTY = 0.4;
const LANDS = 0.4;
/** Turns that others get before and behind a call, at most. */
const TURNS = 4;

export class Network {
  /** Faults so far. */
  readonly seen: Fault[] = [];
  readonly #prng: Prng;
  readonly #faulty: number;
  readonly #told: Fault[] = [];
  #late: (() => Promise<unknown>)[] = [];

  constructor(prng: Prng, faulty = FAULTY) {
    this.#prng = prng;
    this.#faulty = faulty;
  }

  /** The port, behind this network; any number of clients may share one. */
  to<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => this.#call(String(member), async () => Reflect.apply(value, target, args));
      },
    });
  }

  /** What happens to the next calls, whatever the seed says. */
  next(...faults: readonly Fault[]): void {
    this.#told.push(...faults);
  }

  /** Every request that is still under way lands. */
  async settle(): Promise<void> {
    while (this.#late.length > 0) await this.#land(() => true);
  }

  async #call(name: string, send: () => Promise<unknown>): Promise<unknown> {
    await this.#land(() => this.#prng.chance(this.#faulty * LANDS));
    await this.#turns();
    const fault = this.#told.shift() ?? this.#draw();
    if (fault === null) return send();
    this.seen.push(fault);
    if (fault === 'response-lost') await answerOf(send);
    if (fault === 'late') this.#late.push(send);
    await this.#turns();
    throw new StoreError(fault === 'throttled' ? 'no' : 'maybe', { message: `${name}: ${fault}` });
  }

  #draw(): Fault | null {
    return this.#prng.chance(this.#faulty) ? this.#prng.pick(FAULTS) : null;
  }

  async #land(isNow: () => boolean): Promise<void> {
    const landing = this.#late.filter(isNow);
    this.#late = this.#late.filter((send) => !landing.includes(send));
    for (const send of landing) await answerOf(send);
  }

  async #turns(): Promise<void> {
    for (let left = this.#prng.below(TURNS); left > 0; left--) await Promise.resolve();
  }
}

/** Nobody hears the answer, a refusal included; a defect is heard. */
async function answerOf(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!isError(error)) throw error;
  }
}

const SEEDS = 25;

/** Runs the same with one network after the other; the seed that fails is named. Fails if some fault never struck. */
export async function eachNetwork(body: (network: Network, prng: Prng) => Promise<void>): Promise<void> {
  const seen = new Set<Fault>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const network = new Network(new Prng(seed));
    try {
      await body(network, new Prng(-seed));
      await network.settle();
    } catch (error) {
      if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
    for (const fault of network.seen) seen.add(fault);
  }
  const missing = FAULTS.filter((fault) => !seen.has(fault));
  if (missing.length > 0) throw new Error(`no call was ${missing.join(', ')}`);
}

/** A network on which nothing happens but what the test tells it. */
export const toldNetwork = (): Network => new Network(new Prng(0), 0);

/** Repeats a request that may be repeated blindly, a read or one that is idempotent, until it is answered. */
export async function answered<T>(request: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}
