/**
 * Records as the text of Lambda's Kafka event. A record is written once, when it arrives, so that the size of an event is known to the byte
 * before it is cut.
 */
import type { SourceRecord } from './group-consumer.ts';

/** 6 MB, base64 and metadata included. */
export const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

export interface Origin {
  readonly topic: string;
  /** Of an MSK cluster; null for brokers of one's own. */
  readonly eventSourceArn: string | null;
  /** HOST:PORT, separated by commas. */
  readonly bootstrapServers: string;
}

export interface EncodedRecord {
  readonly offset: number;
  /** JSON; empty for a record that fits into no event and is passed over. */
  readonly json: string;
  /** Of `json`, in UTF-8. */
  readonly bytes: number;
}

export interface PartitionSlice {
  readonly partition: number;
  /** Not empty. */
  readonly records: readonly EncodedRecord[];
}

/** The parts of the event around its records. */
export class EventText {
  readonly #head: string;
  readonly #topic: string;

  constructor({ topic, eventSourceArn, bootstrapServers }: Origin) {
    const source = eventSourceArn === null ? { eventSource: 'SelfManagedKafka' } : { eventSource: 'aws:kafka', eventSourceArn };
    this.#head = `${JSON.stringify({ ...source, bootstrapServers }).slice(0, -1)},"records":{`;
    this.#topic = JSON.stringify(topic).slice(1, -1);
  }

  /** Bytes of an event without records. */
  get bytes(): number {
    return Buffer.byteLength(this.#head) + TAIL.length;
  }

  /** Bytes that a partition adds, the comma before it included, beside its records and the commas between them. */
  bytesOf(partition: number): number {
    return Buffer.byteLength(this.#open(partition)) + CLOSE.length + 1;
  }

  /** Null if no record of the slices fits into an event. */
  of(slices: readonly PartitionSlice[]): string | null {
    const lists = slices.flatMap(({ partition, records }) => {
      const texts = records.filter((r) => r.bytes > 0).map((r) => r.json);
      return texts.length === 0 ? [] : [this.#open(partition) + texts.join(',') + CLOSE];
    });
    return lists.length === 0 ? null : this.#head + lists.join(',') + TAIL;
  }

  #open(partition: number): string {
    return `"${this.#topic}-${partition}":[`;
  }
}

const TAIL = '}}';
const CLOSE = ']';

/** A key that is null is left out, as by Lambda; a value that is null is written. */
export function encode(topic: string, partition: number, record: SourceRecord): EncodedRecord {
  const { offset, timestamp, timestampType, key, value } = record;
  const head = `{"topic":${JSON.stringify(topic)},"partition":${partition},"offset":${offset},"timestamp":${timestamp},"timestampType":"${timestampType}"`;
  const keyText = key === null ? '' : `,"key":"${base64(key)}"`;
  const headers = record.headers.map(({ name, value: bytes }) => `{${JSON.stringify(name)}:${bytes === null ? 'null' : signed(bytes)}}`).join(',');
  const json = `${head}${keyText},"value":${value === null ? 'null' : `"${base64(value)}"`},"headers":[${headers}]}`;
  // Everything but the names of topic and headers is ASCII.
  return { offset, json, bytes: headers === '' ? json.length : Buffer.byteLength(json) };
}

/** For a record that is larger than an event may be: on AWS it goes unprocessed too. */
export const passedOver = (offset: number): EncodedRecord => ({ offset, json: '', bytes: 0 });

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Lambda's pollers are Java: bytes are -128 to 127. */
const signed = (bytes: Uint8Array): string => `[${new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).join(',')}]`;
