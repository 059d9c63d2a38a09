/** Appending records, for the command line and for tests. */
import { StoreError } from '../../core/errors.ts';
import type { Cluster } from './cluster.ts';
import { reading } from './failures.ts';
import { metadataOf, unknownPartition } from './topics.ts';

/** A record to append; a null value is a tombstone. */
export interface NewRecord {
  readonly value: string | Uint8Array | null;
  readonly key?: string | Uint8Array;
  readonly headers?: readonly { readonly name: string; readonly value: string | Uint8Array }[];
  /** Epoch ms; the time of the call where it is left out. */
  readonly timestamp?: number;
}

export interface ProduceOptions {
  /** Without it: by the hash of the key as Java's producer has it, or in turn where there is no key. */
  readonly partition?: number;
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
}

/** Brokers refuse batches above 1 MiB unless they are told otherwise. */
const SEND_BYTES = 512 * 1024;

/**
 * Confirmed by every replica in sync when it resolves. Nothing is sent twice: a StoreError `maybe` says how many records were confirmed before.
 * Throws TOPIC_UNKNOWN.
 */
export async function produce(cluster: Cluster, topic: string, records: readonly NewRecord[], options: ProduceOptions = {}): Promise<void> {
  const what = `append to topic '${topic}'`;
  const { partitionsCount } = await cluster.call(reading(what), (clients) => metadataOf(clients, topic, true));
  if (options.partition !== undefined && options.partition >= partitionsCount) throw unknownPartition(topic, options.partition);
  let confirmed = 0;
  for (const chunk of chunksOf(records)) {
    const call = { what: `${what} (${confirmed} of ${records.length} records are confirmed)`, unanswered: 'maybe', repeat: options.partition === undefined ? 'never' : 'answered' } as const;
    const messages = chunk.map((record) => messageOf(topic, record, options.partition));
    await cluster.call(call, async ({ producer }) => {
      const { unwritableNodes = [] } = await producer.send({ messages, compression: options.compression ?? 'none' });
      if (unwritableNodes.length > 0) throw new StoreError('maybe', { message: `cannot ${call.what}: brokers ${unwritableNodes.join(', ')} take no more` });
    });
    confirmed += chunk.length;
  }
}

const bytes = (value: string | Uint8Array): Buffer => Buffer.from(value);

function messageOf(topic: string, { value, key, headers = [], timestamp }: NewRecord, partition: number | undefined) {
  return {
    topic,
    headers: new Map(headers.map((header) => [bytes(header.name), bytes(header.value)])),
    ...(value === null ? {} : { value: bytes(value) }),
    ...(key === undefined ? {} : { key: bytes(key) }),
    ...(partition === undefined ? {} : { partition }),
    ...(timestamp === undefined ? {} : { timestamp: BigInt(timestamp) }),
  };
}

/** Of one record in a batch, beside its contents: lengths, deltas, attributes. */
const RECORD_OVERHEAD = 24;
const lengthOf = (bytesOrText: string | Uint8Array | null | undefined): number => (bytesOrText == null ? 0 : Buffer.byteLength(bytesOrText));
const sizeOf = ({ value, key, headers = [] }: NewRecord): number =>
  RECORD_OVERHEAD + lengthOf(value) + lengthOf(key) + headers.reduce((sum, header) => sum + lengthOf(header.name) + lengthOf(header.value), 0);

function* chunksOf(records: readonly NewRecord[]): Generator<NewRecord[]> {
  let chunk: NewRecord[] = [];
  let size = 0;
  for (const record of records) {
    if (chunk.length > 0 && size + sizeOf(record) > SEND_BYTES) {
      yield chunk;
      chunk = [];
      size = 0;
    }
    chunk.push(record);
    size += sizeOf(record);
  }
  if (chunk.length > 0) yield chunk;
}
