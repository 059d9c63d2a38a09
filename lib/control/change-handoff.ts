/** Rows from a job to whoever asks for them: those of one FIRE at a time, and the job waits until they are taken. */
import { SluiceError } from '../core/errors.ts';
import type { Change } from './statement-result.ts';

/** Changes in one batch. */
const BATCH_MAX = 5000;

type Taken = readonly Change[] | null;

export class ChangeHandoff {
  #changes: readonly Change[] = [];
  #failure: unknown = null;
  #isOver = false;
  #reader: PromiseWithResolvers<Taken> | null = null;
  #writer: PromiseWithResolvers<void> | null = null;

  /** Resolves when all of them are taken, or nobody wants them any more. */
  async put(changes: readonly Change[]): Promise<void> {
    if (this.#isOver || changes.length === 0) return;
    if (this.#writer !== null) throw new SluiceError('INVARIANT', { message: 'one FIRE is emitted after the other' });
    this.#changes = changes;
    this.#writer = Promise.withResolvers();
    const { promise } = this.#writer;
    this.#serve();
    return promise;
  }

  /** The next batch; null behind the last. Rejects with what `fail` was told. One call at a time. */
  async take(): Promise<Taken> {
    this.#reader = Promise.withResolvers();
    const { promise } = this.#reader;
    this.#serve();
    return promise;
  }

  /** No more rows come, and those that nobody has taken are dropped. */
  end(): void {
    this.#isOver = true;
    this.#changes = [];
    this.#release();
    this.#serve();
  }

  fail(error: unknown): void {
    this.#failure = error;
    this.end();
  }

  #serve(): void {
    if (this.#reader === null) return;
    if (this.#changes.length > 0) {
      const batch = this.#changes.slice(0, BATCH_MAX);
      this.#changes = this.#changes.slice(BATCH_MAX);
      this.#answer(batch);
      if (this.#changes.length === 0) this.#release();
    } else if (this.#failure !== null) {
      this.#reader.reject(this.#failure);
      [this.#reader, this.#failure] = [null, null];
    } else if (this.#isOver) this.#answer(null);
  }

  #answer(taken: Taken): void {
    this.#reader?.resolve(taken);
    this.#reader = null;
  }

  #release(): void {
    this.#writer?.resolve();
    this.#writer = null;
  }
}
