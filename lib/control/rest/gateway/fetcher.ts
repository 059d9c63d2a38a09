/** Batches by token, as Flink's ResultFetcher gives them: a client that has lost an answer asks for it again. */
import { SluiceError } from '../../../core/errors.ts';
import type { Runtime } from '../../../ports/runtime.ts';
import type { Change } from '../../statement-result.ts';
import { sizeOf } from '../../value-size.ts';
import type { Batch, ResultHead } from './gateway.ts';
import { waitAMoment } from './patience.ts';
import type { Result } from './result.ts';

/** A batch that is awaited, and whether it is there. */
interface Awaited {
  readonly batch: Promise<Batch>;
  isThere: boolean;
}

/** What gives the batches. */
interface Source {
  readonly batches: AsyncIterator<readonly Change[]>;
  readonly end: () => Promise<void>;
}

export class ResultFetcher {
  readonly head: ResultHead;
  readonly #runtime: Pick<Runtime, 'sleep'>;
  /** Null behind the last batch, and behind a failure: what a query has held is let go. */
  #source: Source | null;
  #size: number | null;
  #hasFailed = false;
  #token = 0;
  #last: readonly Change[] = [];
  /** At most one is awaited. */
  #awaited: Awaited | null = null;
  /** Requests have their turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ head, batches, size, end }: Result, runtime: Pick<Runtime, 'sleep'>) {
    this.head = head;
    this.#source = { batches: batches[Symbol.asyncIterator](), end };
    this.#size = size;
    this.#runtime = runtime;
  }

  /** About the bytes of memory that its rows hold; null: they come as they are read. */
  get size(): number | null {
    return this.#size;
  }

  /** A batch could not be had, and none behind it can. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Ends what gives the batches. */
  async end(): Promise<void> {
    await this.#source?.end();
  }

  /** Throws GATEWAY_REFUSED for a token that is neither the next one nor the one before. */
  fetch(token: number): Promise<Batch> {
    const batch = this.#turn.then(() => this.#fetch(token));
    this.#turn = batch.catch(() => {});
    return batch;
  }

  async #fetch(token: number): Promise<Batch> {
    if (token === this.#token - 1) return this.#last;
    if (token !== this.#token) throw new SluiceError('GATEWAY_REFUSED', { message: `Expecting token to be ${this.#token} or ${this.#token - 1}, but found ${token}.`, hint: 'follow the nextResultUri of the answer before' });
    const batch = await this.#next();
    if (batch === null) this.#release();
    else [this.#last, this.#token] = [batch, token + 1];
    return batch;
  }

  /** Nothing, where the next batch takes its time: that is how a query without an end goes on. */
  async #next(): Promise<Batch> {
    const awaited = this.#awaited ?? this.#await();
    await waitAMoment(this.#runtime, () => awaited.isThere);
    if (!awaited.isThere) return [];
    try {
      const batch = await awaited.batch;
      if (batch !== null) this.#awaited = null;
      return batch;
    } catch (error) {
      this.#hasFailed = true;
      this.#release();
      throw error;
    }
  }

  /** The end, and a failure, stay what is awaited: whoever asks again is told the same. */
  #await(): Awaited {
    const next = this.#source?.batches.next().then(({ value, done }) => (done === true ? null : value));
    const awaited: Awaited = { batch: next ?? Promise.resolve(null), isThere: false };
    const arrive = (): void => void (awaited.isThere = true);
    awaited.batch.then(arrive, arrive);
    this.#awaited = awaited;
    return awaited;
  }

  /** The last batch is all that is left. */
  #release(): void {
    this.#source = null;
    this.#size = sizeOf(this.#last.map(({ row }) => row));
  }
}
