/** Topics as the command line manages them, whichever kind they are. */
import type { EmbeddedTopics } from '../adapters/embedded/topics.ts';
import type { Kafka } from '../adapters/kafka/index.ts';

export interface TopicCommands {
  /** Throws TOPIC_EXISTS, OPTION_INVALID. */
  create(name: string, partitions: number): Promise<void>;
  /** With its records. Throws TOPIC_UNKNOWN. */
  delete(name: string): Promise<void>;
  /** Names in order. */
  list(): Promise<string[]>;
  /** One record per line, blank lines left out; to `partition`, or to all in turn. Returns how many. */
  produce(topic: string, lines: readonly string[], options: { partition?: number }): Promise<number>;
}

export const embeddedTopics = (topics: EmbeddedTopics): TopicCommands => ({
  create: (name, partitions) => topics.createTopic(name, partitions),
  delete: (name) => topics.deleteTopic(name),
  list: () => topics.listTopics(),
  produce: async (topic, lines, options) => (await topics.produce(topic, lines, options)).reduce((sum, part) => sum + part.records, 0),
});

export const kafkaTopics = (kafka: () => Kafka): TopicCommands => ({
  create: (name, partitions) => kafka().admin.createTopic(name, partitions),
  delete: (name) => kafka().admin.deleteTopic(name),
  list: async () => (await kafka().admin.listTopics()).toSorted(),
  produce: async (topic, lines, options) => {
    const records = lines.filter((line) => line.trim() !== '').map((value) => ({ value }));
    if (records.length > 0) await kafka().produce(topic, records, options);
    return records.length;
  },
});
