/** Where the partitions of a job's topics end. */
import type { Offset, PartitionId } from '../core/numbers.ts';
import { topicOf, type Job } from '../engine/job.ts';
import { inParallel } from '../engine/parallel.ts';
import type { Source } from '../ports/source.ts';

/** Null for a partition that does not exist any more, and for rows that are generated without end: they wait for nobody. */
export type EndOf = (id: PartitionId) => Offset | null;

/** Each topic is asked once. */
export async function topicEnds(source: Pick<Source, 'topic'>, job: Job): Promise<EndOf> {
  const topics = [...new Set(job.dataflow.sources.flatMap(({ node }) => node.topics))];
  const infos = await inParallel(topics, async (topic) => (await source.topic(topic))?.partitions.map(({ partition, end }) => [keyOf({ topic, partition }), end] as const) ?? []);
  const ends = new Map(infos.flat());
  return (id) => {
    const end = ends.get(keyOf(topicOf(job, id)));
    return end === undefined || end === Number.MAX_SAFE_INTEGER ? null : end;
  };
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}-${partition}`;
