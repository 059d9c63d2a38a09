/** State of functions of the program as a generation begins with it: as the program wants it, and where it belongs to source partitions, as they are now. */
import type { FunctionFlow } from '../../core/dataflow.ts';
import { assert } from '../../core/errors.ts';
import { partsOf, type PartitionId, type WallTime } from '../../core/numbers.ts';
import type { ProcessNode } from '../../core/plan.ts';
import { partitionOf } from '../../core/process/partition-key.ts';
import { withoutPartitions } from '../../core/process/partitioned-state.ts';
import type { SourcePartition } from '../../core/process/partition-function.ts';
import type { ProcessState } from '../../core/process/process-state.ts';
import { isFunctionState } from '../../core/stages.ts';
import { ProcessStep } from '../../core/process/process-step.ts';
import { MIN_WATERMARK } from '../../core/watermark.ts';
import type { PaneColumns } from '../../core/window/pane.ts';
import { evolveFunction, type RestoreTime } from '../../savepoint/evolve-functions.ts';
import type { FunctionState } from '../../savepoint/model.ts';
import { redistribute } from '../../savepoint/redistribute.ts';
import type { States } from '../firer/evaluate.ts';

/** What the functions of the base go on with. */
export interface FunctionBase {
  readonly functions: readonly FunctionState[];
  /** All that the generation has. */
  readonly partitions: readonly PartitionId[];
  readonly time: RestoreTime;
}

/** Throws STATE_VALUE_INVALID and FUNCTION_THREW. */
export function restoreFunctions(states: States, flows: readonly FunctionFlow[], base: FunctionBase): void {
  for (const flow of flows) restoreFunction(states, flow, base);
}

function restoreFunction(states: States, flow: FunctionFlow, { functions, partitions, time }: FunctionBase): void {
  const { uid, node, fn, partitionKeyOf } = flow;
  const state = states.get(uid);
  assert(state !== undefined && isFunctionState(state), `${uid} is a function`);
  const panes = functions.filter((from) => from.uid === uid).flatMap((from) => takenOver(evolveFunction(from, { node, states: fn.states }, time), from.node, node));
  if (partitionKeyOf === null || state.kind === 'partitioned') {
    for (const columns of panes) state.merge(columns);
    return;
  }
  const own = partitions.filter((p) => flow.sources.includes(partsOf(p).source)).map((p) => partitionOf(partitionKeyOf(p)));
  restorePartitions(flow, state, { panes, partitions: own, now: time.now });
}

/** Keys within partitions become keys; the other way nobody knows the partition. */
const takenOver = (panes: readonly PaneColumns[], from: ProcessNode, to: ProcessNode): readonly PaneColumns[] =>
  from.prePartitioned === true && to.prePartitioned === undefined ? panes.map(withoutPartitions) : panes;

/** What a function over partitions goes on with. */
interface PartitionsBase {
  readonly panes: readonly PaneColumns[];
  readonly partitions: readonly SourcePartition[];
  readonly now: WallTime;
}

/** Puts into the state what the partitions that there are now have of `panes`, and what their instances make of it. */
export function restorePartitions({ uid, node, fn }: Pick<FunctionFlow, 'uid' | 'node' | 'fn'>, state: ProcessState, { panes, partitions, now }: PartitionsBase): void {
  const columns = redistribute(node, panes, partitions);
  state.merge(columns);
  // Flink calls initializeState of every instance when a job is restored, and so their next snapshots no longer have what the others have taken.
  const step = new ProcessStep({ uid, fn }, state, MIN_WATERMARK, now);
  step.restorePartitions(columns.keys);
  step.commit();
}
