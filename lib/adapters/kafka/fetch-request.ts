/** One request for the records of a partition, and the bytes that come back. */
import type { Broker } from '@platformatic/kafka';
import type { Clients } from './cluster.ts';
import { isolationLevel } from './topics.ts';
import type { Aborted } from './visible.ts';

export interface FetchAt {
  readonly topic: string;
  readonly id: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly from: number;
  readonly bytes: number;
}

export interface Fetched {
  readonly records: Buffer;
  readonly aborted: readonly Aborted[];
}

const FETCH = 1;
/** By topic id: records of a topic that was created again never pass for those of the old one (W6). Brokers from 3.1 on know it. */
const BY_ID = 13;
const BY_NAME = 12;
const NO_SESSION = [0, -1] as const;

/**
 * Asks without waiting: requests of several partitions share the connection to a broker, which answers them one after the other.
 * The library's own parser would make an object of every record, and cannot tell two aborted transactions of one producer apart.
 */
export async function fetchRecords(clients: Clients, broker: Broker, at: FetchAt): Promise<Fetched> {
  const { library, consumer } = clients;
  const isById = (await versionOf(clients)) >= BY_ID;
  const { createRequest } = isById ? library.fetchV13 : library.fetchV12;
  const api = library.createAPI<Parameters<typeof createRequest>, Fetched>(FETCH, isById ? BY_ID : BY_NAME, createRequest, (_id, key, version, reader) => parse(library, key, version, reader));
  const partition = {
    partition: at.partition,
    currentLeaderEpoch: at.leaderEpoch,
    fetchOffset: BigInt(at.from),
    lastFetchedEpoch: -1,
    partitionMaxBytes: at.bytes,
  };
  const connection = await consumer.connections.get(broker);
  return api.async(connection, 0, 1, at.bytes, isolationLevel(clients), ...NO_SESSION, [{ topicId: isById ? at.id : at.topic, partitions: [partition] }], [], '');
}

const versions = new WeakMap<object, number>();

/** The newest version of Fetch that the cluster speaks; asked for once. */
async function versionOf({ consumer }: Clients): Promise<number> {
  const known = versions.get(consumer);
  if (known !== undefined) return known;
  const version = (await consumer.listApis()).find((api) => api.apiKey === FETCH)?.maxVersion ?? 0;
  versions.set(consumer, version);
  return version;
}

type Reader = InstanceType<Clients['library']['Reader']>;

/** Throws the library's ResponseError with the broker's error. */
function parse(library: Clients['library'], key: number, version: number, reader: Reader): Fetched {
  reader.readInt32(); // throttle time
  const error = reader.readInt16();
  if (error !== 0) throw new library.ResponseError(key, version, { '/': [error, null] }, {});
  reader.readInt32(); // session
  const topics = reader.readArray((topic) => {
    if (version >= BY_ID) topic.readUUID();
    else topic.readString();
    return topic.readArray((partition) => parsePartition(library, key, version, partition));
  });
  return topics[0]?.[0] ?? { records: Buffer.alloc(0), aborted: [] };
}

function parsePartition(library: Clients['library'], key: number, version: number, reader: Reader): Fetched {
  reader.readInt32(); // partition
  const error = reader.readInt16();
  reader.skip(3 * 8); // high watermark, last stable offset, log start offset
  const aborted = reader.readNullableArray((r) => ({ producer: r.readInt64(), first: Number(r.readInt64()) }));
  reader.readInt32(); // preferred replica
  const records = reader.readNullableBytes();
  if (error !== 0) throw new library.ResponseError(key, version, { '/partition': [error, null] }, {});
  return { records: records ?? Buffer.alloc(0), aborted: aborted ?? [] };
}
