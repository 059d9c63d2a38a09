/** Batches by token, as Flink's ResultFetcher gives them: a client that has lost an answer asks for it again. */
import { SluiceError } from '../../../core/errors.ts';
import type { Runtime } from '../../../ports/runtime.ts';
import type { Change } from '../../statement-result.ts';
import type { Batch } from './gateway.ts';
import { waitAMoment } from './patience.ts';
import type { Result } from './result.ts';

/** A batch that is awaited, and whether it is there. */
interface Awaited {
  readonly batch: Promise<Batch>;
  isThere: boolean;
}

export class ResultFetcher {
  readonly #batches: AsyncIterator<readonly Change[]>;
  readonly #runtime: Pick<Runtime, 'sleep'>;
  #token = 0;
  #last: readonly Change[] = [];
  #isOver = false;
  /** At most one is awaited. */
  #awaited: Awaited | null = null;
  /** Requests have their turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ batches }: Result, runtime: Pick<Runtime, 'sleep'>) {
    this.#batches = batches[Symbol.asyncIterator]();
    this.#runtime = runtime;
  }

  /** All of it has been read. */
  get isOver(): boolean {
    return this.#isOver;
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
    if (batch === null) this.#isOver = true;
    else [this.#last, this.#token] = [batch, token + 1];
    return batch;
  }

  /** Nothing, where the next batch takes its time: that is how a query without an end goes on. */
  async #next(): Promise<Batch> {
    const awaited = this.#awaited ?? this.#await();
    await waitAMoment(this.#runtime, () => awaited.isThere);
    if (!awaited.isThere) return [];
    const batch = await awaited.batch;
    if (batch !== null) this.#awaited = null;
    return batch;
  }

  /** One that fails fails whoever asks for it, now or later. */
  #await(): Awaited {
    const awaited: Awaited = { batch: this.#batches.next().then(({ value, done }) => (done === true ? null : value)), isThere: false };
    const arrive = (): void => void (awaited.isThere = true);
    awaited.batch.then(arrive, arrive);
    this.#awaited = awaited;
    return awaited;
  }
}
