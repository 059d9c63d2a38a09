/** Pipelines as the nodes of a plan: unused columns and calcs that would change nothing are left out. */
import { assert } from '../core/errors.ts';
import { columnAt, columnsOf, foldConstants, isNullable, literal, sameExpression, substitute } from '../core/expression.ts';
import type { Uid } from '../core/numbers.ts';
import type { CalcNode, EventTimeSpec, ExpandNode, Expression, PlanNode, SourceNode, WindowAggregateNode } from '../core/plan.ts';
import { INT, type Column } from '../core/types.ts';
import { callOf, readBy } from './kept-aggregate.ts';
import { expressionText } from './plan-text.ts';
import { boundTypes, columnsOfBase, keyColumns, namesOf, type Aggregation, type AggregationWindow, type Pipeline } from './plan-scope.ts';
import type { RowTime, SourceTable } from './plan-source.ts';
import { aggregationUid, uidOf, type DistinctUids } from './plan-uid.ts';

/** What is made of a base: its nodes, the last of which has the columns, and where its columns went. */
interface Lowered {
  readonly nodes: readonly PlanNode[];
  readonly uid: Uid;
  readonly columns: readonly Column[];
  /** The position of a column of the base in `columns`. */
  readonly positionOf: (index: number) => number;
}

/** What a consumer wants of a pipeline: these columns. */
interface Wanted {
  readonly name: string;
  readonly expression: Expression;
}

/** The nodes that produce exactly the wanted columns of a pipeline. */
export function lower(pipeline: Pipeline, wanted: readonly Wanted[], before: string, session: LowerOptions): Lowered {
  const where = pipeline.where === null ? null : foldConstants(pipeline.where);
  const folded = wanted.map(({ name, expression }) => ({ name, expression: foldConstants(expression) }));
  const used = [...folded.map(({ expression }) => expression), ...(where === null ? [] : [where])].flatMap(columnsOf);
  const { base } = pipeline;
  const below = base.kind === 'source' ? lowerSource(base, used, session) : lowerAggregation(base, session);
  return calc(below, pipeline, where, folded, before);
}

export interface LowerOptions {
  /** `table.exec.source.idle-timeout`, which a table may override. */
  readonly idleTimeoutMs: number;
  /** Of the aggregations of this plan. */
  readonly uids: DistinctUids;
}

function calc(below: Lowered, pipeline: Pipeline, where: Expression | null, wanted: readonly Wanted[], before: string): Lowered {
  const moved = (e: Expression): Expression => substitute(e, (column) => ({ ...column, index: below.positionOf(column.index) }));
  const project = wanted.map(({ expression }) => moved(expression));
  const keepsAll = project.length === below.columns.length && project.every((e, i) => e.op === 'column' && e.index === i);
  const positionOf = (index: number): number => index;
  if (keepsAll && isTrue(where)) return { ...below, positionOf };
  const columns = wanted.map(({ name, expression }): Column => {
    return { name, type: expression.type, nullable: isNullable(expression, columnsOfBase(pipeline)) };
  });
  const condition = where === null || isTrue(where) ? null : moved(where);
  const node: CalcNode = { kind: 'calc', uid: uidOf(`calc-${before}`), input: below.uid, where: condition, project, columns };
  return { nodes: [...below.nodes, node], uid: node.uid, columns, positionOf };
}

const isTrue = (e: Expression | null): boolean => e === null || (e.op === 'literal' && e.value === true);

function lowerSource(base: SourceTable, used: readonly number[], session: LowerOptions): Lowered {
  const { table, options, rowTime } = base;
  const needed = new Set([...used, ...(rowTime === null ? [] : [...columnsOf(rowTime.expression), ...columnsOf(rowTime.watermark)])]);
  const kept = base.columns.map((_, index) => index).filter((index) => needed.has(index));
  const positionOf = (index: number): number => kept.indexOf(index);
  const columns = base.columns.filter((_, index) => needed.has(index));
  const moved = (e: Expression): Expression => substitute(e, (column) => ({ ...column, index: positionOf(column.index) }));
  const node: SourceNode = {
    kind: 'source',
    uid: uidOf(`source-${table.name}`),
    table: table.path,
    connector: 'kafka',
    topics: options.topics,
    startup: options.startup,
    ...(options.bounded === undefined ? {} : { bounded: options.bounded }),
    properties: options.properties,
    format: options.format,
    columns,
    ...besidesValues(base, kept),
    eventTime: rowTime === null ? null : eventTimeOf(rowTime, moved),
    idleTimeoutMs: options.idleTimeoutMs ?? session.idleTimeoutMs,
    ...(options.emitStrategy === 'on-event' ? { emitStrategy: options.emitStrategy } : {}),
    options: table.options,
  };
  return { nodes: [node], uid: node.uid, columns, positionOf };
}

function eventTimeOf({ name, expression, watermark }: RowTime, moved: (e: Expression) => Expression): EventTimeSpec {
  const time = foldConstants(moved(expression));
  const at = time.op === 'column' ? { column: time.index } : { name, time };
  return { ...at, watermark: foldConstants(moved(watermark)) };
}

/** Which of the columns that are kept come from keys and metadata; nothing where none does, so that records are read for their values alone. */
function besidesValues({ options, keyColumns, metadata }: SourceTable, kept: readonly number[]): Pick<SourceNode, 'key' | 'metadata'> {
  const moved = <T extends { readonly column: number }>(columns: readonly T[]): T[] =>
    columns.flatMap((item) => (kept.includes(item.column) ? [{ ...item, column: kept.indexOf(item.column) }] : []));
  const ofKey = moved(keyColumns);
  const ofMetadata = moved(metadata);
  return {
    ...(options.key === null || ofKey.length === 0 ? {} : { key: { format: options.key.format, columns: ofKey } }),
    ...(ofMetadata.length === 0 ? {} : { metadata: ofMetadata }),
  };
}

function lowerAggregation(base: Aggregation, session: LowerOptions): Lowered {
  const { input, window, keys, aggregates } = base;
  assert(window !== null, 'an aggregation without a window has been refused');
  const names = namesOf(input);
  const uid = session.uids.of(aggregationUid(base, window.spec, expressionText(window.rowTime, names), tableOf(input)));
  const values = [...keys.map((key) => key.expression), window.rowTime, ...aggregates.flatMap(readBy)];
  const plain = lowerInput(input, values, uid, session);
  const position = (e: Expression): number => plain.positionOf(values.findIndex((value) => sameExpression(value, e)));
  const grouped = base.sets.length > 1 ? expanded(plain, base, uid, values, position) : { below: plain, keys: keys.map((key) => position(key.expression)), position };
  const { below } = grouped;
  const node: WindowAggregateNode = {
    kind: 'window-aggregate',
    uid,
    input: below.uid,
    window: window.spec,
    ...(window.allowedLatenessMs === undefined ? {} : { allowedLatenessMs: window.allowedLatenessMs }),
    timeColumn: grouped.position(window.rowTime),
    keys: grouped.keys,
    aggregates: aggregates.map((aggregate) => callOf(aggregate, grouped.position)),
    columns: aggregationColumns(base, window),
  };
  return { nodes: [...below.nodes, node], uid, columns: node.columns, positionOf: (index) => index };
}

/** What is aggregated, and where it is. */
interface Grouped {
  readonly below: Lowered;
  readonly keys: readonly number[];
  readonly position: (e: Expression) => number;
}

/** Every row once per grouping set: its keys, NULL where the set has them not, the place of the set, and the other values, which may be keys as well. */
function expanded(below: Lowered, { keys, sets }: Aggregation, uid: Uid, values: readonly Expression[], position: (e: Expression) => number): Grouped {
  const others = [...new Set(values.slice(keys.length).map(position))];
  const at = (place: number): Expression => columnAt(place, below.columns[place]?.type ?? INT);
  const kept = others.map(at);
  const projects = sets.map((set, i) => [...keys.map(({ expression }, key) => (set.includes(key) ? at(position(expression)) : literal(expression.type, null))), literal(INT, i), ...kept]);
  const keyColumnsOf = keyColumns({ keys, sets });
  const columns = [...keyColumnsOf, ...others.flatMap((place) => below.columns[place] ?? [])];
  const node: ExpandNode = { kind: 'expand', uid: uidOf(`expand-${uid}`), input: below.uid, projects, columns };
  const lowered: Lowered = { nodes: [...below.nodes, node], uid: node.uid, columns, positionOf: (index) => index };
  return { below: lowered, keys: keyColumnsOf.map((_, i) => i), position: (e) => keyColumnsOf.length + others.indexOf(position(e)) };
}

/** The values as columns: those of the base itself where they are plain columns of it, and those of a calc otherwise. */
function lowerInput(input: Pipeline, values: readonly Expression[], uid: Uid, session: LowerOptions): Lowered {
  const plain = values.map((value) => (value.op === 'column' ? value.index : -1));
  const { base } = input;
  if (base.kind === 'source' && (input.where === null || isTrue(foldConstants(input.where))) && !plain.includes(-1)) {
    const below = lowerSource(base, plain, session);
    return { ...below, positionOf: (index) => below.positionOf(plain[index] ?? -1) };
  }
  const unique = values.filter((value, i) => values.findIndex((other) => sameExpression(other, value)) === i);
  const names = namesOf(input);
  const wanted = unique.map((expression) => ({ name: expressionText(expression, names), expression }));
  const below = lower(input, wanted, uid, session);
  return { ...below, positionOf: (index) => unique.findIndex((value) => sameExpression(value, values[index] ?? value)) };
}

function aggregationColumns(base: Aggregation, window: AggregationWindow): Column[] {
  const [start, end, time] = boundTypes(window);
  return [
    ...keyColumns(base),
    ...base.aggregates.map(({ text, type, nullable }) => ({ name: text, type, nullable })),
    { name: 'window_start', type: start, nullable: false },
    { name: 'window_end', type: end, nullable: false },
    { name: 'window_time', type: time, nullable: window.nullableTime },
  ];
}

/** The table at the bottom of a pipeline. */
const tableOf = ({ base }: Pipeline): string => (base.kind === 'source' ? base.table.path : tableOf(base.input));
