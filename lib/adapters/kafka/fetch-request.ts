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
  /** Where the partition ends for this reader. */
  readonly end: number;
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
  const api = library.createAPI<Parameters<typeof createRequest>, Fetched>(FETCH, isById ? BY_ID : BY_NAME, createRequest, (_id, _key, version, reader) => parse(clients, version, reader));
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

/** Throws the broker's error. A client beyond its quota gets an answer without the partition, which is not the end of it. */
function parse({ library, connection }: Clients, version: number, reader: Reader): Fetched {
  reader.readInt32(); // throttle time
  const error = reader.readInt16();
  if (error !== 0) throw new library.ProtocolError(error);
  reader.readInt32(); // session
  const isCommitted = connection.isolation === 'read_committed';
  const topics = reader.readArray((topic) => {
    if (version >= BY_ID) topic.readUUID();
    else topic.readString();
    return topic.readArray((partition) => parsePartition(partition, isCommitted));
  });
  const found = topics[0]?.[0];
  if (found === undefined) throw new library.ProtocolError('THROTTLING_QUOTA_EXCEEDED');
  if (found.error !== 0) throw new library.ProtocolError(found.error);
  return found;
}

function parsePartition(reader: Reader, isCommitted: boolean): Fetched & { readonly error: number } {
  reader.readInt32(); // partition
  const error = reader.readInt16();
  const highWatermark = Number(reader.readInt64());
  const lastStable = Number(reader.readInt64());
  reader.readInt64(); // log start offset
  const aborted = reader.readNullableArray((r) => ({ producer: r.readInt64(), first: Number(r.readInt64()) })) ?? [];
  reader.readInt32(); // preferred replica
  const records = reader.readNullableBytes() ?? Buffer.alloc(0);
  return { error, end: isCommitted ? lastStable : highWatermark, aborted, records };
}
