/**
 * Kafka's record batches (magic 2) as a broker sends them: the batch is the unit of compression, transactions and retention.
 * Layout: org.apache.kafka.common.record.DefaultRecordBatch.
 */
import type { TimestampType } from '../../ports/source.ts';
import { Cursor } from './cursor.ts';

export interface WireBatch {
  readonly base: number;
  /** First offset that does not belong to the batch; compaction keeps it although records go. */
  readonly next: number;
  readonly leaderEpoch: number;
  readonly producer: bigint;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly timestampType: TimestampType;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly count: number;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly compression: number;
  /** The records, compressed as they came. */
  readonly payload: Buffer;
  /** Of the whole batch, as it came. */
  readonly wireBytes: number;
}

/** Decompresses by Kafka's number of the algorithm. */
export type Decompress = (compression: number, bytes: Buffer) => Buffer;

const HEADER = 61;
/** Behind base offset and length, which do not count themselves. */
const LENGTH_END = 12;
const MAGIC_AT = 16;
const MAGIC = 2;

/** The complete batches in `bytes`; the last one may be cut off, and is left out. Throws RangeError for another format. */
export function* wireBatches(bytes: Buffer): Generator<WireBatch> {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + 8);
    if (end > bytes.length) return;
    if (bytes[at + MAGIC_AT] !== MAGIC || end < at + HEADER) throw new RangeError(`message format ${bytes[at + MAGIC_AT]}, which is older than Kafka 0.11`);
    yield batchAt(bytes.subarray(at, end));
    at = end;
  }
}

function batchAt(bytes: Buffer): WireBatch {
  const base = Number(bytes.readBigInt64BE(0));
  const attributes = bytes.readInt16BE(21);
  return {
    base,
    next: base + bytes.readInt32BE(23) + 1,
    leaderEpoch: bytes.readInt32BE(12),
    producer: bytes.readBigInt64BE(43),
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
    timestampType: (attributes & 0x08) !== 0 ? 'LogAppendTime' : 'CreateTime',
    baseTimestamp: Number(bytes.readBigInt64BE(27)),
    maxTimestamp: Number(bytes.readBigInt64BE(35)),
    count: bytes.readInt32BE(57),
    compression: attributes & 0x07,
    payload: bytes.subarray(HEADER),
    wireBytes: bytes.length,
  };
}

/** The key of a control record is (version, type); type 0 ends a transaction by abort. */
export function isAbort(batch: WireBatch): boolean {
  if (!batch.isControl) return false;
  const cursor = new Cursor(batch.payload, 0);
  cursor.int(); // length
  cursor.skip(1); // attributes
  cursor.skipLong(); // timestamp
  cursor.int(); // offset
  return cursor.sized()?.readInt16BE(2) === 0;
}
