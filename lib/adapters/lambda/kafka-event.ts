/**
 * Lambda's Kafka event (MSK and self-managed brokers have one shape): records grouped under `topic-partition`, values in base64. Decodes
 * all values of a partition into one buffer, in the layout that formats read.
 */
import { offset } from '../../core/numbers.ts';
import type { RecordBatch } from '../../ports/source.ts';

/** The fields of a record that are read; timestamps, keys and headers are passed over. */
export interface LambdaKafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** base64; absent or null for a tombstone. */
  readonly value?: string | null;
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
const TOMBSTONE = -1;

/** One batch per partition of the event, in the order of the event. */
export function batchesOf(event: LambdaKafkaEvent): PartitionRecords[] {
  return Object.values(event.records).flatMap((records) => {
    const first = records[0];
    return first === undefined ? [] : [{ topic: first.topic, partition: first.partition, batch: batchOf(records) }];
  });
}

function batchOf(records: readonly LambdaKafkaRecord[]): RecordBatch {
  // Three bytes per four characters, and a newline each.
  const size = records.reduce((n, r) => n + ((r.value?.length ?? 0) * 3) / 4 + 4, 0);
  const bytes = Buffer.allocUnsafe(Math.ceil(size));
  const offsets: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const record of records) {
    offsets.push(record.offset);
    starts.push(at);
    const isTombstone = record.value === null || record.value === undefined;
    if (!isTombstone) at += bytes.write(record.value ?? '', at, 'base64');
    ends.push(isTombstone ? TOMBSTONE : at);
    bytes[at++] = NEWLINE;
  }
  return { bytes: bytes.subarray(0, at), offsets, starts, ends, next: offset((offsets.at(-1) ?? -1) + 1) };
}
