/** Several statements as parts of one plan, which a program completes: tables that it fills, and queries that it reads. Pure. */
import type { Uid } from '../core/numbers.ts';
import { isKind, type PlanNode, type SourceNode } from '../core/plan.ts';
import type { Column } from '../core/types.ts';
import type { Insert, QueryStatement } from './ast.ts';
import { lowerAll, type Lowering } from './lowering.ts';
import { refuseBatch, refuseTtl } from './plan.ts';
import { requireTimely } from './plan-base.ts';
import { locating, type PlanContext } from './plan-context.ts';
import { planDeadLetters } from './plan-dead-letters.ts';
import { lower } from './plan-nodes.ts';
import { planRelation } from './plan-relation.ts';
import type { Pipeline } from './plan-scope.ts';
import { uidOf } from './plan-uid.ts';
import { updatingBase } from './plan-updates.ts';
import { lowerWrites, planWrite, writtenTables } from './plan-write.ts';
import { nodesInZone, zoneOfSession } from './plan-zone.ts';
import { unsupported } from './refusal.ts';
import { sessionDuration } from './session-options.ts';

/** A statement with what its names mean. */
export interface Part<Statement> {
  readonly statement: Statement;
  readonly context: PlanContext;
}

/** Where the rows of a query are. */
export interface QueryOutput {
  readonly uid: Uid;
  readonly columns: readonly Column[];
}

export interface PlannedParts {
  readonly nodes: readonly PlanNode[];
  /** In the order of the queries. */
  readonly outputs: readonly QueryOutput[];
}

type Options = PlanContext['options'];

/** All that they read in common is read once. Throws what `planInsert` throws, and SQL_UNSUPPORTED for a query whose rows change. */
export function planParts(inserts: readonly Part<Insert>[], queries: readonly Part<QueryStatement>[], options: Options): PlannedParts {
  const writes = inserts.map(({ statement, context }) => locating(statement.source, () => planWrite(statement, context)));
  const tables = writes.length === 0 ? [] : writtenTables(writes);
  const read = queries.map(({ statement, context }) => locating(statement.source, () => planRead(statement, context)));
  const { source = '', span = { start: 0, end: 0 } } = [...inserts, ...queries][0]?.statement ?? {};
  return locating(source, () => {
    const outputs: QueryOutput[] = [];
    const nodes = lowerAll(sessionDuration(options, 'table.exec.source.idle-timeout') ?? 0, span, (session) => {
      const below = read.map((pipeline, i) => lowerRead(pipeline, `query-${i + 1}`, session));
      outputs.splice(0, outputs.length, ...below.map(({ uid, columns }) => ({ uid, columns })));
      return [...tables.flatMap((table) => lowerWrites(table, session)), ...below.flatMap((lowered) => lowered.nodes)];
    });
    refuseBatch(options, nodes, span);
    refuseTtl(options, nodes, span);
    return { nodes: nodesInZone(nodes, zoneOfSession(options)), outputs };
  });
}

/** The nodes of the dead-letter table of a job with these nodes; `insert` is any of its own. */
export const deadLettersOf = ({ statement, context }: Part<Insert>, nodes: readonly PlanNode[]): PlanNode[] =>
  locating(statement.source, () => planDeadLetters(statement, nodes.filter(isKind('source')) satisfies SourceNode[], context));

function planRead({ query, span }: QueryStatement, context: PlanContext): Pipeline {
  const pipeline = planRelation(query, context, 'outermost');
  requireTimely(pipeline, query.span);
  if (updatingBase(pipeline) !== null) unsupported(span, 'A query whose rows change, as a stream of a program', 'Aggregate over windows, or write its changes to a table by INSERT.');
  return pipeline;
}

function lowerRead(pipeline: Pipeline, name: string, session: Lowering): { readonly nodes: readonly PlanNode[]; readonly uid: Uid; readonly columns: readonly Column[] } {
  const { nodes, uid } = lower(pipeline, pipeline.fields, uidOf(name), session);
  return { nodes, uid, columns: pipeline.fields.map(({ name: column, expression, nullable }) => ({ name: column, type: expression.type, nullable })) };
}
