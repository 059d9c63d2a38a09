/** Committed positions of consumer groups that nobody is a member of: the event source's while it is off, the local runner's. */
import { isError } from '../../core/errors.ts';
import { offset, type Offset } from '../../core/numbers.ts';
import type { Offsets } from '../../ports/source.ts';
import type { Clients, Cluster } from './cluster.ts';
import { brokerErrors, reading, type Call } from './failures.ts';
import { metadataOf } from './topics.ts';

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly next: Offset;
}

interface Waiting extends Position {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class KafkaOffsets implements Offsets {
  readonly #clusterOf: (topic: string) => Cluster;
  /** Commits that were asked for in the same turn of the event loop, and go out together. */
  readonly #waiting = new Map<Cluster, Map<string, Waiting[]>>();

  constructor(clusterOf: (topic: string) => Cluster) {
    this.#clusterOf = clusterOf;
  }

  /** Throws StoreError `no` while the group has active members. */
  async commit(group: string, topic: string, partition: number, next: Offset): Promise<void> {
    const cluster = this.#clusterOf(topic);
    return new Promise<void>((resolve, reject) => {
      const groups = this.#waiting.get(cluster) ?? new Map<string, Waiting[]>();
      this.#waiting.set(cluster, groups);
      const others = groups.get(group);
      const entry = { topic, partition, next, resolve, reject };
      if (others === undefined) {
        groups.set(group, [entry]);
        setImmediate(() => void this.#flush(cluster, group));
      } else others.push(entry);
    });
  }

  async committed(group: string, topic: string, partition: number): Promise<Offset | null> {
    const call = reading(`read the offsets of group '${group}'`);
    const groups = [{ groupId: group, topics: [{ name: topic, partitionIndexes: [partition] }] }];
    const [found] = await this.#clusterOf(topic).call(call, ({ admin }) => admin.listConsumerGroupOffsets({ groups }));
    const position = found?.topics[0]?.partitions[0]?.committedOffset ?? -1n;
    return position < 0n ? null : offset(Number(position));
  }

  /** Where one of the topics is the reason, they are tried one by one, so that each caller hears of its own position; a broker that is down is down for all. */
  async #flush(cluster: Cluster, group: string): Promise<void> {
    const entries = this.#waiting.get(cluster)?.get(group) ?? [];
    this.#waiting.get(cluster)?.delete(group);
    try {
      await commit(cluster, group, entries);
      for (const { resolve } of entries) resolve();
    } catch (error) {
      if (entries.length === 1 || !isError(error, 'TOPIC_UNKNOWN')) for (const { reject } of entries) reject(error);
      else for (const entry of entries) await commit(cluster, group, [entry]).then(entry.resolve, entry.reject);
    }
  }
}

async function commit(cluster: Cluster, group: string, positions: readonly Position[]): Promise<void> {
  const call: Call = { what: `commit offsets of group '${group}'`, unanswered: 'maybe', repeat: 'passing' };
  const topics = [...Map.groupBy(positions, (p) => p.topic)].map(([name, of]) => ({ name, partitionOffsets: newest(of) }));
  await cluster.call(call, async (clients) => {
    await clients.admin.alterConsumerGroupOffsets({ groupId: group, topics }).catch(async (error: unknown) => {
      await requireTopics(clients, error, topics);
      throw error;
    });
  });
}

/** One per partition: a request has no order within itself. */
const newest = (positions: readonly Position[]): { partition: number; offset: bigint }[] =>
  [...new Map(positions.map((p) => [p.partition, p.next]))].map(([partition, next]) => ({ partition, offset: BigInt(next) }));

/** A topic that is not there now will not be there at the next attempt. Throws TOPIC_UNKNOWN. */
async function requireTopics(clients: Clients, error: unknown, topics: readonly { readonly name: string }[]): Promise<void> {
  if (!brokerErrors(error).includes('UNKNOWN_TOPIC_OR_PARTITION')) return;
  for (const { name } of topics) await metadataOf(clients, name, true);
}
