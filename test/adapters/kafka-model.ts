/**
 * A model of what Kafka promises about transactions, for the sink's tests without a broker: epochs that fence, transactions that end whole, a
 * cursor that moves with them. Every call takes a few turns, so that sessions overlap.
 */
import { TransactionalKafkaSink } from '../../lib/adapters/kafka/sink.ts';
import type { StoredCursor } from '../../lib/adapters/kafka/sink-cursor.ts';
import { RecordsTooLarge, SessionFenced, type SinkRecord, type Transactions, type TransactionSession } from '../../lib/adapters/kafka/transactions.ts';
import { SluiceError, StoreError } from '../../lib/core/errors.ts';
import { wallTime, type JobId } from '../../lib/core/numbers.ts';
import type { RecordLayout, SinkNode } from '../../lib/core/plan.ts';
import type { Runtime } from '../../lib/ports/runtime.ts';
import { sinkNode, type SinkWorld } from '../contracts/sink.ts';

const PARTITIONS = 3;
const TURNS = 3;

interface Open {
  readonly records: SinkRecord[];
  cursor: StoredCursor | null;
}

/** The coordinator's state of one transactional id. */
interface Identity {
  epoch: number;
  open: Open | null;
  cursor: StoredCursor | null;
}

export class ModelTopic {
  /** Of the topic, in the order of their commits: what a `read_committed` consumer sees. */
  readonly committed: SinkRecord[] = [];
  /** Records of transactions that were aborted. */
  readonly aborted: SinkRecord[] = [];
  /** Batches above this are refused. */
  maxBatchBytes = Infinity;
  exists = true;
  readonly #identities = new Map<string, Identity>();

  transactions(id: string): Transactions {
    const identity = this.#identities.get(id) ?? { epoch: 0, open: null, cursor: null };
    this.#identities.set(id, identity);
    return {
      partitions: async () => {
        await turns();
        if (!this.exists) throw new SluiceError('TOPIC_UNKNOWN', { message: "topic 't' does not exist" });
        return PARTITIONS;
      },
      init: async () => {
        await turns();
        this.#end(identity, false);
        identity.epoch++;
        return this.#session(identity, identity.epoch);
      },
      committed: async (when) => {
        await turns();
        if (when === 'settled' && identity.open?.cursor) throw new StoreError('no', { message: 'UNSTABLE_OFFSET_COMMIT' });
        return identity.cursor;
      },
    };
  }

  cursorOf(id: string): StoredCursor | null {
    return this.#identities.get(id)?.cursor ?? null;
  }

  /** Kafka forgets the offsets of groups that nobody is a member of. */
  expireCursors(): void {
    for (const identity of this.#identities.values()) identity.cursor = null;
  }

  /** What the brokers do with a transaction that is older than its timeout. */
  timeOut(): void {
    for (const identity of this.#identities.values()) {
      if (identity.open === null) continue;
      this.#end(identity, false);
      identity.epoch++;
    }
  }

  #session(identity: Identity, epoch: number): TransactionSession {
    /** The check and what follows it are one step, as in a broker. */
    const step = async <T>(act: (open: Open) => T): Promise<T> => {
      await turns();
      if (identity.epoch !== epoch) throw new SessionFenced();
      return act((identity.open ??= { records: [], cursor: null }));
    };
    return {
      write: (records) =>
        step((open) => {
          if (bytesOf(records) > this.maxBatchBytes) throw new RecordsTooLarge();
          open.records.push(...records);
        }),
      sendCursor: (cursor) =>
        step((open) => {
          open.cursor = cursor;
        }),
      commit: () => step(() => this.#end(identity, true)),
      abort: () => step(() => this.#end(identity, false)),
    };
  }

  #end(identity: Identity, isCommit: boolean): void {
    const { open } = identity;
    identity.open = null;
    if (open === null) return;
    (isCommit ? this.committed : this.aborted).push(...open.records);
    if (isCommit) identity.cursor = open.cursor ?? identity.cursor;
  }
}

const bytesOf = (records: readonly SinkRecord[]): number => records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);

async function turns(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await Promise.resolve();
}

/** Waits take turns, and no time. */
function hastyRuntime(now: () => number): Pick<Runtime, 'now' | 'elapsed' | 'sleep'> {
  let elapsed = 0;
  const sleep = async (ms: number): Promise<void> => {
    elapsed += ms;
    await new Promise(setImmediate);
  };
  return { now: () => wallTime(now()), elapsed: () => elapsed, sleep };
}

export const LAYOUT: RecordLayout = {
  topic: 't',
  properties: {},
  key: null,
  value: { format: { kind: 'raw', endianness: 'big-endian' }, columns: [0] },
  timestamp: null,
  partitioner: 'fixed',
  guarantee: 'exactly-once',
  transactionalIdPrefix: 'sluice',
};

/** The sink of `job`; `through` stands between it and the model. */
export function modelSink(topic: ModelTopic, job: JobId, through: (transactions: Transactions) => Transactions = (t) => t, layout = LAYOUT, now: () => number = Date.now): TransactionalKafkaSink {
  const node: SinkNode = { ...sinkNode('kafka', {}), records: layout };
  return new TransactionalKafkaSink({ job, node, layout, runtime: hastyRuntime(now), transactions: through(topic.transactions(`${layout.transactionalIdPrefix}-${job}-${node.uid}`)) });
}

const decoder = new TextDecoder();
export const valuesIn = (records: readonly SinkRecord[]): string[] => records.map(({ value }) => (value === null ? '' : decoder.decode(value)));

export function modelWorld(): SinkWorld & { readonly topic: ModelTopic } {
  const topic = new ModelTopic();
  return { topic, open: async (job) => modelSink(topic, job), effects: async () => valuesIn(topic.committed) };
}
