/**
 * Results that change: those of aggregations without a window, with every row, and those of windows that take late rows or fire early. A sink that only appends cannot
 * take a row back; one with a key takes the newest; one that shows everything gets each change with its RowKind.
 */
import { columnAt, literal } from '../core/expression.ts';
import type { SinkConnector } from '../core/plan.ts';
import { ROW_KIND } from '../core/types.ts';
import type { Insert, Span } from './ast.ts';
import type { Table } from './plan-context.ts';
import { columnsOfBase, keyColumns } from './plan-base.ts';
import type { Aggregation, Field, Pipeline } from './plan-scope.ts';
import { invalid, unsupported } from './refusal.ts';

/** The aggregation whose results change; null where rows are never taken back. SELECT DISTINCT gives each row once. */
export function updatingBase({ base }: Pipeline): Aggregation | null {
  if (base.kind !== 'aggregation') return null;
  const { window } = base;
  const changes = window === null ? base.aggregates.length > 0 : (window.allowedLatenessMs ?? 0) > 0 || window.earlyFire === true;
  return changes ? base : null;
}

/** What stands above a result that changes would have to take rows back. */
export function requireAppending(pipeline: Pipeline, span: Span, what: string): void {
  if (updatingBase(pipeline) !== null) unsupported(span, `${what} over a result that changes`, 'Aggregate in windows below it: FROM TABLE(TUMBLE(…)) GROUP BY window_start, window_end.');
}

const APPENDING: ReadonlySet<SinkConnector> = new Set(['filesystem', 'iceberg', 'kafka']);
const UPSERTING: ReadonlySet<SinkConnector> = new Set(['upsert-kafka', 'dynamodb']);

/** Throws SQL_VALIDATE, as Flink's planner does, where such results go into a table that only takes inserts. */
export function requireUpdatable(insert: Insert, table: Table, connector: SinkConnector, query: Pipeline, wanted: readonly Field[]): void {
  const base = updatingBase(query);
  if (base === null) return;
  const { span } = insert.table;
  if (APPENDING.has(connector)) {
    const node = base.window === null ? 'GroupAggregate' : 'GroupWindowAggregate';
    const cause = base.window === null ? 'aggregate in windows' : "RESET 'table.exec.emit.late-fire.enabled'";
    invalid(span, `Table sink '${table.path}' doesn't support consuming update changes which is produced by node ${node}`, `Write into 'upsert-kafka' or 'dynamodb', or ${cause}.`);
  }
  if (UPSERTING.has(connector)) requireKeyed(base, table, query, wanted, span);
}

/** Each row must take the place of the one before it: the key of the table is that of the groups, with a bound of their window, and no row may vanish behind HAVING. */
function requireKeyed(base: Aggregation, { path, primaryKey }: Table, { where }: Pipeline, wanted: readonly Field[], span: Span): void {
  if (where !== null) unsupported(span, 'HAVING on a result that changes, into a table with a key: rows that no longer satisfy it would have to be deleted');
  const keys = keyColumns(base).map((_, i) => i);
  const bounds = base.window === null ? [] : [0, 1, 2].map((bound) => keys.length + base.aggregates.length + bound);
  const written = wanted.flatMap(({ name, expression }) => (primaryKey.includes(name) && expression.op === 'column' ? [expression.index] : []));
  const isWindowed = bounds.length === 0 || bounds.some((bound) => written.includes(bound));
  if (primaryKey.length === written.length && isWindowed && keys.every((key) => written.includes(key)) && written.every((index) => keys.includes(index) || bounds.includes(index))) return;
  unsupported(span, `A result that changes, into '${path}', whose PRIMARY KEY is not what the query groups by`, 'Make the grouping columns its PRIMARY KEY, and window_start or window_end where there is a window.');
}

/** What a table gets that shows every change: the kind of each row in front of its values. */
export function asChanges<W extends { readonly query: Pipeline; readonly wanted: readonly Field[] }>(write: W): W {
  const base = updatingBase(write.query);
  const query = base === null ? write.query : { ...write.query, base: { ...base, changelog: true as const } };
  const kind = base === null ? literal(ROW_KIND.type, '+I') : columnAt(columnsOfBase({ base }).length, ROW_KIND.type);
  return { ...write, query, wanted: [{ name: ROW_KIND.name, qualifier: null, expression: kind, nullable: false, timeAttribute: false }, ...write.wanted] };
}
