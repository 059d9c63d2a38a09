/** What panes give, on the way from a step to the rows. */
import type { Accumulator } from '../aggregates/aggregate.ts';
import type { Key } from '../key.ts';
import type { WindowAggregateNode } from '../plan.ts';
import type { Value } from '../types.ts';
import type { Pane, Span } from './pane.ts';

/** What a pane gives: its rows, and the results of all aggregates but COUNT(*). It stays what it is while the pane grows. */
export interface PaneResult {
  readonly rows: number;
  readonly values: readonly Value[];
}

/** The result of one (window, key). `before` is the window's last one, if it has fired before. */
export type EmitResult = (window: Span, key: Key, result: PaneResult, before: PaneResult | null) => void;

/** What a step has to know of its operator. */
export interface StepSpec {
  readonly node: WindowAggregateNode;
  readonly resultsOf: (accumulators: readonly Accumulator[]) => Value[];
}

/** The result of a pane as it is now. */
export const resultOf = ({ resultsOf }: StepSpec, { rows, accumulators }: Pane): PaneResult => ({ rows, values: resultsOf(accumulators) });

/** Values, or characters of them, that are as large as a row. */
const VALUES_OF_A_ROW = 16;

/** As how many rows a result counts: lists and texts may have grown with every row of a key. */
export function weightOf({ values }: PaneResult): number {
  let size = 0;
  for (const value of values) if (Array.isArray(value) || typeof value === 'string') size += value.length;
  return 1 + Math.floor(size / VALUES_OF_A_ROW);
}

/** The items in their order, each of them let go of as it is taken: results may be large. */
export function* drained<T>(items: T[]): Generator<T> {
  items.reverse();
  for (let item = items.pop(); item !== undefined; item = items.pop()) yield item;
}
