/** The lab's records through a function with state of source partitions. The function is the test's own. */
import { operatorStates } from '../../lib/core/process/operator-state.ts';
import type { StatesOf } from '../../lib/core/process/descriptor.ts';
import type { KeyedFunction } from '../../lib/core/process/keyed-function.ts';
import type { InitializationContext, PartitionInstance } from '../../lib/core/process/partition-function.ts';
import { STREAM_ROW } from '../../lib/core/process/rows.ts';
import { Raw } from '../../lib/core/types.ts';
import type { OperatorStateDescriptors } from '../../lib/api/index.ts';
import { functionJob, type FunctionJob } from './function-plan.ts';

/** As `functionJob`; events are the types of the records. */
export function partitionJob<D extends OperatorStateDescriptors>(state: D, initialize: (context: InitializationContext<StatesOf<D>>) => PartitionInstance, planOptions: Record<string, string> = {}): FunctionJob {
  const fn: KeyedFunction = {
    states: operatorStates(state),
    inputs: [],
    // What the engine hands over is what the descriptors say.
    initialize: (context) => initialize(context as InitializationContext<StatesOf<D>>),
    sideOutputs: [],
  };
  const { plan, code } = functionJob(fn, { planOptions });
  const nodes = plan.nodes.map((node) => (node.kind === 'process' ? { ...node, scope: 'partition' as const } : node.kind === 'code' && node.uid === 'key-by' ? { ...node, columns: STREAM_ROW } : node));
  const transforms = new Map(code.transforms).set('key-by', ([type = null, time = null], next) => next([new Raw(type), time]));
  return { plan: { ...plan, nodes }, code: { ...code, transforms } };
}
