/** A statement that was given to a session: until it is done, what it gave, or why it failed. */
import { SluiceError } from '../../../core/errors.ts';
import type { Runtime } from '../../../ports/runtime.ts';
import type { StatementResult } from '../../statement-result.ts';
import { ResultFetcher } from './fetcher.ts';
import type { Fetched, GatewayOperation, OperationStatus } from './gateway.ts';
import { waitAMoment } from './patience.ts';
import { resultOf } from './result.ts';

type State =
  | { readonly status: 'PENDING' | 'RUNNING' | 'CANCELED' }
  | { readonly status: 'FINISHED'; readonly fetcher: ResultFetcher }
  | { readonly status: 'ERROR'; readonly error: unknown };

/** Clients that show a query ask for more several times a second; behind this time without, whoever did is gone. */
const ABANDONED_MS = 2 * 60_000;

export class Operation implements GatewayOperation {
  readonly #runtime: Pick<Runtime, 'sleep' | 'elapsed'>;
  readonly #controller = new AbortController();
  #state: State = { status: 'PENDING' };
  /** When rows could be had, or somebody asked for some. */
  #askedAt = 0;

  constructor(runtime: Pick<Runtime, 'sleep' | 'elapsed'>) {
    this.#runtime = runtime;
  }

  /** A query that fails while its rows are read has failed. */
  get status(): OperationStatus {
    const state = this.#state;
    return state.status === 'FINISHED' && state.fetcher.hasFailed ? 'ERROR' : state.status;
  }

  /** About the bytes of memory that its result holds. */
  get size(): number {
    return this.#state.status === 'FINISHED' ? (this.#state.fetcher.size ?? 0) : 0;
  }

  /** Nothing goes on for it. */
  get isAtRest(): boolean {
    const state = this.#state;
    if (state.status === 'FINISHED') return state.fetcher.size !== null;
    return state.status === 'CANCELED' || state.status === 'ERROR';
  }

  /** A query that goes on, and nobody asks for its rows any more. */
  get isAbandoned(): boolean {
    return this.status === 'FINISHED' && !this.isAtRest && this.#runtime.elapsed() - this.#askedAt > ABANDONED_MS;
  }

  /** Never rejects. */
  async run(execute: (signal: AbortSignal) => Promise<StatementResult>): Promise<void> {
    if (this.status !== 'PENDING') return;
    this.#settle({ status: 'RUNNING' });
    try {
      const result = resultOf(await execute(this.#controller.signal));
      // What was canceled meanwhile is not wanted any more.
      if (this.#controller.signal.aborted) await result.end();
      else this.#settle({ status: 'FINISHED', fetcher: new ResultFetcher(result, this.#runtime) });
    } catch (error) {
      this.#settle({ status: 'ERROR', error });
    }
  }

  async fetch(token: number): Promise<Fetched> {
    this.#askedAt = this.#runtime.elapsed();
    await waitAMoment(this.#runtime, () => this.status !== 'PENDING' && this.status !== 'RUNNING');
    const state = this.#state;
    switch (state.status) {
      case 'PENDING':
      case 'RUNNING':
        return { kind: 'not-ready' };
      case 'CANCELED':
        throw new SluiceError('GATEWAY_REFUSED', { message: 'the operation was canceled, or nobody asked for its rows for two minutes: it has no result', hint: 'execute the statement again' });
      case 'ERROR':
        throw state.error;
      case 'FINISHED':
        return { kind: 'batch', head: state.fetcher.head, batch: await state.fetcher.fetch(token) };
    }
  }

  /** What is done stays done; a query that has no end ends. */
  async cancel(): Promise<void> {
    const state = this.#state;
    this.#controller.abort();
    if (this.status !== 'ERROR') this.#settle({ status: 'CANCELED' });
    if (state.status === 'FINISHED') await state.fetcher.end();
  }

  /** A canceled operation stays canceled. */
  #settle(state: State): void {
    if (this.#state.status !== 'CANCELED') this.#state = state;
    this.#askedAt = this.#runtime.elapsed();
  }
}
