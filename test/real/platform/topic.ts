/** A topic of lab-like events, spread evenly over its partitions, which all advance alike in event time. */
import { openKafka } from '../../../lib/adapters/kafka/index.ts';
import { nodeCodec } from '../../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import { eventLine, type EventShape } from '../../bench/events.ts';

export interface TopicShape extends EventShape {
  readonly partitions: number;
  readonly records: number;
}

/** Records of one request to append. */
const CHUNK = 20_000;

/** Record i lies in partition i modulo their number. */
export async function makeTopic(bootstrap: string, name: string, { partitions, records, ...shape }: TopicShape): Promise<void> {
  const kafka = openKafka(() => ({ 'bootstrap.servers': bootstrap }), { runtime: nodeRuntime, codec: nodeCodec });
  try {
    await kafka.admin.createTopic(name, partitions);
    for (let from = 0; from < records; from += CHUNK) {
      const to = Math.min(records, from + CHUNK);
      await Promise.all(Array.from({ length: partitions }, (_, partition) => kafka.produce(name, every(partitions, partition, from, to, shape), { partition })));
    }
  } finally {
    await kafka.close();
  }
}

function every(partitions: number, partition: number, from: number, to: number, shape: EventShape): { value: string }[] {
  const records: { value: string }[] = [];
  for (let i = from + ((((partition - from) % partitions) + partitions) % partitions); i < to; i += partitions) records.push({ value: eventLine(i, shape) });
  return records;
}
