/** What a statement is planned in: the tables, the options of the session, and the text that errors point into. */
import type { ColumnDefinition, Insert, Query, QualifiedName, WatermarkDefinition, Wildcard } from './ast.ts';
import { sqlError } from './diagnostic.ts';
import type { Pipeline } from './plan-scope.ts';
import { withHints } from './table-hints.ts';
import { Refusal } from './refusal.ts';

/** A table as the planner needs it. */
export interface Table {
  /** `catalog.database.table`. */
  readonly path: string;
  readonly name: string;
  readonly connector: string;
  readonly columns: readonly ColumnDefinition[];
  readonly watermark: WatermarkDefinition | null;
  /** Names of columns; empty without one. */
  readonly primaryKey: readonly string[];
  readonly partitionedBy: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** The text that the spans of its definition refer to. */
  readonly source: string;
}

/** A view as the planner needs it: a query, planned where its names mean what they meant when it was created. */
export interface View {
  /** `catalog.database.view`. */
  readonly path: string;
  readonly name: string;
  /** null: those of the query. */
  readonly columns: readonly string[] | null;
  readonly query: Query;
  readonly context: PlanContext;
  /** The text that the spans of the query refer to. */
  readonly source: string;
}

export interface PlanContext {
  /** As `table`, for a table that is written. */
  readonly sink: (name: QualifiedName, source?: string) => Table;
  /** The view of this name; null: it is none. */
  readonly view: (name: QualifiedName, source?: string) => View | null;
  /** Finds a table, or throws SQL_VALIDATE with the nearest name. `source`: what the name stands in, if that is not the statement. */
  readonly table: (name: QualifiedName, source?: string) => Table;
  readonly options: Readonly<Record<string, string>>;
  /** The absolute path of a path that a hint gives. */
  readonly resolvePath: (path: string) => string;
  /** Views and tables that have been planned, by what tells them apart: each is planned once, wherever it is named. */
  readonly planned: Map<string, Pipeline>;
  /** Is told what the wildcards of the statement mean. */
  readonly expansions?: Map<Wildcard, string>;
  /** Tables of WITH, which hide those of the catalogs. */
  readonly common?: ReadonlyMap<string, Pipeline>;
}

/** The table that an INSERT writes, with the options of its hints. */
export function sinkOf(context: PlanContext, { table, hints, source }: Insert): Table {
  return withHints(context.sink(table, source), hints, context);
}

/** Turns refusals inside into errors that point into this source. */
export function locating<T>(source: string, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    throw located(source, error);
  }
}

/** The error of planning something of this source; other errors as they are. */
export function located(source: string, error: unknown): unknown {
  if (error instanceof Refusal) return sqlError(error.code, source, error.span, error.message, error.hint);
  // No stack is left, or a text has become longer than the longest string.
  if (error instanceof RangeError) return sqlError('SQL_UNSUPPORTED', source, { start: 0, end: source.length }, 'a statement that is nested this deeply, or grows this large', 'Write what it repeats into a table.');
  return error;
}
