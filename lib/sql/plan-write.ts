/** What INSERTs write, table by table: a table that several of them write takes the rows of all. */
import { assert } from '../core/errors.ts';
import type { PlanNode, SinkConnector, UnionNode } from '../core/plan.ts';
import { ROW_KIND, type Column } from '../core/types.ts';
import type { Insert } from './ast.ts';
import { requireTimely } from './plan-base.ts';
import { sinkOf, type PlanContext, type Table } from './plan-context.ts';
import { enforceNotNull } from './plan-not-null.ts';
import type { Lowering } from './lowering.ts';
import { lower } from './plan-nodes.ts';
import { distinctionOfTable } from './plan-meaning.ts';
import { planRelation } from './plan-relation.ts';
import type { Field, Pipeline } from './plan-scope.ts';
import { fitSink, sinkColumns, sinkConnector, sinkNode } from './plan-sink.ts';
import { uidOf } from './plan-uid.ts';
import { asChanges, requireUpdatable, updatingBase } from './plan-updates.ts';

/** An INSERT: a query, made to fit the columns of a table. */
export interface Write {
  readonly insert: Insert;
  readonly table: Table;
  readonly connector: SinkConnector;
  readonly columns: readonly Column[];
  readonly query: Pipeline;
  readonly wanted: readonly Field[];
}

/** All that is written into one table. */
export type TableWrites = readonly [Write, ...Write[]];

export function planWrite(insert: Insert, context: PlanContext): Write {
  const table = sinkOf(context, insert);
  const connector = sinkConnector(table, insert);
  const columns = sinkColumns(table, insert);
  const selected = planRelation(insert.query, context, 'outermost');
  requireTimely(selected, insert.query.span);
  const fitted = fitSink(insert, selected, table, columns);
  requireUpdatable(insert, table, connector, selected, fitted);
  const { query, fields } = enforceNotNull({ query: selected, fields: fitted }, columns, context.options, insert.table.span);
  return { insert, table, connector, columns, query, wanted: fields };
}

/** By table and its options, in the order of the statement. */
export function writtenTables([first, ...rest]: readonly Write[]): readonly [TableWrites, ...TableWrites[]] {
  assert(first, 'a statement set has an INSERT');
  const [writes, others] = [[first, ...rest.filter((write) => identityOf(write) === identityOf(first))] as const, rest.filter((write) => identityOf(write) !== identityOf(first))];
  return others.length === 0 ? [writes] : [writes, ...writtenTables(others)];
}

const identityOf = ({ table: { path, options } }: Write): string => JSON.stringify([path, options]);

/** The nodes that write one table. */
export function lowerWrites(writes: TableWrites, session: Lowering): PlanNode[] {
  const [{ table, connector, columns }] = writes;
  const identity = session.uids.identify(uidOf(`sink-${table.name}`), distinctionOfTable(table));
  if (connector !== 'print' || writes.every(({ query }) => updatingBase(query) === null)) {
    const below = lowerRows(writes, identity.uid, session);
    return [...below.nodes, sinkNode({ ...identity, input: below.uid, table, connector, columns })];
  }
  const [first, ...rest] = writes;
  const withKind = [ROW_KIND, ...columns];
  const below = lowerRows([{ ...asChanges(first), columns: withKind }, ...rest.map(asChanges)], identity.uid, session);
  return [...below.nodes, sinkNode({ ...identity, input: below.uid, table, connector, columns: withKind, changelog: true })];
}

function lowerRows(writes: TableWrites, uid: PlanNode['uid'], session: Lowering): Pick<ReturnType<typeof lower>, 'nodes' | 'uid'> {
  const [first, ...rest] = writes;
  if (rest.length === 0) return lower(first.query, first.wanted, uid, session);
  const lowered = writes.map(({ query, wanted }, i) => lower(query, wanted, `${uid}-${i + 1}`, session));
  const union: UnionNode = { kind: 'union', uid: session.uids.of(uidOf(`union-${uid}`)), inputs: lowered.map((below) => below.uid), columns: first.columns };
  return { nodes: [...lowered.flatMap(({ nodes }) => nodes), union], uid: union.uid };
}
