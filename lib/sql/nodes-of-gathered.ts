/** Operators that keep rows as they are: what they gather is an array of rows, which becomes rows again behind them. */
import { assert } from '../core/errors.ts';
import { columnAt } from '../core/expression.ts';
import type { Uid } from '../core/numbers.ts';
import type { CalcNode, Expression, Identity, SortField, UnnestNode, WindowAggregateNode } from '../core/plan.ts';
import type { Column, SqlType } from '../core/types.ts';
import { uidOf } from './plan-uid.ts';

/** The rows below an operator. */
export interface RowsBelow {
  readonly uid: Uid;
  readonly columns: readonly Column[];
  /** Columns that are wanted of each row. */
  readonly kept: readonly number[];
  /** The column of the row time; null: rows have none, or that of their processing. */
  readonly time: number | null;
  /** The columns that rows are gathered by. */
  readonly keys: readonly number[];
}

/** How an operator gathers rows, and what it gives beside them. */
export interface Gathering extends Identity, Pick<WindowAggregateNode, 'window' | 'inOrder' | 'limit'> {
  /** The columns of the window. */
  readonly bounds: readonly Column[];
  /** Whether rows have the bounds of their window behind them. */
  readonly keepsBounds: boolean;
  /** By fields of the rows that are kept. */
  readonly order: readonly SortField[];
}

/** New nodes, the last of which gives the kept columns of `below`, and the bounds where they are kept. */
export function gather(below: RowsBelow, { bounds, keepsBounds, order, ...operator }: Gathering): readonly [CalcNode, WindowAggregateNode, UnnestNode] {
  const { uid } = operator;
  const fields = below.kept.map((index) => columnOf(below, index));
  const row: SqlType = { kind: 'ROW', fields };
  const packed: Named = { name: `ROW(${fields.map(({ name }) => name).join(', ')})`, nullable: false, expression: { op: 'call', fn: 'ROW', args: below.kept.map((index) => plain(below, index).expression), type: row } };
  const keys = below.keys.map((index) => plain(below, index));
  const times = below.time === null ? [] : [plain(below, below.time)];
  const pack = calc(`rows-${uid}`, below, [...keys, ...times, packed]);
  const rows: Column = { name: `ARRAY_AGG(${packed.name})`, type: { kind: 'ARRAY', element: { type: row, nullable: false } }, nullable: true };
  const operatorNode: WindowAggregateNode = {
    kind: 'window-aggregate',
    ...operator,
    input: pack.uid,
    timeColumn: times.length === 0 ? null : keys.length,
    keys: [...keys.keys()],
    aggregates: [{ name: rows.name, fn: 'ARRAY_AGG', argument: keys.length + times.length, argumentType: row, type: rows.type }],
    columns: [...pack.columns.slice(0, keys.length), rows, ...bounds],
  };
  const kept = keepsBounds ? bounds.map((_, i) => keys.length + 1 + i) : [];
  const columns = [...fields, ...(keepsBounds ? bounds : [])];
  const unnest: UnnestNode = { kind: 'unnest', uid: uidOf(`unnested-${uid}`), input: uid, column: keys.length, ...(order.length > 0 && { order }), kept, columns };
  return [pack, operatorNode, unnest];
}

export function columnOf({ columns }: RowsBelow, index: number): Column {
  const column = columns[index];
  assert(column, `there is a column ${index} below the operator`);
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
