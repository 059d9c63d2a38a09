/** What a function of the program has failed on within a window: its accumulators, or its result. Whoever knows the key names it. */
import { errorText } from '../error-text.ts';
import { SluiceError } from '../errors.ts';
import { keyText, type Key } from '../key.ts';

export interface AggregateFailure {
  readonly code: 'FUNCTION_THREW' | 'STATE_VALUE_INVALID';
  /** Of the window. */
  readonly uid: string;
  readonly what: string;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
}

export class FailedAggregate extends SluiceError {
  readonly #failure: AggregateFailure;

  constructor(failure: AggregateFailure, key?: Key) {
    const { code, uid, what, cause, details } = failure;
    const where = key === undefined ? '' : ` on key ${keyText(key)}`;
    super(code, { message: errorText(`the aggregate function of ${uid} failed${where}: ${what}`), cause, details: { ...details, uid, ...(key !== undefined && { key }) } });
    this.#failure = failure;
  }

  get what(): string {
    return this.#failure.what;
  }

  /** The same, with the key that it was of. */
  of(key: Key): FailedAggregate {
    return new FailedAggregate(this.#failure, key);
  }
}

/** An error as it leaves the place that knows the key. */
export const withKey = (error: unknown, key: Key): unknown => (error instanceof FailedAggregate ? error.of(key) : error);
