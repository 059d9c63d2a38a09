/**
 * Lambda's Kafka event (MSK and self-managed brokers have one shape): records grouped under `topic-partition`, keys and values in base64. Decodes
 * all values of a partition into one buffer, in the layout that formats read; the rest of a record only for plans that read it.
 */
import { offset } from '../../core/numbers.ts';
import type { RecordBytes } from '../../core/format/record-bytes.ts';
import type { RecordBatch, RecordHeader, RecordMetadata, TimestampType } from '../../ports/source.ts';

/** A record of the event. */
export interface LambdaKafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch ms. */
  readonly timestamp?: number;
  readonly timestampType?: string;
  /** base64; absent, null or empty for a record without a key. */
  readonly key?: string | null;
  /** base64; absent or null for a tombstone. */
  readonly value?: string | null;
  /** One name each; bytes may be those of Java, -128 to 127. */
  readonly headers?: readonly Readonly<Record<string, readonly number[] | null>>[];
}

export interface LambdaKafkaEvent {
  readonly records: Readonly<Record<string, readonly LambdaKafkaRecord[]>>;
}

export interface PartitionRecords {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
}

const NEWLINE = 10;
const ABSENT = -1;

/** One batch per partition of the event, in the order of the event. */
export function batchesOf(event: LambdaKafkaEvent): PartitionRecords[] {
  return Object.values(event.records).flatMap((records) => {
    const first = records[0];
    return first === undefined ? [] : [{ topic: first.topic, partition: first.partition, batch: batchOf(records) }];
  });
}

function batchOf(records: readonly LambdaKafkaRecord[]): RecordBatch {
  const offsets = records.map((record) => record.offset);
  const values = bytesOf(records, (record) => record.value);
  return { ...values, offsets, next: offset((offsets.at(-1) ?? -1) + 1), metadata: () => metadataOf(records) };
}

/** Texts in base64, one of each record, in one buffer. */
function bytesOf(records: readonly LambdaKafkaRecord[], textOf: (record: LambdaKafkaRecord) => string | null | undefined): RecordBytes {
  // Three bytes per four characters, and a newline each.
  const size = records.reduce((n, r) => n + ((textOf(r)?.length ?? 0) * 3) / 4 + 4, 0);
  const bytes = Buffer.allocUnsafe(Math.ceil(size));
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const record of records) {
    const text = textOf(record);
    starts.push(at);
    const isAbsent = text === null || text === undefined;
    if (!isAbsent) at += bytes.write(text, at, 'base64');
    ends.push(isAbsent ? ABSENT : at);
    bytes[at++] = NEWLINE;
  }
  return { bytes: bytes.subarray(0, at), starts, ends };
}

function metadataOf(records: readonly LambdaKafkaRecord[]): RecordMetadata {
  return {
    // Lambda does not tell an empty key from none.
    keys: bytesOf(records, (record) => (record.key === '' ? null : record.key)),
    timestamps: records.map((record) => record.timestamp ?? ABSENT),
    timestampTypes: records.map((record) => timestampTypeOf(record.timestampType)),
    headers: records.map((record) => (record.headers ?? []).flatMap(headersOf)),
    leaderEpochs: records.map(() => ABSENT),
  };
}

const timestampTypeOf = (name: string | undefined): TimestampType =>
  name === 'CREATE_TIME' ? 'CreateTime' : name === 'LOG_APPEND_TIME' ? 'LogAppendTime' : 'NoTimestampType';

/** A typed array takes the low eight bits of signed bytes. */
const headersOf = (header: Readonly<Record<string, readonly number[] | null>>): RecordHeader[] =>
  Object.entries(header).map(([name, value]) => ({ name, value: value === null ? null : Uint8Array.from(value) }));
