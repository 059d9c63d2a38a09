/** The planner: INSERTs become a plan of source → calc → window aggregation → calc → sink. Pure. */
import { isKind, type Plan, type PlanNode, type SinkNode } from '../core/plan.ts';
import type { Insert, QueryStatement, Span, StatementSet } from './ast.ts';
import { locating, type PlanContext } from './plan-context.ts';
import { lowerAll } from './lowering.ts';
import { lower } from './plan-nodes.ts';
import { planRelation } from './plan-relation.ts';
import { planDeadLetters } from './plan-dead-letters.ts';
import { lowerWrites, planWrite, writtenTables } from './plan-write.ts';
import { uidOf } from './plan-uid.ts';
import { requireTimely } from './plan-base.ts';
import { asChanges, updatingBase } from './plan-updates.ts';
import { nodesInZone, zoneOfSession } from './plan-zone.ts';
import { TTL_HINT } from './plan-select.ts';
import { invalid, unsupported } from './refusal.ts';
import { checkSessionOptions, sessionDuration } from './session-options.ts';

/**
 * Plans an INSERT, or all of a statement set as one job. Throws SQL_VALIDATE, SQL_UNSUPPORTED or OPTION_INVALID with what is wrong and
 * where; a plan that comes back can be run.
 */
export const planInsert = (statement: Insert | StatementSet, context: PlanContext): Plan => locating(statement.source, () => plan(statement, context));

/** Batch mode knows no late rows and no results that change, so that a job gives other rows than it would. Throws SQL_VALIDATE, in Flink's words, or SQL_UNSUPPORTED. */
export function refuseBatch(options: PlanContext['options'], nodes: readonly PlanNode[], span: Span): void {
  if (options['execution.runtime-mode']?.toLowerCase() !== 'batch') return;
  const endless = nodes.filter(isKind('source')).find(({ bounded }) => bounded === undefined);
  if (endless !== undefined) invalid(span, `Querying an unbounded table '${endless.table}' in batch mode is not allowed. The table source is unbounded.`, BATCH_HINT);
  unsupported(span, 'A job in batch mode', BATCH_HINT);
}

/** Throws SQL_UNSUPPORTED where state would have to expire: what a group had then is no function of the records. */
export function refuseTtl(options: PlanContext['options'], nodes: readonly PlanNode[], span: Span): void {
  const kept = nodes.filter(isKind('window-aggregate')).find(({ window }) => window.kind === 'unbounded');
  if (kept === undefined || (sessionDuration(options, TTL) ?? 0) === 0) return;
  if (kept.limit !== undefined) unsupported(span, `'${TTL}' of more than 0 for LIMIT, whose count is kept for ever`, `RESET '${TTL}'.`);
  unsupported(span, `'${TTL}' of more than 0 for an aggregation without a window, whose groups are kept for ever`, TTL_HINT);
}

const TTL = 'table.exec.state.ttl';

const BATCH_HINT = "Jobs are streams: RESET 'execution.runtime-mode'. With 'scan.bounded.mode' = 'latest-offset' a job ends when it has read what is there.";

/** The table of rows that a query without INSERT gives, as Flink calls it. */
export const COLLECTED = '*anonymous_collect$1*';

/** Plans a query whose rows somebody collects: its sink is `COLLECTED`, of connector `print`. Throws as `planInsert`. */
export function planQuery(statement: QueryStatement, context: PlanContext): Plan {
  return locating(statement.source, () => planCollected(statement, context));
}

function planCollected({ query, text, span }: QueryStatement, context: PlanContext): Plan {
  const options = checkSessionOptions(context.options);
  const selected = planRelation(query, context, 'outermost');
  requireTimely(selected, query.span);
  const uid = uidOf('sink-collect');
  const idleTimeoutMs = sessionDuration(options, 'table.exec.source.idle-timeout') ?? 0;
  const changes = updatingBase(selected) !== null;
  const { query: pipeline, wanted } = changes ? asChanges({ query: selected, wanted: selected.fields }) : { query: selected, wanted: selected.fields };
  const columns = wanted.map(({ name, expression, nullable }) => ({ name, type: expression.type, nullable }));
  const nodes = lowerAll(idleTimeoutMs, span, (session) => {
    const below = lower(pipeline, wanted, uid, session);
    const sink: SinkNode = { kind: 'sink', uid, input: below.uid, table: COLLECTED, connector: 'print', columns, ...(changes && { changelog: true }), options: {} };
    return [...below.nodes, sink];
  });
  refuseBatch(options, nodes, span);
  refuseTtl(options, nodes, span);
  return { formatVersion: 1, name: options['pipeline.name'] ?? 'collect', sql: text, nodes: nodesInZone(nodes, zoneOfSession(options)), options };
}

function plan(statement: Insert | StatementSet, context: PlanContext): Plan {
  const options = checkSessionOptions(context.options);
  const inserts = statement.kind === 'insert' ? [statement] : statement.inserts;
  const written = writtenTables(inserts.map((insert) => planWrite(insert, context)));
  const idleTimeoutMs = sessionDuration(options, 'table.exec.source.idle-timeout') ?? 0;
  const nodes = lowerAll(idleTimeoutMs, statement.span, (session) => written.flatMap((writes) => lowerWrites(writes, session)));
  refuseBatch(options, nodes, statement.span);
  refuseTtl(options, nodes, statement.span);
  const deadLetters = planDeadLetters(written[0][0].insert, nodes.filter(isKind('source')), { ...context, options });
  const name = options['pipeline.name'] ?? `insert-into_${written.map(([{ table }]) => table.path).join(',')}`;
  return { formatVersion: 1, name, sql: statement.text, nodes: nodesInZone([...nodes, ...deadLetters], zoneOfSession(options)), options };
}
