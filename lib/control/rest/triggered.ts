/** Operations that clients trigger and then ask about. */
import { isError, type SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { Runtime } from '../../ports/runtime.ts';

export interface OperationKey {
  /** Null for what is done to no job in particular. */
  readonly job: JobId | null;
  readonly trigger: string;
}

/** No error: a defect, of which clients learn nothing but that. */
export type Outcome<T> =
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'failed'; readonly error: SluiceError | null };

/** Operations of one kind: `O` says what to do, `T` is what it comes to. */
export interface Triggered<O, T> {
  /** Begins an operation; one that is known goes on, or stays as it ended. False: too many are under way. */
  begin(key: OperationKey, operation: O): Promise<boolean>;
  /** Null for one that nobody triggered here, or that ended too long ago. */
  outcomeOf(key: OperationKey): Promise<Outcome<T> | null>;
  /** How many are under way that end with this process. */
  underWay(): number;
  /** Returns when none of them is. */
  settle(): Promise<void>;
}

interface Entry<T> {
  outcome: Outcome<T>;
  /** Null while it goes on. */
  endedAt: number | null;
  readonly ended: Promise<void>;
}

/** As by Flink (`rest.async.store-duration`). */
const KEPT_MS = 5 * 60_000;
/** Each one holds a job's state in memory while it goes on. */
const IN_PROGRESS_MAX = 16;
const KEPT_MAX = 1000;

export interface TriggeredOptions<O, T> {
  readonly runtime: Pick<Runtime, 'elapsed'>;
  /** A `trigger` that is repeated asks for the same. */
  readonly run: (operation: O, trigger: string) => Promise<T>;
  readonly onDefect: (thrown: unknown) => void;
}

/** Carried out, and remembered, by this process. */
export class TriggeredHere<O, T> implements Triggered<O, T> {
  readonly #options: TriggeredOptions<O, T>;
  /** In the order in which they began. */
  readonly #entries = new Map<string, Entry<T>>();

  constructor(options: TriggeredOptions<O, T>) {
    this.#options = options;
  }

  async begin(given: OperationKey, operation: O): Promise<boolean> {
    this.#forget();
    const key = textOf(given);
    if (this.#entries.has(key)) return true;
    if (this.underWay() >= IN_PROGRESS_MAX) return false;
    const ended = begun(() => this.#options.run(operation, given.trigger)).then(
      (result) => this.#end(key, { kind: 'done', result }),
      (thrown: unknown) => this.#fail(key, thrown),
    );
    this.#entries.set(key, { outcome: { kind: 'in-progress' }, endedAt: null, ended });
    return true;
  }

  async outcomeOf(key: OperationKey): Promise<Outcome<T> | null> {
    this.#forget();
    return this.#entries.get(textOf(key))?.outcome ?? null;
  }

  underWay(): number {
    return [...this.#entries.values()].filter(({ endedAt }) => endedAt === null).length;
  }

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

const textOf = ({ job, trigger }: OperationKey): string => `${job ?? ''}/${trigger}`;

/** What throws at once rejects. */
const begun = async <T>(action: () => Promise<T>): Promise<T> => action();
