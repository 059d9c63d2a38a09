/** Functions over source partitions of the program of simulated jobs. */
import type { StateDescriptor, StatesOf } from '../../lib/core/process/descriptor.ts';
import type { KeyedFunction } from '../../lib/core/process/keyed-function.ts';
import { operatorListState, operatorStates, operatorUnionState } from '../../lib/core/process/operator-state.ts';
import type { InitializationContext, PartitionContext, PartitionInstance } from '../../lib/core/process/partition-function.ts';
import { digest, KEPT, SIDE, sum, timeOf, type Finding, type Purchase } from './findings.ts';

/** A function that knows what it is called with. */
interface Partitioned {
  readonly states: Readonly<Record<string, StateDescriptor>>;
  initialize(context: InitializationContext): PartitionInstance;
}

const partitionFunctionOf = (parts: Partitioned): KeyedFunction => ({
  states: operatorStates(parts.states),
  inputs: [],
  initialize: (context) => parts.initialize(context),
  sideOutputs: [SIDE.name],
});

const GATHERED = {
  /** What the next bundle will have. */
  held: operatorListState<Purchase>(),
  /** How many records each partition had, so that every one hears of the others when the job is restored. */
  counts: operatorUnionState<{ readonly of: string; readonly rows: number }>(),
  /** A digest of what it has heard then. */
  heard: operatorListState<number>(),
  /** Written while records come. */
  notes: operatorListState<number>(),
};

/** So many purchases of a partition make a finding. */
const BUNDLE = 3;

/** Bundles what comes from a partition. It shows all that it knows, also how long it lives: the reference is told where steps end. */
function gather({ state: { held, counts, heard, notes }, isRestored, partition }: InitializationContext<StatesOf<typeof GATHERED>>): PartitionInstance<Purchase, Finding> {
  const own = [partition.source, partition.topic, partition.partition].join('/');
  const of = (mine: boolean): number[] => counts.get().flatMap((count) => ((count.of === own) === mine ? [count.rows] : []));
  const others = of(false);
  const known = others.length === 0 ? (heard.get()[0] ?? 0) : digest(...others);
  let bundle = held.get();
  let rows = sum(of(true));
  let age = 0;
  return {
    *onEvent(purchase: Purchase, context: PartitionContext): Generator<Finding> {
      const { key, amount } = purchase;
      const at = timeOf(context) + 1;
      rows++;
      age++;
      bundle.push(purchase);
      if (amount % 3 === 0) notes.add(amount);
      if (notes.get().length > KEPT) notes.update(notes.get().slice(1));
      if (amount % 4 === 0) context.output(SIDE, { key, at, rows: age, amount: digest(rows, known, Number(isRestored), context.timers.currentProcessingTime()) });
      if (bundle.length >= BUNDLE) {
        yield { key, at, rows, amount: digest(...bundle.map((one) => one.amount), ...notes.get(), context.timers.currentWatermark() ?? 0) };
        bundle = [];
      }
    },
    snapshot() {
      held.update(bundle);
      counts.update([{ of: own, rows }]);
      heard.update(known === 0 ? [] : [known]);
    },
  };
}

/** The same, but it changes what it got, which is its own, and fails now and then behind all that it has done, also in memory. */
function sift(context: InitializationContext<StatesOf<typeof GATHERED>>): PartitionInstance<Purchase, Finding> {
  const gathering = gather(context);
  return {
    ...gathering,
    *onEvent(purchase, eventContext) {
      const { amount } = purchase;
      yield* gathering.onEvent(purchase, eventContext) ?? [];
      Object.assign(purchase, { amount: amount + 1000 });
      if (amount % 5 === 2) throw new Error(`no more of ${amount}`);
    },
  };
}

export const PARTITION_FUNCTIONS = {
  gather: partitionFunctionOf({ states: GATHERED, initialize: gather }),
  sift: partitionFunctionOf({ states: GATHERED, initialize: sift }),
};
