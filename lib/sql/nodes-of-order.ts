/** The nodes of ORDER BY and LIMIT. */
import { isProcessingTime } from '../core/expression.ts';
import type { Uid } from '../core/numbers.ts';
import type { Expression, Identity, PlanNode, SlicedWindow, SortField } from '../core/plan.ts';
import { gather, type RowsBelow } from './nodes-of-gathered.ts';
import { boundColumns, namesOf, originOf } from './plan-base.ts';
import type { Aggregation, Limited, Sorted } from './plan-scope.ts';
import { expressionText } from './plan-text.ts';
import { aggregationUid } from './plan-uid.ts';

/** What is sorted is the rows of an instant. */
const INSTANT: SlicedWindow = { kind: 'tumble', sizeMs: 1, offsetMs: 0 };

/** New nodes, the last of which gives the kept columns of `below` in order. Windows of processing time are in order anyway. */
export function nodesOfSort(below: RowsBelow, rowTime: Expression, order: readonly SortField[], identity: Identity): readonly PlanNode[] {
  const inOrder = isProcessingTime(rowTime) ? {} : ({ inOrder: true } as const);
  return gather(below, { ...identity, window: INSTANT, ...inOrder, bounds: boundColumns({ rowTime }), keepsBounds: false, order });
}

/** New nodes, the last of which gives the kept columns of the first rows. */
export const nodesOfLimit = (below: RowsBelow, { offset, count }: Limited, identity: Identity): readonly PlanNode[] =>
  gather(below, { ...identity, window: { kind: 'unbounded' }, limit: { offset, count }, bounds: [], keepsBounds: false, order: [] });

const NO_KEYS = { keys: [], sets: [] } as const;

/** By meaning, as those of aggregations, but not by the keys behind the time, nor by the columns that are read: their rows are kept under a name of their own. */
export function uidOfSort({ input, time }: Sorted, uidOfAggregation: (base: Aggregation) => Uid): Uid {
  const rowTime = input.fields[time]?.expression;
  const text = rowTime === undefined ? '' : expressionText(rowTime, namesOf(input));
  return aggregationUid(NO_KEYS, { kind: 'sort' }, text, originOf(input, uidOfAggregation));
}

/** Not by the numbers: a LIMIT that has become larger goes on counting. */
export const uidOfLimit = ({ input }: Limited, uidOfAggregation: (base: Aggregation) => Uid): Uid =>
  aggregationUid(NO_KEYS, { kind: 'limit' }, '', originOf(input, uidOfAggregation));
