/**
 * Transactions on real brokers, request by request: the library's own producer repeats, opens sessions again and picks partitions by itself, and
 * here every outcome has to be known. In the versions that brokers from 3.0 on speak, without KIP-890's second part.
 */
import type { Runtime } from '../../ports/runtime.ts';
import type { Clients, Cluster } from './cluster.ts';
import { atCoordinator } from './coordinators.ts';
import { brokerErrors, reading, type Call } from './failures.ts';
import { produceRecords } from './produce-request.ts';
import type { StoredCursor } from './sink-cursor.ts';
import { metadataOf } from './topics.ts';
import { SessionFenced, TransactionExpired, type SinkRecord, type Transactions, type TransactionSession } from './transactions.ts';

export interface TransactionNames {
  readonly topic: string;
  readonly transactionalId: string;
  /** Keeps the cursor as its offset of partition 0 of the topic. */
  readonly group: string;
}

const PARTITION = 0;
/** Nobody is a member of the group. */
const NO_MEMBER = [-1, '', null] as const;
/** A newer session has these ids, or they have expired with the transaction. */
const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'TRANSACTION_COORDINATOR_FENCED']);

export class KafkaTransactions implements Transactions {
  readonly #cluster: Cluster;
  readonly #names: TransactionNames;
  readonly #runtime: Pick<Runtime, 'elapsed'>;

  constructor(cluster: Cluster, names: TransactionNames, runtime: Pick<Runtime, 'elapsed'>) {
    this.#cluster = cluster;
    this.#names = names;
    this.#runtime = runtime;
  }

  partitions(): Promise<number> {
    const { topic } = this.#names;
    return this.#cluster.call(reading(`describe topic '${topic}'`), async (clients) => (await metadataOf(clients, topic, false)).partitionsCount);
  }

  /** Repeated while an older transaction is being completed. */
  init(): Promise<TransactionSession> {
    const { topic, transactionalId } = this.#names;
    return this.#cluster.call(reading(`open a session of transactional id '${transactionalId}'`), async (clients) => {
      await metadataOf(clients, topic, false); // a topic that does not exist has no coordinator to wait for
      const { connection, library } = clients;
      const { producerId, producerEpoch } = await atCoordinator(clients, 'transaction', transactionalId, (at) => library.initProducerIdV4.api.async(at, transactionalId, connection.transactionMs));
      return new KafkaSession(this.#cluster, this.#names, { id: producerId, epoch: producerEpoch, timeoutMs: connection.transactionMs }, this.#runtime);
    });
  }

  committed(when: 'now' | 'settled'): Promise<StoredCursor | null> {
    const { topic, group } = this.#names;
    return this.#cluster.call(reading(`read the offset of group '${group}'`), async (clients) => {
      await metadataOf(clients, topic, false);
      const groups = [{ groupId: group, memberEpoch: -1, topics: [{ name: topic, partitionIndexes: [PARTITION] }] }];
      const answer = await atCoordinator(clients, 'group', group, (at) => clients.library.offsetFetchV8.api.async(at, groups, when === 'settled'));
      const found = answer.groups[0]?.topics[0]?.partitions[0];
      return found === undefined || found.committedOffset < 0n ? null : { offset: found.committedOffset, metadata: found.metadata ?? '' };
    });
  }
}

/** What a coordinator has given a session. */
interface Identity {
  readonly id: bigint;
  readonly epoch: number;
  readonly timeoutMs: number;
}

class KafkaSession implements TransactionSession {
  readonly #cluster: Cluster;
  readonly #names: TransactionNames;
  readonly #identity: Identity;
  readonly #runtime: Pick<Runtime, 'elapsed'>;
  /** Number of the next record of each partition. */
  readonly #next = new Map<number, number>();
  /** Partitions of the open transaction. */
  #added = new Set<number>();
  /** When the open transaction began; null: there is none. */
  #began: number | null = null;

  constructor(cluster: Cluster, names: TransactionNames, identity: Identity, runtime: Pick<Runtime, 'elapsed'>) {
    this.#cluster = cluster;
    this.#names = names;
    this.#identity = identity;
    this.#runtime = runtime;
  }

  async write(records: readonly SinkRecord[]): Promise<void> {
    const { topic, transactionalId } = this.#names;
    await this.#add([...new Set(records.map((record) => record.partition))].filter((partition) => !this.#added.has(partition)));
    const numberOf = (partition: number) => ({ producer: this.#identity.id, epoch: this.#identity.epoch, sequence: this.#next.get(partition) ?? 0 });
    // Brokers know a numbered batch again, so it may be sent again.
    await this.#call(reading(`append to topic '${topic}'`), (clients) => produceRecords(clients, { topic, transactionalId, numberOf }, records));
    for (const { partition } of records) this.#next.set(partition, (this.#next.get(partition) ?? 0) + 1);
  }

  async sendCursor({ offset, metadata }: StoredCursor): Promise<void> {
    const { topic, transactionalId, group } = this.#names;
    const partitions = [{ partitionIndex: PARTITION, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: metadata }];
    await this.#call(reading(`write the offset of group '${group}'`), async (clients) => {
      const { library } = clients;
      await atCoordinator(clients, 'transaction', transactionalId, (at) => library.addOffsetsToTxnV3.api.async(at, transactionalId, this.#identity.id, this.#identity.epoch, group));
      await atCoordinator(clients, 'group', group, (at) => library.txnOffsetCommitV3.api.async(at, transactionalId, group, this.#identity.id, this.#identity.epoch, ...NO_MEMBER, [{ name: topic, partitions }]));
    });
  }

  async commit(): Promise<void> {
    await this.#end('commit', { what: `commit a transaction of '${this.#names.transactionalId}'`, unanswered: 'maybe', repeat: 'answered' });
    this.#added = new Set();
    this.#began = null;
  }

  abort(): Promise<void> {
    return this.#end('abort', { what: `abort a transaction of '${this.#names.transactionalId}'`, unanswered: 'maybe', repeat: 'never' });
  }

  async #add(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    const { topic, transactionalId } = this.#names;
    const transaction = { transactionalId, producerId: this.#identity.id, producerEpoch: this.#identity.epoch, verifyOnly: false, topics: [{ name: topic, partitions: [...partitions] }] };
    await this.#call(reading(`begin a transaction of '${transactionalId}'`), async (clients) => {
      await metadataOf(clients, topic, false); // a topic that is gone is not waited for
      await atCoordinator(clients, 'transaction', transactionalId, (at) => clients.library.addPartitionsToTxnV3.api.async(at, [transaction]));
    });
    for (const partition of partitions) this.#added.add(partition);
  }

  #end(how: 'commit' | 'abort', call: Call): Promise<void> {
    const { transactionalId } = this.#names;
    return this.#call(call, async (clients) => {
      await atCoordinator(clients, 'transaction', transactionalId, (at) => clients.library.endTxnV3.api.async(at, transactionalId, this.#identity.id, this.#identity.epoch, how === 'commit'));
    });
  }

  async #call(call: Call, attempt: (clients: Clients) => Promise<void>): Promise<void> {
    const began = (this.#began ??= this.#runtime.elapsed());
    await this.#cluster.call(call, (clients) =>
      attempt(clients).catch((error: unknown) => {
        if (!brokerErrors(error).some((id) => FENCED.has(id))) throw error;
        const { timeoutMs } = this.#identity;
        throw this.#runtime.elapsed() - began > timeoutMs ? new TransactionExpired(timeoutMs, error) : new SessionFenced(error);
      }),
    );
  }
}
