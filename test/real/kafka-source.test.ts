/** The laws of `Source` and `Offsets` against a real broker. */
import { Admin } from '@platformatic/kafka';
import { isError, SluiceError } from '../../lib/core/errors.ts';
import type { Kafka } from '../../lib/adapters/kafka/index.ts';
import type { Offsets, Source } from '../../lib/ports/source.ts';
import { sourceUnderFaults } from '../contracts/faults/source.ts';
import { sourceContract, type SourceWorld } from '../contracts/source.ts';
import { broker, fresh, opened } from './kafka-world.ts';

const state = broker();

/** The suites know one name of a topic: every world has its own prefix for the names of topics and groups. */
function world(): SourceWorld {
  const kafka = opened({ 'bootstrap.servers': state.kafka.bootstrap });
  const admin = new Admin({ clientId: 'world', bootstrapBrokers: [state.kafka.bootstrap] });
  const prefix = `${fresh('world')}-`;
  return {
    source: prefixedSource(kafka, prefix),
    offsets: prefixedOffsets(kafka, prefix),
    create: (topic, partitions) => kafka.admin.createTopic(prefix + topic, partitions),
    recreate: async (topic, partitions) => {
      await admin.deleteTopics({ topics: [prefix + topic] });
      await kafka.admin.createTopic(prefix + topic, partitions);
    },
    produce: (topic, partition, values) => kafka.produce(prefix + topic, values.map((value) => ({ value })), { partition }),
    close: async () => {
      await admin.close();
      await kafka.close();
    },
  };
}

const prefixedSource = ({ source }: Kafka, prefix: string): Source => ({
  topic: (name) => source.topic(prefix + name),
  startOffset: (topic, partition, mode) =>
    unprefixed(prefix, () => source.startOffset(prefix + topic, partition, mode.kind === 'group-offsets' ? { ...mode, group: prefix + mode.group } : mode)),
  fetch: (topic, partition, from, maxBytes) => unprefixed(prefix, () => source.fetch(prefix + topic, partition, from, maxBytes)),
});

/** Kafka takes positions for topics that exist only; the suite commits for topics that it never made. */
const prefixedOffsets = ({ offsets, admin }: Kafka, prefix: string): Offsets => ({
  commit: async (group, topic, partition, next) => {
    await admin.createTopic(prefix + topic, 2).catch((error: unknown) => {
      if (!isError(error, 'TOPIC_EXISTS')) throw error;
    });
    await offsets.commit(prefix + group, prefix + topic, partition, next);
  },
  committed: (group, topic, partition) => offsets.committed(prefix + group, prefix + topic, partition),
});

async function unprefixed<T>(prefix: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isError(error) || error.code === 'STORE_FAILED') throw error;
    const plain = (text: string): string => text.replaceAll(prefix, '');
    const details = JSON.parse(plain(JSON.stringify(error.details)));
    throw new SluiceError(error.code, { message: plain(error.message), details, ...(error.hint === undefined ? {} : { hint: plain(error.hint) }) });
  }
}

sourceContract('Kafka', world);
sourceUnderFaults('Kafka', world);
