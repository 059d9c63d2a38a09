/**
 * What the planner knows between the nodes of a plan. A pipeline is a base (a table, a window, an aggregation, a union) with a
 * filter and fields computed from it, so that a chain of subqueries, filters and projections is one calc from the start, a
 * WHERE stands below the window, and columns that nobody reads are never part of anything.
 */
import { callFunction, literal } from '../core/expression.ts';
import type { Expression, JsonValue, WindowSpec } from '../core/plan.ts';
import { STRING, type Column, type SqlType } from '../core/types.ts';
import type { Identifier, QualifiedName, Span } from './ast.ts';
import { didYouMean } from './diagnostic.ts';
import type { GroupingSet } from './grouping-sets.ts';
import type { SourceTable } from './plan-source.ts';
import { invalid, orInvalid } from './refusal.ts';

/** An output column of a relation, over the columns of its base. */
export interface Field {
  readonly name: string;
  /** Alias or name of the table it came from. */
  readonly qualifier: string | null;
  readonly expression: Expression;
  readonly nullable: boolean;
  /** True for the row time of a table, which DESCRIPTOR takes. */
  readonly timeAttribute: boolean;
}

export interface Pipeline {
  readonly base: Base;
  readonly where: Expression | null;
  readonly fields: readonly Field[];
  /** Set behind a window table function: what its columns stand for. */
  readonly window: Window | null;
}

export type Base = SourceTable | Aggregation | WindowTable | Union | Unnested | Values | Expanded | Sorted | Limited;

/** What the rows of a pipeline know of their windows: the expressions of the three columns, over the base of the pipeline. */
export interface Window {
  readonly spec: WindowSpec;
  readonly rowTime: Expression;
  readonly start: Expression;
  readonly end: Expression;
  readonly time: Expression;
  /** The rows have come out of their window with these as columns; otherwise the expressions say what follows from the row time. */
  readonly attached: boolean;
  /** What a SESSION is partitioned by; null for windows that do not depend on other rows. */
  readonly partition: readonly Expression[] | null;
}

/** A window table function that gives rows of their own. Its columns are the fields of its input, then start, end and time. */
export interface WindowTable {
  readonly kind: 'window-table';
  readonly input: Pipeline;
  readonly spec: WindowSpec;
  /** Over the base of the input, as `partition`, which is empty but for SESSION. */
  readonly rowTime: Expression;
  readonly partition: readonly Expression[];
  readonly span: Span;
}

/** UNION ALL: column i is field i of every input, cast to a common type. */
export interface Union {
  readonly kind: 'union';
  readonly inputs: readonly Pipeline[];
  readonly columns: readonly Column[];
}

/** UNNEST: its columns are the fields of its input, then the elements. */
export interface Unnested {
  readonly kind: 'unnest';
  readonly input: Pipeline;
  /** The elements as an ARRAY of ROWs, over the base of the input. */
  readonly rows: Expression;
  readonly elements: readonly Column[];
  readonly columns: readonly Column[];
}

/** Rows that the statement itself has. */
export interface Values {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
  readonly columns: readonly Column[];
}

/** Each row once per grouping set. Its columns are the fields of its input, those of them that some set leaves out once more, NULL where it does, and the place of the set. */
export interface Expanded {
  readonly kind: 'expanded';
  readonly input: Pipeline;
  /** Fields of the input that some set leaves out. */
  readonly nulled: readonly number[];
  /** Which of them each set has, by their places. */
  readonly sets: readonly GroupingSet[];
}

/** The keys and the place of the grouping set, of rows that come expanded. */
export interface ExpandedKeys {
  readonly keys: readonly Expression[];
  readonly set: Expression;
}

/** The rows in the order of their time, and at the same time of further keys. Its columns are the fields of its input. */
export interface Sorted {
  readonly kind: 'sorted';
  readonly input: Pipeline;
  /** The field that is the time attribute. */
  readonly time: number;
  readonly keys: readonly SortKey[];
}

export interface SortKey {
  /** Of the input. */
  readonly field: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** The first `count` rows behind the first `offset`, as they come. Its columns are the fields of its input. */
export interface Limited {
  readonly kind: 'limited';
  readonly input: Pipeline;
  readonly offset: number;
  readonly count: number;
}

/** A window aggregation. Its columns are those of `WindowAggregateNode`: keys, aggregates, and start, end and time of the window. */
export interface Aggregation {
  readonly kind: 'aggregation';
  readonly input: Pipeline;
  /** null: the groups lie in no window, and their results change with every row. */
  readonly window: AggregationWindow | null;
  /** What reads it wants each change with its RowKind, behind all columns. */
  readonly changelog?: true;
  readonly keys: readonly GroupKey[];
  /** Which keys the rows of each grouping set have; with more than one, a key behind all others holds the place of the set. */
  readonly sets: readonly GroupingSet[];
  /** The input has its rows once per set already; absent: they are expanded right below. */
  readonly expanded?: ExpandedKeys;
  readonly aggregates: readonly Aggregate[];
}

/** The window of an aggregation. */
export interface AggregationWindow extends Pick<Window, 'spec' | 'rowTime'> {
  /** Where rows carry their window, the expression of its start; `rowTime` is its time then. null: rows are assigned by their time. */
  readonly carried: Expression | null;
  /** Whether window_time has the type of a row time that may be NULL. */
  readonly nullableTime: boolean;
  /** ms; absent: 0. */
  readonly allowedLatenessMs?: number;
  /** Every row gives results before the window ends; absent: false. */
  readonly earlyFire?: true;
}

export interface GroupKey {
  readonly name: string;
  readonly expression: Expression;
  readonly nullable: boolean;
}

export interface Aggregate {
  readonly fn: string;
  /** Over the columns of the base of the input, as are all expressions here; null for COUNT(*). */
  readonly argument: Expression | null;
  readonly more: readonly Expression[];
  /** Constants that the function takes. */
  readonly parameters: readonly JsonValue[];
  readonly filter: Expression | null;
  /** The name of the set of different values; null without DISTINCT. */
  readonly distinct: string | null;
  /** Its meaning as text, by which it is named and ordered. */
  readonly text: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** What a base takes its rows from. */
export function inputsOf(base: Base): readonly Pipeline[] {
  if (base.kind === 'source' || base.kind === 'values') return [];
  return base.kind === 'union' ? base.inputs : [base.input];
}

/** The field that a column reference means: `column`, `table.column`, and behind either the names of fields of a ROW. */
export function fieldOf(fields: readonly Field[], name: QualifiedName): Field {
  const { parts } = name;
  const table = parts.findLastIndex((part, i) => i < parts.length - 1 && fields.some(({ qualifier }) => qualifier === part.name));
  const column = parts[table + 1] ?? parts[0];
  const path = parts.slice(table + 2);
  const qualifier = parts[table]?.name;
  const [field, second] = fields.filter((f) => f.name === column.name && (qualifier === undefined || f.qualifier === qualifier));
  if (second !== undefined) return invalid(name.span, `Column '${column.name}' is ambiguous`, 'Put the name of its table in front.');
  if (field === undefined) return unknownColumn(fields, name, column, table < 0 && path.length > 0);
  return path.reduce((row, part) => innerField(row, part, name, qualifier === undefined && path.length > 0), field);
}

/** A field of a ROW, as a field of its own. */
function innerField(row: Field, { name }: Identifier, whole: QualifiedName, mayBeTable: boolean): Field {
  const { type } = row.expression;
  if (type.kind !== 'ROW' && mayBeTable) return invalid(whole.parts[0].span, `Table '${whole.parts[0].name}' not found`);
  const names = type.kind === 'ROW' ? type.fields.map((field) => field.name) : [];
  if (!names.includes(name)) {
    return invalid(whole.span, `Column '${whole.parts.map((part) => part.name).join('.')}' not found in table '${row.qualifier ?? ''}'`, didYouMean(name, names));
  }
  const expression = orInvalid(callFunction('.', [row.expression, literal(STRING, name)]), whole.span);
  return { name, qualifier: row.qualifier, expression, nullable: true, timeAttribute: false };
}

function unknownColumn(fields: readonly Field[], name: QualifiedName, column: Identifier, isTable: boolean): never {
  if (isTable) {
    const tables = [...new Set(fields.flatMap((field) => field.qualifier ?? []))];
    return invalid(column.span, `Table '${column.name}' not found`, didYouMean(column.name, tables));
  }
  const names = fields.map((field) => field.name);
  const hint = didYouMean(column.name, names) ?? `The columns are ${names.join(', ')}.`;
  const table = name.parts[name.parts.indexOf(column) - 1];
  if (table !== undefined) return invalid(column.span, `Column '${column.name}' not found in table '${table.name}'`, hint);
  return invalid(name.span, `Column '${column.name}' not found in any table${inOtherCase(column.name, names)}`, hint);
}

/** Flink asks whether a name in other letters was meant. */
function inOtherCase(name: string, names: readonly string[]): string {
  const meant = names.find((other) => other.toLowerCase() === name.toLowerCase());
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}

/** Both conditions, either of which may be missing. */
export function allOf(a: Expression | null, b: Expression | null): Expression | null {
  if (a === null || b === null) return a ?? b;
  const both = callFunction('AND', [a, b]);
  return typeof both === 'string' ? null : both;
}
