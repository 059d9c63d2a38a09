/** Results that change: windows that take late rows give a row again when it has. Sinks that only append cannot take that back. */
import { isKind, type PlanNode, type SinkConnector } from '../core/plan.ts';
import type { Insert } from './ast.ts';
import type { Table } from './plan-context.ts';
import { invalid } from './refusal.ts';

const APPENDING: ReadonlySet<SinkConnector> = new Set(['filesystem', 'iceberg', 'kafka']);

/** Throws SQL_VALIDATE, as Flink's planner does, where such results go into a table that only takes inserts. */
export function requireUpdatable(insert: Insert, { path }: Table, connector: SinkConnector, nodes: readonly PlanNode[]): void {
  const updating = nodes.filter(isKind('window-aggregate')).find(({ allowedLatenessMs = 0, earlyFire }) => allowedLatenessMs > 0 || earlyFire === true);
  if (updating === undefined || !APPENDING.has(connector)) return;
  const message = `Table sink '${path}' doesn't support consuming update changes which is produced by node GroupWindowAggregate`;
  invalid(insert.table.span, message, "Write into 'upsert-kafka' or 'dynamodb', or RESET 'table.exec.emit.late-fire.enabled'.");
}
