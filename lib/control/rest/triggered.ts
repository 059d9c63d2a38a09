/** Operations that clients trigger and then ask about. What one came to is kept for five minutes, as by Flink (`rest.async.store-duration`). */
import { isError, type SluiceError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';

/** No error: a defect, of which clients learn nothing but that. */
export type Outcome<T> =
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'failed'; readonly error: SluiceError | null };

interface Entry<T> {
  outcome: Outcome<T>;
  /** Null while it goes on. */
  endedAt: number | null;
  readonly ended: Promise<void>;
}

const KEPT_MS = 5 * 60_000;
/** Each one holds a job's state in memory while it goes on. */
const IN_PROGRESS_MAX = 16;
const KEPT_MAX = 1000;

export interface TriggeredOptions {
  readonly runtime: Pick<Runtime, 'elapsed'>;
  readonly onDefect: (thrown: unknown) => void;
}

/** Operations of one kind, in this process. */
export class Triggered<T> {
  readonly #options: TriggeredOptions;
  /** In the order in which they began. */
  readonly #entries = new Map<string, Entry<T>>();

  constructor(options: TriggeredOptions) {
    this.#options = options;
  }

  /** Begins an operation; one that is known goes on, or stays as it ended. False: too many are under way. */
  begin(key: string, action: () => Promise<T>): boolean {
    this.#forget();
    if (this.#entries.has(key)) return true;
    if ([...this.#entries.values()].filter(({ endedAt }) => endedAt === null).length >= IN_PROGRESS_MAX) return false;
    const ended = begun(action).then(
      (result) => this.#end(key, { kind: 'done', result }),
      (thrown: unknown) => this.#fail(key, thrown),
    );
    this.#entries.set(key, { outcome: { kind: 'in-progress' }, endedAt: null, ended });
    return true;
  }

  /** Null for one that nobody triggered here, or that ended too long ago. */
  outcomeOf(key: string): Outcome<T> | null {
    this.#forget();
    return this.#entries.get(key)?.outcome ?? null;
  }

  /** Returns when nothing is under way. */
  async settle(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ ended }) => ended));
  }

  #fail(key: string, thrown: unknown): void {
    if (!isError(thrown) || thrown.kind === 'bug') this.#options.onDefect(thrown);
    this.#end(key, { kind: 'failed', error: isError(thrown) ? thrown : null });
  }

  #end(key: string, outcome: Outcome<T>): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.outcome = outcome;
    entry.endedAt = this.#options.runtime.elapsed();
  }

  /** What has had its time, and the oldest of what is too much. */
  #forget(): void {
    const now = this.#options.runtime.elapsed();
    for (const [key, { endedAt }] of this.#entries) {
      if (endedAt !== null && (now - endedAt > KEPT_MS || this.#entries.size >= KEPT_MAX)) this.#entries.delete(key);
    }
  }
}

/** What throws at once rejects. */
const begun = async <T>(action: () => Promise<T>): Promise<T> => action();
