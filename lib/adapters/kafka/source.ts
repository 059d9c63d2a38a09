/** Topics of Kafka, read partition by partition without a group. */
import { isError, SluiceError, StoreError } from '../../core/errors.ts';
import type { Offset } from '../../core/numbers.ts';
import type { StartupMode } from '../../core/plan.ts';
import { startAt } from '../../core/startup.ts';
import type { Offsets, RecordBatch, Source, TopicInfo } from '../../ports/source.ts';
import type { Clients, Cluster } from './cluster.ts';
import { brokerErrors, reading } from './failures.ts';
import { fetchRecords } from './fetch-request.ts';
import { decodeRecords, type Decoded } from './records.ts';
import { leaderOf, offsetAtTime, topicInfo, withNearest } from './topics.ts';
import type { Aborted } from './visible.ts';
import type { Decompress } from './wire-batch.ts';

/** Less is not worth a request. */
const MIN_FETCH_BYTES = 64 * 1024;
const MAX_FETCH_BYTES = 32 * 1024 * 1024;
/** Long runs of hidden records are passed faster, and within several calls. */
const HIDDEN_FETCH_BYTES = 1024 * 1024;
const MAX_ROUNDS = 200;
/** A fetch ends within a batch: a little more makes up for it. */
const SPARE = 1.25;

/** A run of offsets without a visible record, at the end of a partition when it was read. */
interface Hidden {
  readonly id: string;
  readonly from: Offset;
  readonly next: Offset;
}

export class KafkaSource implements Source {
  readonly #clusterOf: (topic: string) => Cluster;
  readonly #offsets: Offsets;
  /** By topic and partition: readers at the end ask again and again, and the run is read once. */
  readonly #hidden = new Map<string, Hidden>();
  /** Bytes on the wire for a byte of values, by topic and partition: of compressed records no more is fetched than will be used. */
  readonly #density = new Map<string, number>();

  constructor(clusterOf: (topic: string) => Cluster, offsets: Offsets) {
    this.#clusterOf = clusterOf;
    this.#offsets = offsets;
  }

  async topic(name: string): Promise<TopicInfo | null> {
    try {
      return await this.#info(name);
    } catch (error) {
      if (isError(error, 'TOPIC_UNKNOWN')) return null;
      throw error;
    }
  }

  /** As Flink's offset initializers: a time behind the last record begins at the end. */
  async startOffset(topic: string, partition: number, mode: StartupMode): Promise<Offset> {
    const what = `find the start of topic '${topic}' partition ${partition}`;
    const info = await this.#named(topic, () => this.#info(topic));
    const found = info.partitions[partition];
    if (found === undefined) throw new SluiceError('TOPIC_UNKNOWN', { message: `topic '${topic}' has no partition ${partition}`, details: { topic, partition } });
    if (mode.kind === 'timestamp') return (await this.#clusterOf(topic).call(reading(what), (clients) => offsetAtTime(clients, topic, partition, mode.epochMs))) ?? found.end;
    return startAt(mode, { topic, ...found, committed: (group) => this.#offsets.committed(group, topic, partition) });
  }

  async fetch(topic: string, partition: number, from: Offset, maxBytes: number): Promise<RecordBatch | null> {
    const call = reading(`read topic '${topic}' partition ${partition} from offset ${from}`);
    return this.#named(topic, () => this.#clusterOf(topic).call(call, (clients) => this.#fetch(clients, { topic, partition, from, maxBytes })));
  }

  /** Passes hidden records until one is visible or there are no more. */
  async #fetch(clients: Clients, want: Want): Promise<RecordBatch | null> {
    const key = `${want.topic}/${want.partition}`;
    const { id } = await leaderOf(clients, want.topic, want.partition);
    const hidden = this.#hidden.get(key);
    let at = hidden?.id === id && want.from >= hidden.from && want.from < hidden.next ? hidden.next : want.from;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const wireBytes = round === 0 ? want.maxBytes * (this.#density.get(key) ?? 1) * SPARE : HIDDEN_FETCH_BYTES;
      const { batch, next, wireBytes: used } = await fetchOnce(clients, { ...want, from: at, wireBytes }).catch((error: unknown) => {
        if (isError(error, 'TOPIC_TRUNCATED')) this.#hidden.delete(key); // the position itself may still be there
        throw error;
      });
      if (batch !== null && batch.bytes.length >= MIN_FETCH_BYTES) this.#density.set(key, used / batch.bytes.length);
      if (batch !== null || next === at) return batch;
      at = next;
      this.#hidden.set(key, { id, from: want.from, next });
    }
    throw new StoreError('no', { message: `topic '${want.topic}' partition ${want.partition} holds no visible record from ${want.from} to ${at}`, hint: 'Repeat: reading goes on from there.' });
  }

  #info(topic: string): Promise<TopicInfo> {
    return this.#clusterOf(topic).call(reading(`describe topic '${topic}'`), async (clients) => {
      const info = await topicInfo(clients, topic);
      if (info === null) throw new clients.library.ProtocolError('UNKNOWN_TOPIC_ID');
      return info;
    });
  }

  async #named<T>(topic: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await withNearest(error, topic, () => this.#clusterOf(topic).call(reading('list topics'), ({ admin }) => admin.listTopics()));
    }
  }
}

interface Want {
  readonly topic: string;
  readonly partition: number;
  readonly from: Offset;
  readonly maxBytes: number;
}

async function fetchOnce(clients: Clients, { topic, partition, from, maxBytes, wireBytes }: Want & { readonly wireBytes: number }): Promise<Decoded> {
  const leader = await leaderOf(clients, topic, partition);
  const bytes = Math.round(Math.min(Math.max(wireBytes, MIN_FETCH_BYTES), MAX_FETCH_BYTES));
  try {
    const { records, aborted, end } = await fetchRecords(clients, leader.broker, { topic, id: leader.id, partition, leaderEpoch: leader.epoch, from, bytes });
    const decoded = decode(clients, { topic, partition, from, maxBytes }, records, aborted);
    // Silence before the end (tiered storage that is slow, for one) must not pass for the absence of records (W7).
    if (decoded.next === from && from < end) throw new clients.library.ProtocolError('OFFSET_NOT_AVAILABLE');
    return decoded;
  } catch (error) {
    if (brokerErrors(error).includes('OFFSET_OUT_OF_RANGE')) throw await outOfRange(clients, { topic, partition, from });
    throw error;
  }
}

function decode(clients: Clients, { topic, partition, from, maxBytes }: Want, records: Buffer, aborted: readonly Aborted[]): Decoded {
  try {
    return decodeRecords(records, from, maxBytes, aborted, decompressor(clients));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('no', {
      message: `topic '${topic}' partition ${partition} cannot be decoded at offset ${from}: ${why}`,
      hint: "Read it with Kafka's own consumer: if that fails too, the broker holds damaged records.",
      cause,
    });
  }
}

const decompressor = ({ library }: Clients): Decompress => (kind, packed) => {
  const algorithm = library.compressionsAlgorithmsByBitmask[kind];
  if (algorithm === undefined) throw new RangeError(`compression ${kind} is unknown`);
  return algorithm.decompressSync(packed);
};

/** TOPIC_TRUNCATED behind the end, OFFSET_GAP before the beginning (W7); the topic may also have moved on meanwhile. */
async function outOfRange(clients: Clients, { topic, partition, from }: Omit<Want, 'maxBytes'>): Promise<Error> {
  const range = (await topicInfo(clients, topic))?.partitions[partition];
  const at = `topic '${topic}' partition ${partition}`;
  if (range !== undefined && from > range.end) {
    return new SluiceError('TOPIC_TRUNCATED', { message: `${at} ends at ${range.end}, ${from} was read`, details: { ...range, topic, from } });
  }
  if (range !== undefined && from < range.earliest) {
    return new SluiceError('OFFSET_GAP', { message: `${at} begins at ${range.earliest}, behind ${from}`, details: { ...range, topic, from } });
  }
  return new clients.library.ProtocolError('OFFSET_NOT_AVAILABLE');
}
