/** Reading a topic as it is now, for people. */
import { SluiceError } from '../core/errors.ts';
import type { Offset } from '../core/numbers.ts';
import type { Ports } from '../ports/ports.ts';

export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

const FETCH_BYTES = 1024 * 1024;

/** All records that are there when it begins, partition by partition; only those of `partition` unless it is null. */
export async function* consumeTopic({ source }: Pick<Ports, 'source'>, topic: string, partition: number | null): AsyncGenerator<TopicRecord> {
  const info = await source.topic(topic);
  const wanted = info?.partitions.filter((p) => partition === null || p.partition === partition) ?? [];
  if (wanted.length === 0) {
    const what = info === null ? `topic '${topic}' does not exist` : `topic '${topic}' has no partition ${partition}`;
    throw new SluiceError('TOPIC_UNKNOWN', { message: what, hint: 'see `sluice topic list`' });
  }
  for (const { partition: p, earliest, end } of wanted) yield* recordsOf(source, topic, p, earliest, end);
}

async function* recordsOf(source: Ports['source'], topic: string, partition: number, earliest: Offset, end: Offset): AsyncGenerator<TopicRecord> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let next = earliest; next < end; ) {
    const batch = await source.fetch(topic, partition, next, FETCH_BYTES);
    if (batch === null) return;
    for (const [i, offset] of batch.offsets.entries()) {
      if (offset >= end) return;
      yield { partition, offset, value: decoder.decode(batch.bytes.subarray(batch.starts[i], batch.ends[i])) };
    }
    next = batch.next;
  }
}
