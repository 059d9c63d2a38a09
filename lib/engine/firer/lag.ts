/** Partitions that look idle and are not (protocol F6): their topic holds records behind their log. */
import type { PartitionId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import { topicOf, type Job } from '../job.ts';
import { partitionsOf, type Position } from '../position.ts';
import type { Tail } from './tail.ts';

/** Asked only of sources with an idle timeout. What has stalled for longer than `sluice.idle-with-lag-timeout` is left out. */
export async function laggingPartitions({ source, runtime }: Pick<Ports, 'source' | 'runtime'>, job: Job, position: Position, tail: Tail): Promise<ReadonlySet<PartitionId>> {
  const lagging = new Set<PartitionId>();
  const topics = job.dataflow.sources.filter((s) => s.node.idleTimeoutMs > 0).flatMap((s) => s.node.topics);
  for (const topic of new Set(topics)) {
    const ends = new Map((await source.topic(topic))?.partitions.map((i) => [i.partition, i.end]));
    for (const p of partitionsOf(position)) {
      const { topic: name, partition } = topicOf(job, p);
      const next = tail.last(p)?.next ?? position.cut[p]?.next ?? 0;
      const isStalled = runtime.now() - (position.cut[p]?.dataAt ?? 0) > job.policies.idleWithLagMs;
      if (name === topic && !isStalled && (ends.get(partition) ?? 0) > next) lagging.add(p);
    }
  }
  return lagging;
}
