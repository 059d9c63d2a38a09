/**
 * Functions over source partitions, as Flink's CheckpointedFunction: an instance sees the records of its partition in their order, and may keep in memory what
 * it likes between its two moments: `initialize` makes it from its list states, `snapshot` puts into them what the next one needs.
 *
 * An instance lives as long as a step: memory that outlived it would differ between the processes that run the job (protocol F4). So `snapshot` is called at
 * the end of every step, as part of it, and `initialize` at the beginning of the next.
 */
import type { KeyContext, Outputs, TimerService } from './keyed-function.ts';

/** A partition as savepoints name it: by no number that another order of the sources would change. */
export interface SourcePartition {
  /** Uid of the source. */
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
}

/** Flink's FunctionInitializationContext. */
export interface InitializationContext<S = unknown> {
  /** The states that the function has declared, under their names; at hand as long as the instance is. */
  readonly state: S;
  /** There was an instance before, in a step or in the job that was restored. False for the first of a partition that the job has begun with, or found since. */
  readonly isRestored: boolean;
  readonly partition: SourcePartition;
}

/** What an instance has beside an event: no key and no timers, which would belong to one. */
export interface PartitionContext<S = unknown> extends Omit<KeyContext<never, S>, 'key' | 'timers'> {
  readonly timers: Pick<TimerService, 'currentProcessingTime' | 'currentWatermark'>;
}

/** What `initialize` makes. */
export interface PartitionInstance<In = unknown, Out = unknown, S = unknown> {
  onEvent(event: In, context: PartitionContext<S>): Outputs<Out>;
  /** Flink's snapshotState. Absent: what it keeps in memory is lost with the step. */
  snapshot?(): void;
}
