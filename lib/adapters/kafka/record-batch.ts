/** Record batches (magic 2) as a producer writes them. Layout: org.apache.kafka.common.record.DefaultRecordBatch, DefaultRecord. */
import type { SinkRecord } from './transactions.ts';

/** Who writes, and the number of the batch's first record in its partition: what brokers know repetitions by. */
export interface Numbered {
  readonly producer: bigint;
  readonly epoch: number;
  readonly sequence: number;
}

/** A batch that belongs to no producer. */
export const UNNUMBERED: Numbered = { producer: -1n, epoch: -1, sequence: -1 };

export interface BatchParts {
  readonly numbered: Numbered;
  readonly isTransactional: boolean;
  readonly compression: { readonly bitmask: number; readonly compressSync: (bytes: Buffer) => Buffer };
  readonly crc32c: (bytes: Buffer) => number;
}

const HEADER = 61;
/** Base offset and length, which do not count themselves. */
const LENGTH_END = 12;
const CRC_AT = 17;
const CRC_FROM = 21;
const TRANSACTIONAL = 0x10;

export function recordBatch(records: readonly SinkRecord[], { numbered, isTransactional, compression, crc32c }: BatchParts): Buffer {
  const base = records[0]?.timestamp ?? 0;
  const plain = recordsOf(records, base);
  const payload = compression.bitmask === 0 ? plain : compression.compressSync(plain);
  const batch = Buffer.alloc(HEADER + payload.length);
  payload.copy(batch, HEADER);
  batch.writeInt32BE(batch.length - LENGTH_END, 8);
  batch.writeInt32BE(-1, 12); // leader epoch: the broker's
  batch.writeInt8(2, 16);
  batch.writeInt16BE(compression.bitmask | (isTransactional ? TRANSACTIONAL : 0), CRC_FROM);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(base), 27);
  batch.writeBigInt64BE(BigInt(records.reduce((most, { timestamp }) => Math.max(most, timestamp), base)), 35);
  batch.writeBigInt64BE(numbered.producer, 43);
  batch.writeInt16BE(numbered.epoch, 51);
  batch.writeInt32BE(numbered.sequence, 53);
  batch.writeInt32BE(records.length, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_FROM)), CRC_AT);
  return batch;
}

interface Encoded extends Omit<SinkRecord, 'headers' | 'partition'> {
  readonly headers: readonly (readonly [Buffer, Buffer])[];
}

/** Lengths stand in front of what they count, so they are computed first; then everything is written once. */
function recordsOf(records: readonly SinkRecord[], base: number): Buffer {
  const encoded = records.map((record): Encoded => ({ ...record, headers: record.headers.map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const) }));
  const lengths = encoded.map((record, i) => lengthOf(record, base, i));
  const out = new Output(lengths.reduce((sum, length) => sum + varSize(length) + length, 0));
  encoded.forEach((record, i) => {
    out.varint(lengths[i] ?? 0);
    out.byte(0); // attributes
    out.varint(record.timestamp - base);
    out.varint(i);
    out.sized(record.key);
    out.sized(record.value);
    out.varint(record.headers.length);
    for (const [name, value] of record.headers) {
      out.sized(name);
      out.sized(value);
    }
  });
  return out.bytes;
}

function lengthOf({ key, value, timestamp, headers }: Encoded, base: number, i: number): number {
  const inHeaders = headers.reduce((sum, [name, of]) => sum + sizedSize(name) + sizedSize(of), varSize(headers.length));
  return 1 + varSize(timestamp - base) + varSize(i) + sizedSize(key) + sizedSize(value) + inHeaders;
}

const sizedSize = (bytes: Uint8Array | null): number => (bytes === null ? 1 : varSize(bytes.length) + bytes.length);

/** Zigzag: small numbers of either sign are short. Timestamps lie further apart than 32 bits tell. */
const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);

function varSize(value: number): number {
  let size = 1;
  for (let left = zigzag(value); left >= 0x80; left = Math.floor(left / 0x80)) size++;
  return size;
}

class Output {
  readonly bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
  }

  byte(value: number): void {
    this.bytes[this.#at++] = value;
  }

  varint(value: number): void {
    let left = zigzag(value);
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.byte((left % 0x80) | 0x80);
    this.byte(left);
  }

  sized(bytes: Uint8Array | null): void {
    this.varint(bytes === null ? -1 : bytes.length);
    if (bytes === null) return;
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}
