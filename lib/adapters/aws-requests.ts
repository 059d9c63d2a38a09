/** One logical request to AWS: bounded attempts within a deadline, and what is known of its effect when it fails. The SDK itself repeats nothing. */
import { SluiceError, StoreError, type ErrorParts } from '../core/errors.ts';
import type { Runtime } from '../ports/runtime.ts';
import { failureOf, type Failure, type Hints } from './aws-failure.ts';

/** One logical request with all its attempts, in ms (protocol §2.1); must be below HEAD_MAX_AGE. */
export const REQUEST_DEADLINE = 20_000;

/** One attempt, in ms: a connection that has gone silent leaves time for another one. */
const ATTEMPT = 5_000;
const CONNECT = 2_000;
const ATTEMPTS = 4;
/** A table or bucket that is asked too much needs seconds; the deadline bounds it as well. */
export const THROTTLED_ATTEMPTS = 8;

/** Pause before the second attempt, in ms; it doubles with every further one up to `PAUSE_MAX`, and half of it is drawn. */
const PAUSE = 50;
const THROTTLED_PAUSE = 250;
const PAUSE_MAX = 4_000;

/**
 * | | | asked again if the attempt may have happened |
 * |---|---|---|
 * | `read` | has no effect, so a failure is always `no` | yes |
 * | `repeatable` | may take effect twice without harm, or meets its own first effect and is told so | yes |
 * | `once` | a second attempt could not tell its own effect from a foreign one | no |
 *
 * What surely did not happen is asked again in every case, if that can help.
 */
export type Safety = 'read' | 'repeatable' | 'once';

export interface Request {
  /** For messages: what is done to which item or object. */
  readonly what: string;
  readonly safety: Safety;
  /** Transfer time beyond that of a small item, in ms. */
  readonly extra?: number;
}

export interface RequestsParts {
  readonly runtime: Pick<Runtime, 'elapsed' | 'randomHex' | 'sleep'>;
  /** For messages: table or bucket, and where it is. */
  readonly place: string;
  readonly hints: Hints;
  /** What somebody has to correct before the request can succeed, where that is not the failure of a store. Default: a StoreError. */
  readonly refusal?: (parts: ErrorParts) => SluiceError;
  /** Shorter in tests. */
  readonly limits?: Limits | undefined;
}

export interface Limits {
  readonly deadline: number;
  readonly attempt: number;
  /** Before the second attempt of a request that was throttled. */
  readonly throttled?: number;
}

const LIMITS: Limits = { deadline: REQUEST_DEADLINE, attempt: ATTEMPT };

/** Options of every client: connections are kept alive by default, and the attempts are counted here. */
export const CLIENT_OPTIONS = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: CONNECT, socketTimeout: ATTEMPT },
} as const;

export class Requests {
  readonly #parts: RequestsParts;
  readonly #limits: Limits;

  constructor(parts: RequestsParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? LIMITS;
  }

  /**
   * The answer to `send`; else a StoreError that is `maybe` if any of the attempts may have happened, or the `refusal`. A SluiceError out of `send`
   * is an answer.
   */
  async run<T>(request: Request, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { runtime, hints } = this.#parts;
    const extra = request.extra ?? 0;
    const end = runtime.elapsed() + this.#limits.deadline + extra;
    let happened: Failure['happened'] = 'no';
    for (let attempt = 1; ; attempt++) {
      try {
        return await within(Math.min(this.#limits.attempt + extra, end - runtime.elapsed()), send);
      } catch (error) {
        if (error instanceof SluiceError) throw error;
        const failure = failureOf(error, hints);
        if (request.safety !== 'read' && failure.happened === 'maybe') happened = 'maybe';
        const pause = this.#pauseAfter(attempt, failure);
        const isOver = attempt >= (failure.isThrottled ? THROTTLED_ATTEMPTS : ATTEMPTS) || runtime.elapsed() + pause >= end;
        if (isOver || !mayRepeat(failure, request.safety)) throw this.#failed(request, happened, failure, error);
        await runtime.sleep(pause);
      }
    }
  }

  #pauseAfter(attempt: number, { isThrottled }: Failure): number {
    const drawn = Number.parseInt(this.#parts.runtime.randomHex(1), 16) / 256;
    return Math.min(PAUSE_MAX, (isThrottled ? (this.#limits.throttled ?? THROTTLED_PAUSE) : PAUSE) * 2 ** (attempt - 1)) * (0.5 + drawn / 2);
  }

  #failed({ what }: Request, happened: Failure['happened'], { reason, hint, isPassing }: Failure, cause: unknown): SluiceError {
    const { place, refusal } = this.#parts;
    const parts = { message: `${what}: ${reason} (${place})`, hint, cause };
    return refusal === undefined || isPassing || happened === 'maybe' ? new StoreError(happened, parts) : refusal(parts);
  }
}

const mayRepeat = (failure: Failure, safety: Safety): boolean => failure.isPassing && (failure.happened === 'no' || safety !== 'once');

/** The answer, or `instead` where the service answers with an error of one of these names. */
export async function orInstead<T, I>(answer: Promise<T>, names: readonly string[], instead: I): Promise<T | I> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return instead;
    throw error;
  }
}

async function within<T>(ms: number, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await send(controller.signal);
  } catch (cause) {
    throw controller.signal.aborted ? new Error(`no answer within ${Math.ceil(ms)} ms`, { cause }) : cause;
  } finally {
    clearTimeout(timer);
  }
}
