/** The nodes of a window table function that gives rows: stateless where the windows of a row follow from its time; sessions keep their rows. */
import type { Uid } from '../core/numbers.ts';
import type { Identity, PlanNode, WindowTableNode } from '../core/plan.ts';
import { columnOf, gather, type RowsBelow } from './nodes-of-gathered.ts';
import { boundColumns, namesOf, originOf } from './plan-base.ts';
import type { Aggregation, WindowTable } from './plan-scope.ts';
import { expressionText } from './plan-text.ts';
import { aggregationUid } from './plan-uid.ts';
import { isSliced } from './plan-window-spec.ts';

/** New nodes, the last of which has the kept columns of `below` and then those of the window. */
export function nodesOfWindows(base: WindowTable, below: RowsBelow & { readonly time: number }, identity: Identity): readonly PlanNode[] {
  const { spec } = base;
  const bounds = boundColumns(base);
  // A session gathers its rows, and hands them on when it ends.
  if (!isSliced(spec)) return gather(below, { ...identity, window: spec, bounds, keepsBounds: true, order: [] });
  const columns = [...below.kept.map((index) => columnOf(below, index)), ...bounds];
  const node: WindowTableNode = { kind: 'window-table', uid: identity.uid, input: below.uid, window: spec, timeColumn: below.time, kept: below.kept, columns };
  return [node];
}

/** By meaning, as those of aggregations: a session has state. Not of the columns that are read: their rows are kept under a name of their own. */
export function uidOfSessions({ input, spec, rowTime, partition }: WindowTable, uidOfAggregation: (base: Aggregation) => Uid): Uid {
  const names = namesOf(input);
  const keys = partition.map((expression) => ({ name: expressionText(expression, names), expression, nullable: true }));
  const gathering = { ...spec, gathers: 'rows' };
  return aggregationUid({ keys, sets: [] }, gathering, expressionText(rowTime, names), originOf(input, uidOfAggregation));
}
