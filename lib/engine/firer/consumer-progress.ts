/**
 * The job's progress for lag monitors: behind a checkpoint, its offsets are committed to the consumer group that the table names, as Flink
 * does. Nothing reads them back but a later job with `group-offsets`; the event source has a group of its own (I1).
 */
import { isError } from '../../core/errors.ts';
import { partsOf, type PartitionId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import { topicOf, type Job } from '../job.ts';
import { inParallel } from '../parallel.ts';
import { partitionsOf, type Position } from '../position.ts';

const GROUP_ID = 'properties.group.id';

/** Commits what the position covers. Behind a commit that fails nothing more is begun: it is left to the next checkpoint. */
export async function commitProgress({ offsets }: Pick<Ports, 'offsets'>, job: Job, position: Position): Promise<void> {
  const commit = async (p: PartitionId): Promise<void> => {
    const group = job.dataflow.sources[partsOf(p).source]?.node.options[GROUP_ID];
    const next = position.cut[p]?.next;
    if (group === undefined || next === undefined) return;
    const { topic, partition } = topicOf(job, p);
    await offsets.commit(group, topic, partition, next);
  };
  await inParallel(partitionsOf(position), commit).catch(unlessUnavailable);
}

/** A group with members, a broker that is down: monitors wait, the job does not. */
function unlessUnavailable(error: unknown): void {
  if (!isError(error)) throw error;
}
