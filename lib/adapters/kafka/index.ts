/** Kafka: sources, sinks, offsets, topics and records of the clusters that tables name. Importing this loads no client. */
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Codec, Runtime } from '../../ports/runtime.ts';
import type { Sink } from '../../ports/sink.ts';
import type { Offsets, Source } from '../../ports/source.ts';
import { createTopic, deleteTopic, listTopics } from './admin.ts';
import { Cluster } from './cluster.ts';
import { openSink } from './open-sink.ts';
import { KafkaOffsets } from './offsets.ts';
import { produce, type NewRecord, type ProduceOptions } from './producer.ts';
import type { ConnectionProperties } from './properties.ts';
import { KafkaSource } from './source.ts';

export type { ConnectionProperties } from './properties.ts';
export type { NewRecord, ProduceOptions } from './producer.ts';
export { clientOf, readsUncommitted } from './group-client.ts';

export interface Kafka {
  readonly source: Source;
  readonly offsets: Offsets;
  readonly admin: {
    /** Throws TOPIC_EXISTS, OPTION_INVALID, StoreError. */
    createTopic(name: string, partitions: number): Promise<void>;
    /** Throws TOPIC_UNKNOWN, StoreError. */
    deleteTopic(name: string): Promise<void>;
    /** Of the cluster that `connectionOf('')` names. */
    listTopics(): Promise<string[]>;
  };
  /** Throws TOPIC_UNKNOWN, StoreError. */
  readonly produce: (topic: string, records: readonly NewRecord[], options?: ProduceOptions) => Promise<void>;
  /** Of a `kafka` or `upsert-kafka` table; connects with its first row. */
  readonly sink: (job: JobId, node: SinkNode) => Sink;
  close(): Promise<void>;
}

/**
 * `connectionOf` names the cluster of a topic: equal properties are one cluster and share connections. Connects with the first call; the properties are
 * checked then, too (OPTION_INVALID).
 */
export function openKafka(connectionOf: (topic: string) => ConnectionProperties, parts: { readonly runtime: Runtime; readonly codec: Codec }): Kafka {
  const clusters = new Map<string, Cluster>();
  const clusterOf = (topic: string): Cluster => {
    const properties = connectionOf(topic);
    const key = JSON.stringify(Object.entries(properties).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const cluster = clusters.get(key) ?? new Cluster(properties, parts.runtime);
    clusters.set(key, cluster);
    return cluster;
  };
  const offsets = new KafkaOffsets(clusterOf);
  return {
    source: new KafkaSource(clusterOf, offsets),
    offsets,
    admin: {
      createTopic: async (name, partitions) => createTopic(clusterOf(name), parts.runtime, name, partitions),
      deleteTopic: async (name) => deleteTopic(clusterOf(name), parts.runtime, name),
      listTopics: async () => listTopics(clusterOf('')),
    },
    produce: async (topic, records, options) => produce(clusterOf(topic), topic, records, options),
    sink: (job, node) => openSink(clusterOf(node.records?.topic ?? ''), parts.runtime, job, node),
    close: async () => {
      const open = [...clusters.values()];
      clusters.clear();
      for (const cluster of open) await cluster.close();
    },
  };
}
