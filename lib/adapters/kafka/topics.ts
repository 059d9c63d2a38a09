/** What a cluster says of a topic: its id, its partitions and where they begin and end. */
import type { Broker, ClusterTopicMetadata } from '@platformatic/kafka';
import { isError, SluiceError, StoreError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { offset, type Offset } from '../../core/numbers.ts';
import type { PartitionInfo, TopicInfo } from '../../ports/source.ts';
import type { Clients } from './cluster.ts';

/** Asks for the first and for the next offset instead of that of a time. */
const EARLIEST = -2n;
const LATEST = -1n;
/** What brokers answer that have no ids, and what the library puts in their place. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Throws TOPIC_UNKNOWN; `fresh` asks the cluster although it was asked a moment ago. */
export async function metadataOf({ consumer }: Clients, topic: string, fresh: boolean): Promise<ClusterTopicMetadata> {
  const metadata = await consumer.metadata({ topics: [topic], forceUpdate: fresh }).catch((error: unknown) => {
    throw error instanceof Error && error.message.startsWith('Unknown topic') ? unknownTopic(topic) : error;
  });
  const found = metadata.topics.get(topic);
  if (found === undefined) throw unknownTopic(topic);
  return found;
}

/**
 * The id is asked for behind the offsets, and both belong together only if it is still the one from before: offsets of another topic
 * never pass for those of the job's (W6). Null: somebody changed the topic meanwhile.
 */
export async function topicInfo(clients: Clients, topic: string): Promise<TopicInfo | null> {
  const before = await metadataOf(clients, topic, true);
  const [earliest, end] = await Promise.all([offsetsOf(clients, topic, EARLIEST), offsetsOf(clients, topic, LATEST)]);
  const { id, partitionsCount } = await metadataOf(clients, topic, true);
  if (id !== before.id || partitionsCount !== before.partitionsCount) return null;
  const partitions = Array.from({ length: partitionsCount }, (_, i): PartitionInfo => ({ partition: i, earliest: at(earliest, i), end: at(end, i) }));
  return { id: id === NO_ID || id === topic ? null : id, partitions };
}

/** An offset that nobody has told must not pass for the beginning of a partition. */
function at(offsets: readonly bigint[], partition: number): Offset {
  const found = offsets[partition];
  if (found === undefined) throw new StoreError('no', { message: `the brokers did not tell the offsets of partition ${partition}`, hint: 'repeat the command' });
  return offset(Number(found));
}

async function offsetsOf(clients: Clients, topic: string, timestamp: bigint): Promise<readonly bigint[]> {
  const found = await clients.consumer.listOffsets({ topics: [topic], timestamp, isolationLevel: isolationLevel(clients) });
  return found.get(topic) ?? [];
}

/** First offset whose record is not older than `epochMs`; null where there is none. */
export async function offsetAtTime(clients: Clients, topic: string, partition: number, epochMs: number): Promise<Offset | null> {
  const found = await clients.consumer.listOffsetsWithTimestamps({ topics: [topic], partitions: { [topic]: [partition] }, timestamp: BigInt(epochMs), isolationLevel: isolationLevel(clients) });
  const position = found.get(topic)?.get(partition)?.offset ?? -1n;
  return position < 0n ? null : offset(Number(position));
}

/** As the library wants it. With read_committed a partition ends where its oldest open transaction begins. */
export const isolationLevel = ({ library, connection }: Clients) =>
  library.FetchIsolationLevels[connection.isolation === 'read_committed' ? 'READ_COMMITTED' : 'READ_UNCOMMITTED'];

export interface Leader {
  readonly id: string;
  readonly broker: Broker;
  readonly epoch: number;
}

/** Who has the records of a partition. Throws TOPIC_UNKNOWN. */
export async function leaderOf(clients: Clients, topic: string, partition: number): Promise<Leader> {
  const find = async (fresh: boolean) => {
    const { id, partitions } = await metadataOf(clients, topic, fresh);
    return { id, found: partitions[partition] };
  };
  const cached = await find(false);
  const { id, found } = cached.found === undefined ? await find(true) : cached;
  if (found === undefined) throw unknownPartition(topic, partition);
  const broker = clients.consumer.currentMetadata?.brokers.get(found.leader);
  if (broker === undefined) throw new clients.library.ProtocolError('LEADER_NOT_AVAILABLE');
  return { id, broker, epoch: found.leaderEpoch };
}

export const unknownPartition = (topic: string, partition: number): SluiceError =>
  new SluiceError('TOPIC_UNKNOWN', { message: `topic '${topic}' has no partition ${partition}`, details: { topic, partition } });

export const unknownTopic = (topic: string, hint?: string): SluiceError =>
  new SluiceError('TOPIC_UNKNOWN', { message: `topic '${topic}' does not exist`, details: { topic }, ...(hint === undefined ? {} : { hint }) });

/** `error` with the name that was probably meant, where the topic does not exist and one is near enough. */
export async function withNearest(error: unknown, topic: string, names: () => Promise<readonly string[]>): Promise<unknown> {
  if (!isError(error, 'TOPIC_UNKNOWN') || error.details['partition'] !== undefined) return error;
  const other = nearest(topic, await names().catch(() => []));
  return other === undefined ? error : unknownTopic(topic, `Did you mean '${other}'?`);
}
