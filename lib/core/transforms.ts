/** Nodes without state, made executable: each a function from rows to rows, in the writer as well as behind what fires. */
import { compareValues } from './compare.ts';
import { compileExpression } from './expression.ts';
import type { Clock } from './functions/clock.ts';
import { eventTime, type Uid } from './numbers.ts';
import type { CalcNode, ExpandNode, PlanNode, ProcessNode, SinkNode, SortField, UnnestNode, WindowAggregateNode, WindowTableNode } from './plan.ts';
import { requireCode, type Code, type TransformRow } from './process/code.ts';
import { begin, type CallUnderWay } from './process/watchdog.ts';
import type { Row, Value } from './types.ts';
import { itemsOf } from './value-access.ts';
import { windowEndsAt, windowStartOf } from './window/slices.ts';
import { wallClockOf, windowTimeOf } from './window/window-zone.ts';

/** Takes a row, which the caller may reuse afterwards. */
export type Take = (row: Row) => void;

/** Hands on what it makes of each row: nothing, a row, or several. */
export type Transform = (next: Take) => Take;

type StatelessNode = Exclude<PlanNode, SinkNode | WindowAggregateNode | ProcessNode>;

/** What nodes call: functions of the program, and of the current time; and which one of the program it is. */
export interface Program {
  readonly code: Code;
  readonly clock: Clock;
  readonly call: CallUnderWay;
}

/** What a node without state makes of each row. */
export function transformOf(node: StatelessNode, { clock, code, call }: Program): Transform {
  switch (node.kind) {
    case 'calc':
      return compileCalc(node, clock);
    case 'code':
      return compileCode(node.uid, requireCode(code.transforms, node.uid), call);
    case 'expand':
      return compileExpand(node, clock);
    case 'unnest':
      return compileUnnest(node);
    case 'window-table':
      return compileWindowTable(node);
    default:
      return (next) => next;
  }
}

function compileCalc(node: CalcNode, clock: Clock): Transform {
  const where = node.where === null ? null : compileExpression(node.where, clock);
  const project = node.project.map((e) => compileExpression(e, clock));
  return (next) => (row) => {
    if (where !== null && where(row) !== true) return;
    const out: Value[] = [];
    for (const expression of project) out.push(expression(row));
    next(out);
  };
}

/** A function of the program. */
function compileCode(uid: Uid, transform: TransformRow, call: CallUnderWay): Transform {
  return (next) => (row) => {
    begin(call, uid);
    transform(row, next);
  };
}

function compileExpand(node: ExpandNode, clock: Clock): Transform {
  const projects = node.projects.map((project) => project.map((e) => compileExpression(e, clock)));
  return (next) => (row) => {
    for (const project of projects) next(project.map((expression) => expression(row)));
  };
}

function compileWindowTable({ window, timeColumn, kept }: WindowTableNode): Transform {
  return (next) => (row) => {
    const t = row[timeColumn];
    if (typeof t !== 'number') return;
    const at = wallClockOf(window, eventTime(t));
    for (const end of windowEndsAt(window, at)) next([...valuesAt(row, kept), windowStartOf(window, end), end, windowTimeOf(window, end)]);
  };
}

function compileUnnest({ column, kept, order }: UnnestNode): Transform {
  const inOrder = order === undefined ? null : rowOrder(order);
  return (next) => (row) => {
    const array = row[column] ?? null;
    if (array === null) return;
    const rows = itemsOf(array).map(itemsOf);
    for (const fields of inOrder === null ? rows : rows.toSorted(inOrder)) next([...fields, ...valuesAt(row, kept)]);
  };
}

/** ORDER BY (Flink's ComparatorCodeGenerator). */
function rowOrder(order: readonly SortField[]): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const { field, descending, nullsFirst } of order) {
      const [x, y] = [a[field] ?? null, b[field] ?? null];
      const d = x === null || y === null ? (Number(y === null) - Number(x === null)) * (nullsFirst ? 1 : -1) : compareValues(x, y) * (descending ? -1 : 1);
      if (d !== 0) return d;
    }
    return 0;
  };
}

const valuesAt = (row: Row, columns: readonly number[]): Value[] => columns.map((column) => row[column] ?? null);
