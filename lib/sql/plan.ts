/** The planner: an INSERT becomes a plan of source → calc → window aggregation → calc → sink. Pure. */
import { isKind, type Plan, type SinkNode } from '../core/plan.ts';
import type { Insert, QueryStatement } from './ast.ts';
import { locating, tableOf, type PlanContext } from './plan-context.ts';
import { lower } from './plan-nodes.ts';
import { planSelect } from './plan-select.ts';
import { planDeadLetters } from './plan-dead-letters.ts';
import { fitSink, sinkColumns, sinkConnector, sinkNode } from './plan-sink.ts';
import { DistinctUids, uidOf } from './plan-uid.ts';
import { requireUpdatable } from './plan-updates.ts';
import { nodesInZone, zoneOfSession } from './plan-zone.ts';
import { checkSessionOptions, sessionDuration } from './session-options.ts';

/**
 * Plans an INSERT. Throws SQL_VALIDATE, SQL_UNSUPPORTED or OPTION_INVALID with what is wrong and where; a plan that comes
 * back can be run.
 */
export function planInsert(insert: Insert, context: PlanContext): Plan {
  return locating(insert.source, () => plan(insert, context));
}

/** The table of rows that a query without INSERT gives, as Flink calls it. */
export const COLLECTED = '*anonymous_collect$1*';

/** Plans a query whose rows somebody collects: its sink is `COLLECTED`, of connector `print`. Throws as `planInsert`. */
export function planQuery(statement: QueryStatement, context: PlanContext): Plan {
  return locating(statement.source, () => planCollected(statement, context));
}

function planCollected({ query, text }: QueryStatement, context: PlanContext): Plan {
  const options = checkSessionOptions(context.options);
  const selected = planSelect(query, context);
  const uid = uidOf('sink-collect');
  const idleTimeoutMs = sessionDuration(options, 'table.exec.source.idle-timeout') ?? 0;
  const below = lower(selected, selected.fields, uid, { idleTimeoutMs, uids: new DistinctUids() });
  const columns = selected.fields.map(({ name, expression, nullable }) => ({ name, type: expression.type, nullable }));
  const sink: SinkNode = { kind: 'sink', uid, input: below.uid, table: COLLECTED, connector: 'print', columns, options: {} };
  const nodes = nodesInZone([...below.nodes, sink], zoneOfSession(options));
  return { formatVersion: 1, name: options['pipeline.name'] ?? 'collect', sql: text, nodes, options };
}

function plan(insert: Insert, context: PlanContext): Plan {
  const options = checkSessionOptions(context.options);
  const table = tableOf(context, insert.table);
  const connector = sinkConnector(table, insert);
  const columns = sinkColumns(table, insert);
  const query = planSelect(insert.query, context);
  const wanted = fitSink(insert, query, table, columns);
  const uid = uidOf(`sink-${table.name}`);
  const idleTimeoutMs = sessionDuration(options, 'table.exec.source.idle-timeout') ?? 0;
  const below = lower(query, wanted, uid, { idleTimeoutMs, uids: new DistinctUids() });
  const sink = sinkNode({ uid, input: below.uid, table, connector, columns });
  requireUpdatable(insert, table, connector, below.nodes);
  const deadLetters = planDeadLetters(insert, below.nodes.filter(isKind('source')), { ...context, options });
  const name = options['pipeline.name'] ?? `insert-into_${table.path}`;
  const nodes = nodesInZone([...below.nodes, sink, ...deadLetters], zoneOfSession(options));
  return { formatVersion: 1, name, sql: insert.text, nodes, options };
}
