/**
 * A job as plain data: what SQL and the TypeScript API both end in, what is stored, shipped and compared.
 * A plan is a list of nodes in topological order; every node names its inputs by uid.
 */
import type { Uid } from './numbers.ts';
import type { CodeNode, ProcessNode } from './plan-code.ts';
import type { Expression } from './plan-expression.ts';
import type { SinkNode } from './plan-sink.ts';
import type { SourceNode } from './plan-source.ts';
import type { SlicedWindow, WindowAggregateNode } from './plan-window.ts';
import type { Column } from './types.ts';

export type * from './plan-code.ts';
export type * from './plan-expression.ts';
export type * from './plan-format.ts';
export type * from './plan-sink.ts';
export type * from './plan-source.ts';
export type * from './plan-window.ts';

export interface Plan {
  readonly formatVersion: 1;
  /** Name of the job, for people: `insert-into_<catalog>.<database>.<table>` unless `pipeline.name` is set. */
  readonly name: string;
  /** The statements the plan was made from, for people; empty if it was built by a program. */
  readonly sql: string;
  /** SHA-256 of the program whose functions the nodes call, as it is stored; absent where none does. */
  readonly program?: string;
  /** The Sluice whose API has made the nodes of that program, for people; absent without one. */
  readonly builtBy?: string;
  readonly nodes: readonly PlanNode[];
  /** Flink option keys in force for this job, for example `execution.checkpointing.interval`. */
  readonly options: Readonly<Record<string, string>>;
}

export type PlanNode =
  | SourceNode
  | ValuesNode
  | FailedRecordsNode
  | CalcNode
  | CodeNode
  | ExpandNode
  | UnionNode
  | UnnestNode
  | WindowTableNode
  | WindowAggregateNode
  | ProcessNode
  | SinkNode;

/**
 * Records that the job cannot take in (W10, `dlq`), from all its sources: one row each, of the columns of `failed-record.ts`. It has no input,
 * since it reads failures, no rows; nothing but calcs and sinks may read it.
 */
export interface FailedRecordsNode {
  readonly kind: 'failed-records';
  readonly uid: Uid;
  readonly columns: readonly Column[];
}

/** Rows that the plan itself has. They are there once, with the first FIRE of a job. */
export interface ValuesNode {
  readonly kind: 'values';
  readonly uid: Uid;
  /** Over no columns. */
  readonly rows: readonly (readonly Expression[])[];
  readonly columns: readonly Column[];
}

/** Filter and projection in one: rows for which `where` is TRUE become the row of `project`. */
export interface CalcNode {
  readonly kind: 'calc';
  readonly uid: Uid;
  readonly input: Uid;
  readonly where: Expression | null;
  readonly project: readonly Expression[];
  readonly columns: readonly Column[];
}

/** Several rows for each: one per projection, in their order. Grouping sets are made of it. */
export interface ExpandNode {
  readonly kind: 'expand';
  readonly uid: Uid;
  readonly input: Uid;
  readonly projects: readonly (readonly Expression[])[];
  readonly columns: readonly Column[];
}

/** UNION ALL: the rows of several inputs with the same columns. What is below it has several sources above it (F5). */
export interface UnionNode {
  readonly kind: 'union';
  readonly uid: Uid;
  readonly inputs: readonly Uid[];
  readonly columns: readonly Column[];
}

/**
 * A window table function without aggregation: each row once per window that it belongs to, late or not. Its columns are those that are kept of
 * the input, then window_start, window_end and window_time (epoch ms).
 */
export interface WindowTableNode {
  readonly kind: 'window-table';
  readonly uid: Uid;
  readonly input: Uid;
  readonly window: SlicedWindow;
  /** Column of the input that holds the row time. */
  readonly timeColumn: number;
  readonly kept: readonly number[];
  readonly columns: readonly Column[];
}

/** The elements of an ARRAY of ROWs as rows: their fields, then the columns that are kept of the row that has the array. */
export interface UnnestNode {
  readonly kind: 'unnest';
  readonly uid: Uid;
  readonly input: Uid;
  /** Column of the array; NULL gives no rows. */
  readonly column: number;
  /** The fields by which elements are sorted; absent: they stay in their order, as those do that are equal in all of them. */
  readonly order?: readonly SortField[];
  readonly kept: readonly number[];
  readonly columns: readonly Column[];
}

/** A field of a ROW by which rows are sorted. */
export interface SortField {
  readonly field: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export const isKind =
  <K extends PlanNode['kind']>(kind: K) =>
  (node: PlanNode): node is Extract<PlanNode, { kind: K }> =>
    node.kind === kind;

/** Uids of the nodes whose rows a node takes in. */
export function inputsOf(node: PlanNode): readonly Uid[] {
  if (node.kind === 'source' || node.kind === 'values' || node.kind === 'failed-records') return [];
  return node.kind === 'union' ? node.inputs : [node.input];
}

export const sourcesOf = (plan: Plan): SourceNode[] => plan.nodes.filter(isKind('source'));
export const sinksOf = (plan: Plan): SinkNode[] => plan.nodes.filter(isKind('sink'));
export const statefulOf = (plan: Plan): WindowAggregateNode[] => plan.nodes.filter(isKind('window-aggregate'));
export const processesOf = (plan: Plan): ProcessNode[] => plan.nodes.filter(isKind('process'));
