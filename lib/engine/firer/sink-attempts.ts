/**
 * What a process knows of the sinks that it emits to: which have the FIRE at hand already, and which have failed and are left alone for a
 * while. Lost with the process, without harm: emission can be repeated (X1).
 */
import type { SluiceError } from '../../core/errors.ts';
import type { Uid } from '../../core/numbers.ts';

/** Pause after the first failure; every further one doubles it. */
const BACK_OFF_MIN_MS = 100;
/** A sink that is mended gets its rows after this time at the latest. */
const BACK_OFF_MAX_MS = 10_000;

export interface SinkFailure {
  /** Id of the FIRE that the sink has not taken. Another one is news: others have served the sink in between. */
  readonly fire: string;
  readonly cause: SluiceError;
  /** Failures in a row. */
  readonly attempts: number;
  /** On the monotonic clock. */
  readonly retryAt: number;
}

/** When a sink that has failed at `now` is asked again. */
export const backOff = (attempts: number, now: number): number => now + Math.min(BACK_OFF_MAX_MS, BACK_OFF_MIN_MS * 2 ** (attempts - 1));

export class SinkAttempts {
  readonly #failures = new Map<Uid, SinkFailure>();
  /** Sinks that have confirmed the FIRE of this id. */
  #confirmed: { readonly fire: string; readonly sinks: Set<Uid> } = { fire: '', sinks: new Set() };
  /** Sinks that have confirmed anything. */
  readonly #known = new Set<Uid>();

  /** The failure of a sink that is not to be asked yet. */
  waiting(fire: string, sink: Uid, now: number): SinkFailure | null {
    const failure = this.#failureOf(fire, sink);
    return failure !== null && now < failure.retryAt ? failure : null;
  }

  hasConfirmed(fire: string, sink: Uid): boolean {
    return this.#confirmed.fire === fire && this.#confirmed.sinks.has(sink);
  }

  /** True if somebody may have said that the sink fails: this process, or, before the first confirmation that it sees, another. */
  confirm(fire: string, sink: Uid): boolean {
    if (this.#confirmed.fire !== fire) this.#confirmed = { fire, sinks: new Set() };
    this.#confirmed.sinks.add(sink);
    const isFirst = !this.#known.has(sink);
    this.#known.add(sink);
    return this.#failures.delete(sink) || isFirst;
  }

  /** True if this is news: the sink did not fail before at this FIRE, or in another way. */
  fail(fire: string, sink: Uid, cause: SluiceError, now: number): boolean {
    const before = this.#failureOf(fire, sink);
    const attempts = (before?.attempts ?? 0) + 1;
    this.#failures.set(sink, { fire, cause, attempts, retryAt: backOff(attempts, now) });
    return before?.cause.message !== cause.message;
  }

  #failureOf(fire: string, sink: Uid): SinkFailure | null {
    const failure = this.#failures.get(sink);
    return failure?.fire === fire ? failure : null;
  }
}
