/** What the pollers need of Kafka's consumer groups; the client library is behind it. */
import type { StartingPosition } from './mapping.ts';

/** A record as the broker has it. */
export interface SourceRecord {
  readonly offset: number;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME';
  readonly key: Uint8Array | null;
  /** Null for a tombstone. */
  readonly value: Uint8Array | null;
  /** In their order; a name may occur twice. */
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array | null }[];
}

export interface Subscription {
  /** HOST:PORT each. */
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  /** Where the group has no offset, or one that the topic no longer has. */
  readonly position: StartingPosition;
  /** Epoch ms, for AT_TIMESTAMP. */
  readonly timestamp: number | null;
}

/** What a member of a group is told. */
export interface GroupListener {
  /** The partitions that are read from now on, each from the group's offset; whatever was read before an assignment is void. */
  onAssigned(partitions: readonly number[]): void;
  /** Records in order. False: enough of this partition until `resume`. */
  onRecords(partition: number, records: readonly SourceRecord[]): boolean;
  /** The broker does not answer, or refuses; the consumer tries again by itself. */
  onTrouble(error: Error): void;
}

/** A member of a consumer group, from `start` to `stop`: it joins again by itself, and its heartbeats do not wait for what a listener does. */
export interface GroupConsumer {
  start(): void;
  resume(partition: number): void;
  /** First offsets that are not done, by partition. Throws where the broker has not taken them, or has given the partitions to another member. */
  commit(next: ReadonlyMap<number, number>): Promise<void>;
  /** Leaves the group; nothing is told afterwards. */
  stop(): Promise<void>;
}

export type OpenConsumer = (subscription: Subscription, listener: GroupListener) => GroupConsumer;
