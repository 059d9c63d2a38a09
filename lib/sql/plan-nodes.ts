/** Pipelines as the nodes of a plan: unused columns and calcs that would change nothing are left out. */
import { assert } from '../core/errors.ts';
import { castTo, columnAt, columnsOf, foldConstants, isNullable, isProcessingTime, literal, sameExpression, substitute } from '../core/expression.ts';
import type { Uid } from '../core/numbers.ts';
import type { CalcNode, EventTimeSpec, ExpandNode, Expression, PlanNode, SourceNode, UnionNode, UnnestNode, ValuesNode, WindowAggregateNode } from '../core/plan.ts';
import { INT, ROW_KIND, type Column, type SqlType } from '../core/types.ts';
import { callOf, readBy } from './kept-aggregate.ts';
import { meaningOf } from './plan-meaning.ts';
import { expressionText } from './plan-text.ts';
import { boundColumns, columnsOfBase, keyColumns, namesOf, originOf } from './plan-base.ts';
import type { Aggregation, AggregationWindow, Base, Pipeline, Union, Unnested, Values, WindowTable } from './plan-scope.ts';
import type { RowTime, SourceTable } from './plan-source.ts';
import { aggregationUid, DistinctUids, uidOf } from './plan-uid.ts';
import { isSliced } from './plan-window-spec.ts';
import { nodesOfWindows, uidOfSessions } from './nodes-of-windows.ts';
import { unsupported } from './refusal.ts';

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

/** The nodes that produce exactly the wanted columns of a pipeline; `before` names what reads them. */
export function lower(pipeline: Pipeline, wanted: readonly Wanted[], before: string, session: Lowering): Lowered {
  const where = pipeline.where === null ? null : foldConstants(pipeline.where);
  const folded = wanted.map(({ name, expression }) => ({ name, expression: foldConstants(expression) }));
  const used = [...folded.map(({ expression }) => expression), ...(where === null ? [] : [where])].flatMap(columnsOf);
  return calc(lowerBase(pipeline.base, used, before, session), { pipeline, where, wanted: folded, before }, session);
}

function lowerBase(base: Base, used: readonly number[], before: string, session: Lowering): Lowered {
  switch (base.kind) {
    case 'source':
      return lowerSource(base, used, session);
    case 'aggregation':
      return session.shared(meaningOf(base), () => lowerAggregation(base, session));
    case 'window-table':
      return lowerWindowTable(base, used, before, session);
    case 'union':
      return lowerUnion(base, used, before, session);
    case 'unnest':
      return lowerUnnest(base, used, before, session);
    case 'values':
      return lowerValues(base, before, session);
  }
}

/** What the pipelines of one plan have in common. */
export class Lowering {
  /** `table.exec.source.idle-timeout`, which a table may override. */
  readonly idleTimeoutMs: number;
  readonly uids = new DistinctUids();
  readonly #reads: Reads;
  readonly #sources = new Map<string, Uid>();
  readonly #shared = new Map<string, Lowered>();

  constructor(idleTimeoutMs: number, reads: Reads) {
    this.idleTimeoutMs = idleTimeoutMs;
    this.#reads = reads;
  }

  /** What has the same meaning is made once. */
  shared(meaning: string, lowered: () => Lowered): Lowered {
    const known = this.#shared.get(meaning) ?? lowered();
    this.#shared.set(meaning, known);
    return known;
  }

  /** The uid of a table that is read, and all columns that anything reads of it, as far as they are known. */
  read({ table }: SourceTable, used: Iterable<number>): { readonly uid: Uid; readonly columns: ReadonlySet<number> } {
    const identity = JSON.stringify([table.path, table.options]);
    const uid = this.#sources.get(identity) ?? this.uids.of(uidOf(`source-${table.name}`));
    this.#sources.set(identity, uid);
    const columns = new Set([...(this.#reads.get(identity) ?? []), ...used]);
    this.#reads.set(identity, columns);
    return { uid, columns };
  }
}

/** Columns that are read, by table. */
type Reads = Map<string, ReadonlySet<number>>;

/**
 * Lowers twice: what the first time finds to be read of a table, the second time is read once for all that asks for it. Nodes that
 * several readers have in common come once.
 */
export function lowerAll(idleTimeoutMs: number, nodes: (session: Lowering) => readonly PlanNode[]): PlanNode[] {
  const reads: Reads = new Map();
  nodes(new Lowering(idleTimeoutMs, reads));
  const unique = new Map(nodes(new Lowering(idleTimeoutMs, reads)).map((node) => [node.uid, node]));
  return [...unique.values()];
}

interface Step {
  readonly pipeline: Pipeline;
  readonly where: Expression | null;
  readonly wanted: readonly Wanted[];
  readonly before: string;
}

function calc(below: Lowered, { pipeline, where, wanted, before }: Step, session: Lowering): Lowered {
  const moved = (e: Expression): Expression => substitute(e, (column) => ({ ...column, index: below.positionOf(column.index) }));
  const project = wanted.map(({ expression }) => moved(expression));
  const keepsAll = project.length === below.columns.length && project.every((e, i) => e.op === 'column' && e.index === i);
  const positionOf = (index: number): number => index;
  if (keepsAll && isTrue(where)) return { ...below, positionOf };
  const columns = wanted.map(({ name, expression }): Column => {
    return { name, type: expression.type, nullable: isNullable(expression, columnsOfBase(pipeline)) };
  });
  const condition = where === null || isTrue(where) ? null : moved(where);
  const node: CalcNode = { kind: 'calc', uid: session.uids.of(uidOf(`calc-${before}`)), input: below.uid, where: condition, project, columns };
  return { nodes: [...below.nodes, node], uid: node.uid, columns, positionOf };
}

const isTrue = (e: Expression | null): boolean => e === null || (e.op === 'literal' && e.value === true);

function lowerSource(base: SourceTable, used: readonly number[], session: Lowering): Lowered {
  const { table, options, rowTime } = base;
  const { uid, columns: needed } = session.read(base, [...used, ...(rowTime === null ? [] : [...columnsOf(rowTime.expression), ...columnsOf(rowTime.watermark)])]);
  const kept = base.columns.map((_, index) => index).filter((index) => needed.has(index));
  const positionOf = (index: number): number => kept.indexOf(index);
  const columns = base.columns.filter((_, index) => needed.has(index));
  const moved = (e: Expression): Expression => substitute(e, (column) => ({ ...column, index: positionOf(column.index) }));
  const node: SourceNode = {
    kind: 'source',
    uid,
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
  return { nodes: [node], uid, columns, positionOf };
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

function uidOfAggregation(base: Aggregation): Uid {
  const { input, window } = base;
  if (window === null) return aggregationUid(base, UNBOUNDED, '', originOf(input, uidOfAggregation));
  const spec = window.carried === null ? window.spec : CARRIED;
  return aggregationUid(base, spec, expressionText(window.rowTime, namesOf(input)), originOf(input, uidOfAggregation));
}

const CARRIED = { kind: 'carried' } as const;
const UNBOUNDED = { kind: 'unbounded' } as const;

/** GROUP BY without a window. */
function lowerUnbounded(base: Aggregation, session: Lowering): Lowered {
  const { input, keys, aggregates, changelog } = base;
  const uid = session.uids.of(uidOfAggregation(base));
  const values = [...keys.map((key) => key.expression), ...aggregates.flatMap(readBy)];
  const plain = lowerInput(input, values, uid, session);
  const position = (e: Expression): number => plain.positionOf(values.findIndex((value) => sameExpression(value, e)));
  const grouped = base.sets.length > 1 ? expanded(plain, base, uid, values, position) : { below: plain, keys: keys.map((key) => position(key.expression)), position };
  const node: WindowAggregateNode = {
    kind: 'window-aggregate',
    uid,
    input: grouped.below.uid,
    window: UNBOUNDED,
    ...(changelog && { changelog }),
    timeColumn: null,
    keys: grouped.keys,
    aggregates: aggregates.map((aggregate) => callOf(aggregate, grouped.position)),
    columns: [...keyColumns(base), ...aggregates.map(({ text, type, nullable }) => ({ name: text, type, nullable })), ...(changelog ? [ROW_KIND] : [])],
  };
  return { nodes: [...grouped.below.nodes, node], uid, columns: node.columns, positionOf: (index) => index };
}

function lowerAggregation(base: Aggregation, session: Lowering): Lowered {
  const { input, window, keys, aggregates, changelog } = base;
  if (window === null) return lowerUnbounded(base, session);
  const uid = session.uids.of(uidOfAggregation(base));
  const carried = window.carried === null ? [] : [window.carried];
  // Rows have no processing time of their own (E9).
  const rowTimes = isProcessingTime(window.rowTime) ? [] : [window.rowTime];
  const values = [...keys.map((key) => key.expression), ...carried, ...rowTimes, ...aggregates.flatMap(readBy)];
  const plain = lowerInput(input, values, uid, session);
  const position = (e: Expression): number => plain.positionOf(values.findIndex((value) => sameExpression(value, e)));
  const grouped = base.sets.length > 1 ? expanded(plain, base, uid, values, position) : { below: plain, keys: keys.map((key) => position(key.expression)), position };
  const { below } = grouped;
  const node: WindowAggregateNode = {
    kind: 'window-aggregate',
    uid,
    input: below.uid,
    ...(window.carried === null ? { window: window.spec } : { window: OF_THE_ROW, carried: true }),
    ...(window.allowedLatenessMs === undefined ? {} : { allowedLatenessMs: window.allowedLatenessMs }),
    ...(window.earlyFire && { earlyFire: window.earlyFire }),
    ...(changelog && { changelog }),
    timeColumn: rowTimes.length === 0 ? null : grouped.position(window.rowTime),
    keys: [...grouped.keys, ...carried.map(grouped.position)],
    aggregates: aggregates.map((aggregate) => callOf(aggregate, grouped.position)),
    columns: [...aggregationColumns(base, window), ...(changelog ? [ROW_KIND] : [])],
  };
  return { nodes: [...below.nodes, node], uid, columns: node.columns, positionOf: (index) => positionInNode(base, index) };
}

/** A row that carries its window belongs to the millisecond before its end, and to no other. */
const OF_THE_ROW = { kind: 'tumble', sizeMs: 1, offsetMs: 0 } as const;

/** Where a column of the aggregation is in its node: the start of a window that rows carry is a key. */
function positionInNode(base: Aggregation, index: number): number {
  const keys = keyColumns(base).length;
  if (base.window?.carried == null || index < keys) return index;
  return index === keys + base.aggregates.length ? keys : index + 1;
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

function lowerWindowTable(base: WindowTable, used: readonly number[], before: string, session: Lowering): Lowered {
  const { input, spec, rowTime, partition } = base;
  if (isProcessingTime(rowTime)) return unsupported(base.span, 'Processing time Window TableFunction', 'Group by window_start and window_end.');
  const { fields } = input;
  const wanted = [...new Set(used)].filter((index) => index < fields.length).sort((a, b) => a - b);
  const values = [...wanted.map((index) => fields[index]?.expression ?? rowTime), rowTime, ...partition];
  const uid = session.uids.of(isSliced(spec) ? uidOf(`windows-${before}`) : uidOfSessions(base, uidOfAggregation));
  const below = lowerInput(input, values, uid, session);
  const places = values.map((_, i) => below.positionOf(i));
  const rows = { uid: below.uid, columns: below.columns, kept: places.slice(0, wanted.length), time: places[wanted.length] ?? 0, keys: places.slice(wanted.length + 1) };
  const nodes = nodesOfWindows(base, rows, uid);
  const last = nodes.at(-1);
  assert(last, 'a window has nodes');
  const positionOf = (index: number): number => (index < fields.length ? wanted.indexOf(index) : wanted.length + index - fields.length);
  return { nodes: [...below.nodes, ...nodes], uid: last.uid, columns: last.columns, positionOf };
}

function lowerUnnest({ input, rows, elements }: Unnested, used: readonly number[], before: string, session: Lowering): Lowered {
  const { fields } = input;
  const wanted = [...new Set(used)].filter((index) => index < fields.length).sort((a, b) => a - b);
  const values = [...wanted.map((index) => fields[index]?.expression ?? rows), rows];
  const uid = session.uids.of(uidOf(`unnest-${before}`));
  const below = lowerInput(input, values, uid, session);
  const kept = wanted.map((_, i) => below.positionOf(i));
  const columns = [...elements, ...kept.flatMap((place) => below.columns[place] ?? [])];
  const node: UnnestNode = { kind: 'unnest', uid, input: below.uid, column: below.positionOf(wanted.length), kept, columns };
  const positionOf = (index: number): number => (index < fields.length ? elements.length + wanted.indexOf(index) : index - fields.length);
  return { nodes: [...below.nodes, node], uid, columns, positionOf };
}

function lowerUnion({ inputs, columns }: Union, used: readonly number[], before: string, session: Lowering): Lowered {
  const wanted = [...new Set(used)].sort((a, b) => a - b);
  const kept = wanted.flatMap((index) => columns[index] ?? []);
  const uid = session.uids.of(uidOf(`union-${before}`));
  const sides = inputs.map((input, i) => {
    const of = wanted.map((index, c) => ({ name: kept[c]?.name ?? '', expression: castAs(input.fields[index]?.expression, kept[c]?.type) }));
    return lower(input, of, `${uid}-${i + 1}`, session);
  });
  const node: UnionNode = { kind: 'union', uid, inputs: sides.map((side) => side.uid), columns: kept };
  return { nodes: [...sides.flatMap(({ nodes }) => nodes), node], uid, columns: kept, positionOf: (index) => wanted.indexOf(index) };
}

function castAs(e: Expression | undefined, type: SqlType | undefined): Expression {
  assert(e !== undefined && type !== undefined, 'the sides of a union have its columns');
  const cast = castTo(e, type);
  assert(typeof cast !== 'string', 'a common type is one that all types can be cast to');
  return cast;
}

function lowerValues({ rows, columns }: Values, before: string, session: Lowering): Lowered {
  const node: ValuesNode = { kind: 'values', uid: session.uids.of(uidOf(`values-${before}`)), rows, columns };
  return { nodes: [node], uid: node.uid, columns, positionOf: (index) => index };
}

/** The values as columns: those of the base itself where they are plain columns of it, and those of a calc otherwise. */
function lowerInput(input: Pipeline, values: readonly Expression[], uid: Uid, session: Lowering): Lowered {
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
  const [start, end, time] = boundColumns(window);
  const isCarried = window.carried !== null;
  return [
    ...keyColumns(base),
    ...(isCarried ? [start] : []),
    ...base.aggregates.map(({ text, type, nullable }) => ({ name: text, type, nullable })),
    isCarried ? { ...start, name: 'window_end - 1 ms' } : start,
    end,
    { ...time, nullable: window.nullableTime },
  ];
}
