/** Topics: what there is to read, and the records. */
import type { Offset } from '../core/numbers.ts';
import type { StartupMode } from '../core/plan.ts';
import type { RecordBytes } from '../core/format/record-bytes.ts';

export interface TopicInfo {
  /** Tells a topic from one that was deleted and created again under its name; null where the broker has none (W6). */
  readonly id: string | null;
  readonly partitions: readonly PartitionInfo[];
}

export interface PartitionInfo {
  readonly partition: number;
  readonly earliest: Offset;
  /** Offset that the next record will have. */
  readonly end: Offset;
}

/** Consecutive records of one partition, ascending offsets. */
export interface RecordBatch extends RecordBytes {
  readonly offsets: readonly number[];
  /** First offset that the batch does not contain. */
  readonly next: Offset;
  /** Decodes what the records carry beside their values; absent for topics of values only. Called only for plans that read it. */
  readonly metadata?: () => RecordMetadata;
  /** Where a record is, for people, by its index; absent: topic, partition and offset say it. */
  readonly nameOf?: (index: number) => string;
}

/** What Kafka keeps with a record beside its value, by index of the record. */
export interface RecordMetadata {
  /** A record without a key has end -1. */
  readonly keys: RecordBytes;
  /** Epoch ms. */
  readonly timestamps: readonly number[];
  readonly timestampTypes: readonly TimestampType[];
  /** In their order; a name may occur twice. */
  readonly headers: readonly (readonly RecordHeader[])[];
  /** -1 where nobody knows: Lambda's event does not say. */
  readonly leaderEpochs: readonly number[];
}

/** Kafka's names, as Flink's metadata column `timestamp-type` shows them. */
export type TimestampType = 'NoTimestampType' | 'CreateTime' | 'LogAppendTime';

export interface RecordHeader {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/**
 * Laws, checked by `test/contracts/source.ts` and `test/contracts/faults/source.ts`: `fetch` at n returns the first records at or after n, in order, never one twice,
 * never a torn one; repeated fetches return the same values; `earliest` and `end` never go back while the topic id is the same.
 */
export interface Source {
  /** Records of all its topics are values only: no keys, times or headers. A job that reads those is refused when it is created. */
  readonly recordsHave?: 'values';
  /** Null if the topic does not exist. */
  topic(name: string): Promise<TopicInfo | null>;
  /** The offset at which a job with this startup mode begins. */
  startOffset(topic: string, partition: number, mode: StartupMode): Promise<Offset>;
  /** About `maxBytes` of records (at least one); null if there is none at or after `from`, or none yet (`hasMore`). Throws TOPIC_TRUNCATED, OFFSET_GAP. */
  fetch(topic: string, partition: number, from: Offset, maxBytes: number): Promise<RecordBatch | null>;
  /** Whether a record at or after `from` is certain to come, though `fetch` may give none before its time; absent: `fetch` gives all that there is. */
  hasMore?(topic: string, partition: number, from: Offset): Promise<boolean>;
  /** Throws TOPIC_TRUNCATED if the records before `at` are no longer what they were; absent: they never change. */
  verify?(topic: string, partition: number, at: Offset): Promise<void>;
}

/**
 * Committed positions of consumer groups. `commit` and `committed` are per (group, topic, partition). A commit that lands late sets the
 * group back; what is read again is a duplicate to the writer (W6).
 */
export interface Offsets {
  commit(group: string, topic: string, partition: number, next: Offset): Promise<void>;
  committed(group: string, topic: string, partition: number): Promise<Offset | null>;
}
