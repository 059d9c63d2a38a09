/** Functions that run in the writer (protocol 13.3, stateful partition mode), and what they ask of the topics that they read. */
import type { FunctionFlow } from '../core/dataflow.ts';
import { SluiceError } from '../core/errors.ts';
import { partsOf, type PartitionId } from '../core/numbers.ts';
import { topicOf, type Job } from './job.ts';

/** The functions that the writers of a partition run. */
export const functionsOf = ({ dataflow }: Pick<Job, 'dataflow'>, p: PartitionId): FunctionFlow[] =>
  dataflow.functions.filter(({ prePartitioned, sources }) => prePartitioned && sources.includes(partsOf(p).source));

/** 11.7: behind another number of partitions keys lie in others than their state. */
export function partitionAdded(job: Job, p: PartitionId): SluiceError {
  const { topic, partition } = topicOf(job, p);
  const [first] = functionsOf(job, p);
  return new SluiceError('PARTITION_ADDED', {
    message: `partition ${topic}-${partition} is new, and the function at ${first?.uid} has its state within the partitions that were there`,
    details: { topic, partition, uid: first?.uid },
  });
}
