/** Functions with state of source partitions as programs write them, and the nodes they become. */
import { inputsOf, isKind, type Plan, type PlanNode } from '../core/plan.ts';
import type { StateDescriptor, StatesOf } from '../core/process/descriptor.ts';
import type { KeyedFunction } from '../core/process/keyed-function.ts';
import { operatorStates } from '../core/process/operator-state.ts';
import type { InitializationContext, PartitionInstance } from '../core/process/partition-function.ts';
import type { Redistribution } from '../core/plan.ts';
import { erased } from './erase.ts';
import type { Graph } from './graph.ts';
import { functionStream } from './process-function.ts';
import { refuse } from './refusal.ts';
import type { ProcessedStream } from './stream.ts';
import type { Transformation } from './transformation.ts';

/** By the names under which a function finds its states. */
export type OperatorStateDescriptors = Readonly<Record<string, StateDescriptor & { readonly redistribution: Redistribution }>>;

/**
 * A function that has an instance per source partition (Flink's CheckpointedFunction). What an instance keeps in memory lasts as long as a step of the job:
 * what is to last longer `snapshot` puts into the states, and `initialize` takes from them.
 */
export interface PartitionFunction<In, D extends OperatorStateDescriptors, Out> {
  /** `{ held: operatorListState<Payment>() }`. */
  readonly state?: D;
  /** The uid by which its state was saved, if it has another one now. */
  readonly previous?: string;
  /** Makes the instance of a partition. */
  initialize(context: InitializationContext<StatesOf<D>>): PartitionInstance<In, Out, StatesOf<D>>;
}

/** A function over partitions as a constant, for tests and for several jobs: `partitionFunction<Payment>()({ state: { … }, initialize({ state }) { … } })`. */
export const partitionFunction =
  <In>() =>
  <D extends OperatorStateDescriptors = {}, Out = never>(fn: PartitionFunction<In, D, Out>): PartitionFunction<In, D, Out> =>
    fn;

/** The stream of a function over rows of `STREAM_ROW`. */
export function processedInPartitions<In, D extends OperatorStateDescriptors, Out>(graph: Graph, uid: string | null, input: Transformation, fn: PartitionFunction<In, D, Out> | undefined): ProcessedStream<Out> {
  const given = fn ?? refuse(`processPartition ${uid}`, 'it has no function', "Write .processPartition('uid', { initialize({ state }) { return { onEvent(event) { … } }; } }).");
  return functionStream(graph, uid, input, { ...functionOverPartitions(given), scope: 'partition', previous: given.previous });
}

/** As the engine calls it. Throws JOB_DEFINITION for names of states. */
export function functionOverPartitions<In, D extends OperatorStateDescriptors, Out>(fn: PartitionFunction<In, D, Out>): KeyedFunction {
  return { states: operatorStates(fn.state ?? {}), inputs: [], initialize: erasedInitialize(fn), sideOutputs: [] };
}

/** That the states are those declared is what `operatorStates` is for; see `erased` for the values. */
function erasedInitialize<In, D extends OperatorStateDescriptors, Out>(fn: PartitionFunction<In, D, Out>): (context: InitializationContext) => PartitionInstance {
  const initialize: (...args: readonly unknown[]) => PartitionInstance<In, Out, StatesOf<D>> = erased(fn.initialize.bind(fn));
  return (context) => {
    const instance = initialize(context);
    return { onEvent: erased(instance.onEvent.bind(instance)), snapshot: () => instance.snapshot?.() };
  };
}

/** JOB_DEFINITION for functions over partitions whose events come from none: below a window or another function an event has many records above it. */
export function requirePartitions({ nodes }: Pick<Plan, 'nodes'>): void {
  for (const node of nodes.filter(isKind('process')).filter(({ scope }) => scope === 'partition')) {
    const obstacle = obstacleAbove(nodes, node);
    if (obstacle === null) continue;
    refuse(`processPartition ${node.uid}`, `its events come from ${obstacle.kind} ${obstacle.uid}, not from the partitions of a source`, 'Call it on what a source gives, or on that behind map, filter, flatMap and union; behind state there are keys: keyBy(…).process(…).');
  }
}

const WITHOUT_PARTITION: ReadonlySet<PlanNode['kind']> = new Set(['process', 'window-aggregate', 'values']);

function obstacleAbove(nodes: readonly PlanNode[], node: PlanNode): PlanNode | null {
  for (const input of inputsOf(node)) {
    const above = nodes.find(({ uid }) => uid === input);
    if (above === undefined) continue;
    const obstacle = WITHOUT_PARTITION.has(above.kind) ? above : obstacleAbove(nodes, above);
    if (obstacle !== null) return obstacle;
  }
  return null;
}
