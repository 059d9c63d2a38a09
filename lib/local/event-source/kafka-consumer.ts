/**
 * Consumer groups by kafkajs. It decides who reads what; where to begin, how far to read ahead and when to commit is ours: kafkajs' own ways cannot
 * start at a timestamp, and would move a group whose offset has expired.
 */
import type { Admin, Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { clientOf, readsUncommitted, type ConnectionProperties } from '../../adapters/kafka/index.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { GroupConsumer, GroupListener, OpenConsumer, SourceRecord, Subscription } from './group-consumer.ts';

export interface KafkaConsumerParts {
  readonly runtime: Runtime;
  /** How to reach the brokers of a subscription; default: as it names them, without encryption or authentication. */
  readonly connectionOf?: (subscription: Subscription) => ConnectionProperties;
}

const CONSUMER = {
  sessionTimeout: 10_000,
  // A member learns of a rebalance by its heartbeat.
  heartbeatInterval: 1000,
  // Also the time after which a partition that was enough is read again.
  maxWaitTimeInMs: 100,
  metadataMaxAge: 30_000,
  allowAutoTopicCreation: false,
  retry: { retries: 3, restartOnFailure: async () => false },
} as const;
const AGAIN_MS = 1000;
const TICK_MS = 20;

/** One client per subscription; nothing is connected before `start`. */
export function kafkaConsumers(parts: KafkaConsumerParts): OpenConsumer {
  return (subscription, listener) => new KafkaGroupConsumer(parts, subscription, listener);
}

export const plainConnection = ({ brokers }: Subscription): ConnectionProperties => ({ 'bootstrap.servers': brokers.join(',') });

/** Loaded with the first subscription: nobody else waits for it. */
async function kafkaOf(properties: ConnectionProperties): Promise<Kafka> {
  const [{ default: kafkajs }, config] = await Promise.all([import('kafkajs'), clientOf(properties)]);
  return new kafkajs.Kafka(config);
}

/** What is there between joining and losing the group. */
interface Session {
  readonly consumer: Consumer;
  readonly admin: Admin;
  /** Counts assignments: what was begun for an older one is void. */
  assignment: number;
  /** Partitions whose position is ours. */
  readonly open: Set<number>;
  /** Looks for positions, under way. */
  readonly looks: Set<Promise<void>>;
  crash: Error | null;
}

class KafkaGroupConsumer implements GroupConsumer {
  readonly #parts: KafkaConsumerParts;
  readonly #subscription: Subscription;
  readonly #listener: GroupListener;
  #session: Session | null = null;
  #isStopping = false;
  #life: Promise<void> | null = null;

  constructor(parts: KafkaConsumerParts, subscription: Subscription, listener: GroupListener) {
    this.#parts = parts;
    this.#subscription = subscription;
    this.#listener = listener;
  }

  start(): void {
    this.#life ??= this.#run();
  }

  resume(partition: number): void {
    if (this.#session?.open.has(partition) === true) this.#session.consumer.resume([this.#only(partition)]);
  }

  async commit(next: ReadonlyMap<number, number>): Promise<void> {
    const session = this.#session;
    if (session === null || session.crash !== null) throw new Error(`the group ${this.#subscription.group} is not joined`);
    await session.consumer.commitOffsets([...next].map(([partition, offset]) => ({ topic: this.#subscription.topic, partition, offset: String(offset) })));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#life;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#join();
      } catch (error) {
        this.#tell(error);
      }
      await this.#wait(AGAIN_MS, () => true);
    }
  }

  /** Returns when the consumer is stopped; throws when it has crashed or could not join. */
  async #join(): Promise<void> {
    const properties = (this.#parts.connectionOf ?? plainConnection)(this.#subscription);
    const kafka = await kafkaOf(properties);
    const consumer = kafka.consumer({ ...CONSUMER, groupId: this.#subscription.group, readUncommitted: readsUncommitted(properties) });
    const session: Session = { consumer, admin: kafka.admin(), assignment: 0, open: new Set(), looks: new Set(), crash: null };
    try {
      await Promise.all([consumer.connect(), session.admin.connect()]);
      this.#session = session;
      await this.#consume(session);
      while (!this.#isStopping && session.crash === null) await this.#parts.runtime.sleep(TICK_MS);
    } finally {
      await Promise.allSettled([consumer.disconnect(), session.admin.disconnect(), ...session.looks]);
      this.#session = null;
    }
    if (session.crash !== null) throw session.crash;
  }

  async #consume(session: Session): Promise<void> {
    const { consumer } = session;
    const { topic, position } = this.#subscription;
    consumer.on('consumer.crash', ({ payload }) => {
      session.crash = payload.error;
    });
    consumer.on('consumer.group_join', ({ payload }) => {
      this.#assigned(session, payload.memberAssignment[topic] ?? []);
    });
    await consumer.subscribe({ topic, fromBeginning: position !== 'LATEST' });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async (payload) => this.#read(session, payload) });
  }

  /** Nothing is read until the positions are known; synchronous, so that no record of the last assignment slips through. */
  #assigned(session: Session, partitions: readonly number[]): void {
    const assignment = ++session.assignment;
    session.open.clear();
    session.consumer.pause([{ topic: this.#subscription.topic, partitions: [...partitions] }]);
    this.#listener.onAssigned(partitions);
    const look = this.#look(session, partitions, () => assignment === session.assignment && session.crash === null).finally(() => session.looks.delete(look));
    session.looks.add(look);
  }

  async #look(session: Session, partitions: readonly number[], isCurrent: () => boolean): Promise<void> {
    while (isCurrent() && !this.#isStopping) {
      try {
        const positions = await this.#positions(session.admin, partitions);
        if (isCurrent()) this.#open(session, positions);
        return;
      } catch (error) {
        this.#tell(error);
        await this.#wait(AGAIN_MS, isCurrent);
      }
    }
  }

  #open(session: Session, positions: ReadonlyMap<number, number>): void {
    for (const [partition, offset] of positions) {
      session.consumer.seek({ ...this.#named(partition), offset: String(offset) });
      session.open.add(partition);
      session.consumer.resume([this.#only(partition)]);
    }
  }

  /** The group's offset, or the starting position where it has none or one that the topic no longer has. */
  async #positions(admin: Admin, partitions: readonly number[]): Promise<Map<number, number>> {
    const { group, topic } = this.#subscription;
    const [committed, bounds] = await Promise.all([admin.fetchOffsets({ groupId: group, topics: [topic] }), admin.fetchTopicOffsets(topic)]);
    const own = new Map(committed.flatMap((t) => t.partitions).map((p) => [p.partition, Number(p.offset)]));
    const ranges = new Map(bounds.map((b) => [b.partition, { low: Number(b.low), high: Number(b.high) }]));
    const starts = await this.#starts(admin, ranges);
    return new Map(
      partitions.map((partition) => {
        const { low, high } = ranges.get(partition) ?? { low: 0, high: 0 };
        const offset = own.get(partition) ?? -1;
        return [partition, offset >= low && offset <= high && offset >= 0 ? offset : (starts.get(partition) ?? low)];
      }),
    );
  }

  async #starts(admin: Admin, ranges: ReadonlyMap<number, { low: number; high: number }>): Promise<Map<number, number>> {
    const { topic, position, timestamp } = this.#subscription;
    if (position === 'AT_TIMESTAMP') {
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, timestamp ?? 0);
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
    }
    return new Map([...ranges].map(([partition, { low, high }]) => [partition, position === 'LATEST' ? high : low]));
  }

  #read(session: Session, { batch, resolveOffset, isStale }: EachBatchPayload): void {
    if (this.#isStopping || !session.open.has(batch.partition) || isStale()) return;
    const goesOn = this.#listener.onRecords(batch.partition, batch.messages.map(recordOf));
    // Behind markers of transactions too, which are no messages.
    resolveOffset(batch.lastOffset());
    if (!goesOn) session.consumer.pause([this.#only(batch.partition)]);
  }

  #named(partition: number): { topic: string; partition: number } {
    return { topic: this.#subscription.topic, partition };
  }

  #only(partition: number): { topic: string; partitions: number[] } {
    return { topic: this.#subscription.topic, partitions: [partition] };
  }

  #tell(error: unknown): void {
    if (!this.#isStopping) this.#listener.onTrouble(error instanceof Error ? error : new Error(String(error)));
  }

  async #wait(ms: number, isNeeded: () => boolean): Promise<void> {
    const { runtime } = this.#parts;
    const end = runtime.elapsed() + ms;
    while (!this.#isStopping && isNeeded() && runtime.elapsed() < end) await runtime.sleep(TICK_MS);
  }
}

/** kafkajs keeps headers of one name together: their order among other names is lost. */
function recordOf(message: KafkaMessage): SourceRecord {
  const { key, value, headers = {} } = message;
  return {
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    timestampType: isLogAppendTime(message) ? 'LOG_APPEND_TIME' : 'CREATE_TIME',
    key,
    value,
    headers: Object.entries(headers).flatMap(([name, values]) => (Array.isArray(values) ? values : [values]).map((v) => ({ name, value: bytesOf(v) }))),
  };
}

const bytesOf = (value: Buffer | string | null | undefined): Uint8Array | null => (typeof value === 'string' ? Buffer.from(value) : (value ?? null));

const LOG_APPEND_TIME = 1;

/** kafkajs tells it in a field that its types leave out. */
function isLogAppendTime(message: KafkaMessage): boolean {
  const context: unknown = 'batchContext' in message ? message.batchContext : null;
  return typeof context === 'object' && context !== null && 'timestampType' in context && context.timestampType === LOG_APPEND_TIME;
}
