/** The nodes of a window table function that gives rows: stateless where the windows of a row follow from its time; sessions keep their rows. */
import { assert } from '../core/errors.ts';
import { columnAt } from '../core/expression.ts';
import type { Uid } from '../core/numbers.ts';
import type { CalcNode, Expression, Identity, PlanNode, UnnestNode, WindowAggregateNode, WindowTableNode } from '../core/plan.ts';
import type { Column, SqlType } from '../core/types.ts';
import { boundColumns, namesOf, originOf } from './plan-base.ts';
import type { Aggregation, WindowTable } from './plan-scope.ts';
import { expressionText } from './plan-text.ts';
import { aggregationUid, uidOf } from './plan-uid.ts';
import { isSliced } from './plan-window-spec.ts';

/** The rows below a window. */
export interface RowsBelow {
  readonly uid: Uid;
  readonly columns: readonly Column[];
  /** Columns that are wanted of each row. */
  readonly kept: readonly number[];
  /** The column of the row time. */
  readonly time: number;
  /** The columns that a session is partitioned by. */
  readonly keys: readonly number[];
}

/** New nodes, the last of which has the kept columns of `below` and then those of the window. */
export function nodesOfWindows(base: WindowTable, below: RowsBelow, identity: Identity): readonly PlanNode[] {
  const { spec } = base;
  const columns = [...below.kept.map((index) => columnOf(below, index)), ...boundColumns(base)];
  if (!isSliced(spec)) return sessionNodes(base, below, columns, identity);
  const node: WindowTableNode = { kind: 'window-table', uid: identity.uid, input: below.uid, window: spec, timeColumn: below.time, kept: below.kept, columns };
  return [node];
}

function columnOf({ columns }: RowsBelow, index: number): Column {
  const column = columns[index];
  assert(column, `there is a column ${index} below the window`);
  return column;
}

const plain = (below: RowsBelow, index: number): Named => ({ name: columnOf(below, index).name, nullable: columnOf(below, index).nullable, expression: columnAt(index, columnOf(below, index).type) });

interface Named {
  readonly name: string;
  readonly nullable: boolean;
  readonly expression: Expression;
}

function calc(name: string, below: RowsBelow, items: readonly Named[]): CalcNode {
  const columns = items.map(({ name: column, nullable, expression }): Column => ({ name: column, type: expression.type, nullable }));
  return { kind: 'calc', uid: uidOf(name), input: below.uid, where: null, project: items.map(({ expression }) => expression), columns };
}

/** A session gathers its rows as an array, and hands them on when it ends. */
function sessionNodes(base: WindowTable, below: RowsBelow, columns: readonly Column[], identity: Identity): readonly PlanNode[] {
  const { uid } = identity;
  const fields = below.kept.map((index) => columnOf(below, index));
  const row: SqlType = { kind: 'ROW', fields };
  const packed = { name: `ROW(${fields.map(({ name }) => name).join(', ')})`, nullable: false, expression: { op: 'call', fn: 'ROW', args: below.kept.map((index) => plain(below, index).expression), type: row } } as const;
  const keys = below.keys.map((index) => plain(below, index));
  const pack = calc(`rows-${uid}`, below, [...keys, plain(below, below.time), packed]);
  const rows: Column = { name: `ARRAY_AGG(${packed.name})`, type: { kind: 'ARRAY', element: { type: row, nullable: false } }, nullable: true };
  const gather: WindowAggregateNode = {
    kind: 'window-aggregate',
    ...identity,
    input: pack.uid,
    window: base.spec,
    timeColumn: keys.length,
    keys: [...keys.keys()],
    aggregates: [{ name: rows.name, fn: 'ARRAY_AGG', argument: keys.length + 1, argumentType: row, type: rows.type }],
    columns: [...pack.columns.slice(0, keys.length), rows, ...boundColumns(base)],
  };
  const unnest: UnnestNode = { kind: 'unnest', uid: uidOf(`unnest-${uid}`), input: uid, column: keys.length, kept: [0, 1, 2].map((i) => keys.length + 1 + i), columns };
  return [pack, gather, unnest];
}

/** By meaning, as those of aggregations: a session has state. Not of the columns that are read: their rows are kept under a name of their own. */
export function uidOfSessions({ input, spec, rowTime, partition }: WindowTable, uidOfAggregation: (base: Aggregation) => Uid): Uid {
  const names = namesOf(input);
  const keys = partition.map((expression) => ({ name: expressionText(expression, names), expression, nullable: true }));
  const gathering = { ...spec, gathers: 'rows' };
  return aggregationUid({ keys, sets: [] }, gathering, expressionText(rowTime, names), originOf(input, uidOfAggregation));
}
