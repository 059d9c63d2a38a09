/** What a transactional sink asks of a cluster. One implementation speaks to brokers, another one is the model of the tests. */
import { StoreError } from '../../core/errors.ts';
import type { StoredCursor } from './sink-cursor.ts';

export interface SinkRecord {
  readonly partition: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly headers: readonly (readonly [name: string, value: string | Uint8Array])[];
}

/** All transactions of one `transactional.id` on one topic. Every method throws SluiceErrors of what the cluster answers. */
export interface Transactions {
  /** Of the topic. Throws TOPIC_UNKNOWN. */
  partitions(): Promise<number>;
  /** Fences every earlier session, and resolves when its transaction has ended: aborted, or committed if that was decided before. */
  init(): Promise<TransactionSession>;
  /** The committed cursor: as far as it is known `now`; or `settled`, when a transaction that moves it has ended, which without `init` may take long. */
  committed(when: 'now' | 'settled'): Promise<StoredCursor | null>;
}

/** One transaction after the other, each begun by its first request. Throws SessionFenced once there is a newer session, TransactionExpired behind the timeout. */
export interface TransactionSession {
  /** Appends in order. Throws RecordsTooLarge. */
  write(records: readonly SinkRecord[]): Promise<void>;
  sendCursor(cursor: StoredCursor): Promise<void>;
  /** The commit point: rows and cursor become visible together. A StoreError `maybe` leaves it open until the next `init`. */
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** A newer session has been opened under this transactional id. */
export class SessionFenced extends StoreError {
  constructor(cause?: unknown) {
    super('no', { message: 'the transactional session is fenced', cause });
    this.name = 'SessionFenced';
  }
}

/** The brokers have aborted the transaction, since it was open for longer than they were told. */
export class TransactionExpired extends StoreError {
  constructor(timeoutMs: number, cause?: unknown) {
    super('no', {
      message: `the transaction was open for longer than its timeout of ${timeoutMs} ms`,
      hint: "Raise 'properties.transaction.timeout.ms'; the brokers' transaction.max.timeout.ms bounds it. Its rows are kept and written then.",
      cause,
    });
    this.name = 'TransactionExpired';
  }
}

/** The topic takes no batch of this size; nothing of the batch is there. */
export class RecordsTooLarge extends StoreError {
  constructor(cause?: unknown) {
    super('no', { message: 'the batch is larger than the topic allows', cause });
    this.name = 'RecordsTooLarge';
  }
}

/** A batch of one record: smaller ones will not do. */
export class RecordTooLarge extends RecordsTooLarge {}

/** What became of a batch of so many records: where it is refused for its size, whether a smaller one may pass. */
export async function tellingSize<T>(records: number, append: () => Promise<T>): Promise<T> {
  try {
    return await append();
  } catch (error) {
    throw error instanceof RecordsTooLarge && records === 1 ? new RecordTooLarge(error) : error;
  }
}
