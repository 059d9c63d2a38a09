/** The harness of functions over source partitions: what operator state is in Flink's AbstractStreamOperatorTestHarness, with its repartitioning. */
import { functionOverPartitions, type OperatorStateDescriptors, type PartitionFunction } from '../api/partition-function.ts';
import { INITIALIZED_FIELD } from '../core/process/operator-state.ts';
import type { SourcePartition } from '../core/process/partition-function.ts';
import { comparePartitions, partitionKey, partitionOf } from '../core/process/partition-key.ts';
import { PartitionFold } from '../core/process/record-fold.ts';
import { Raw } from '../core/types.ts';
import { GROUPS } from '../core/window/pane.ts';
import { heldValues, type HeldValues } from './held-values.ts';
import { restored, type HarnessSnapshot, type RestoreOptions } from './snapshot.ts';
import { StepHarness, type HarnessOptions } from './step-harness.ts';
import { typed } from './typed.ts';

/** A number is that of a partition of `TOPIC`. */
export type HarnessPartition = number | SourcePartition;

/** Where nothing else is said. */
const TOPIC = { source: 'source', topic: 'topic' };

export interface PartitionRestoreOptions extends RestoreOptions {
  /** Those that there are now; absent: those of the snapshot. Lists of partitions that are gone are dealt out to them. */
  readonly partitions?: readonly HarnessPartition[];
}

/** Runs a function over partitions without a job: `partitionHarness(batches)`. */
export const partitionHarness = <In, D extends OperatorStateDescriptors = {}, Out = never>(fn: PartitionFunction<In, D, Out>, options: HarnessOptions = {}): PartitionHarness<In, D, Out> =>
  new PartitionHarness(fn, options);

export class PartitionHarness<In, D extends OperatorStateDescriptors, Out> extends StepHarness<Out> {
  constructor(fn: PartitionFunction<In, D, Out>, options: HarnessOptions) {
    super(functionOverPartitions(fn), options);
  }

  /** A step with one record: its instance is made from the states, and snapshotted. `timestamp`: event time, epoch ms. Throws FUNCTION_THREW with the error as its cause. */
  processElement(event: In, partition: HarnessPartition = 0, timestamp: number | null = null): void {
    this.processElements([event], partition, timestamp);
  }

  /** A step with several records of a partition, which one instance takes. */
  processElements(events: readonly In[], partition: HarnessPartition = 0, timestamp: number | null = null): void {
    const records = new PartitionFold(partitionKey(named(partition)));
    for (const event of events) records.add([new Raw(event), timestamp]);
    this.step({ records: records.columns() });
  }

  /** The lists of a partition, as its last snapshot left them. */
  state(partition: HarnessPartition = 0): HeldValues<D> {
    const { [INITIALIZED_FIELD]: _, ...declared } = heldValues(this.fn.states, this.held, partitionKey(named(partition)));
    return typed(declared);
  }

  /** Those that have had an instance, by source, topic and number. */
  get partitions(): readonly SourcePartition[] {
    const keys = [...this.held.state.panesAt(GROUPS)].map(([key]) => key);
    return keys.map(partitionOf).sort(comparePartitions);
  }

  /**
   * Puts a snapshot in the place of all that is held, as a resume from a savepoint does: lists are redistributed, and every partition has its instance made and
   * snapshotted. Throws STATE_INCOMPATIBLE where a job would not resume; nothing has changed then.
   */
  restore(snapshot: HarnessSnapshot, { partitions, ...options }: PartitionRestoreOptions = {}): void {
    this.held = restored(this.fn, snapshot, { ...options, ...(partitions && { partitions: partitions.map(named) }) });
  }
}

const named = (partition: HarnessPartition): SourcePartition => (typeof partition === 'number' ? { ...TOPIC, partition } : partition);
