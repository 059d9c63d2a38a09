/** What every function of the data path works for: one generation of one job. */
import { compileDataflow, type Dataflow } from '../core/dataflow.ts';
import { partsOf, partitionId, type Generation, type JobId, type Offset, type PartitionId } from '../core/numbers.ts';
import type { Plan } from '../core/plan.ts';
import { NO_CODE, type Code } from '../core/process/code.ts';
import { policiesOf, type Policies } from './policies.ts';
import { settingsFor, type Settings } from './settings.ts';

export interface Job {
  readonly id: JobId;
  readonly g: Generation;
  readonly dataflow: Dataflow;
  readonly settings: Settings;
  readonly policies: Policies;
  /** Ids of the topics when the generation began; null where the broker has none (W6). */
  readonly topicIds: Readonly<Record<string, string | null>>;
  /** Where bounded sources end, fixed when the job was created. */
  readonly bounds: Bounds;
  /** The jobs that this one was forked from, oldest first: it may take their rows over. */
  readonly lineage: readonly JobId[];
}

/** First offset that a bounded source does not read, by partition; one that is not named came later, and is not read at all. */
export type Bounds = Readonly<Record<PartitionId, Offset>>;

export function openJob(
  id: JobId,
  g: Generation,
  plan: Plan,
  topicIds: Readonly<Record<string, string | null>>,
  place: Partial<Settings>,
  bounds: Bounds = {},
  lineage: readonly JobId[] = [],
  code: Code = NO_CODE,
): Job {
  const policies = policiesOf(plan);
  const dataflow = compileDataflow(plan, code, policies.recordError !== 'fail');
  return { id, g, dataflow, settings: settingsFor(plan, place), policies, topicIds, bounds, lineage };
}

/** Topic and Kafka partition behind a partition id. */
export function topicOf(job: Job, p: PartitionId): { topic: string; partition: number } {
  const { source, topic, partition } = partsOf(p);
  return { topic: job.dataflow.sources[source]?.node.topics[topic] ?? '', partition };
}

/** The partition ids that one Kafka partition feeds: one per source that reads the topic. */
export function partitionIdsOf(job: Job, topic: string, partition: number): PartitionId[] {
  return job.dataflow.sources.flatMap((source) => {
    const index = source.node.topics.indexOf(topic);
    return index < 0 ? [] : [partitionId(source.index, index, partition)];
  });
}
