/** Pipelines as the nodes of a plan: unused columns and calcs that would change nothing are left out. */
import { assert } from '../core/errors.ts';
import { castTo, columnAt, columnsOf, foldConstants, isNullable, isProcessingTime, literal, sameExpression, substitute } from '../core/expression.ts';
import type { Uid } from '../core/numbers.ts';
import type { CalcNode, ExpandNode, Expression, PlanNode, UnionNode, UnnestNode, ValuesNode } from '../core/plan.ts';
import { INT, type Column, type SqlType } from '../core/types.ts';
import type { Lowered, Lowering } from './lowering.ts';
import { nodesOfAggregation, uidOfAggregation, valuesOfAggregation } from './nodes-of-aggregation.ts';
import { lowerSource } from './nodes-of-source.ts';
import { nodesOfLimit, nodesOfSort, uidOfLimit, uidOfSort } from './nodes-of-order.ts';
import { nodesOfWindows, uidOfSessions } from './nodes-of-windows.ts';
import { columnsOfBase, GROUPING_SET, namesOf } from './plan-base.ts';
import { distinctionOf } from './plan-meaning.ts';
import type { Aggregation, Base, Expanded, Limited, Pipeline, Sorted, Union, Unnested, Values, WindowTable } from './plan-scope.ts';
import { expressionText } from './plan-text.ts';
import { totalSize } from './plan-size.ts';
import { uidOf } from './plan-uid.ts';
import { isSliced } from './plan-window-spec.ts';
import { unsupported } from './refusal.ts';

/** What a consumer wants of a pipeline: these columns. */
interface Wanted {
  readonly name: string;
  readonly expression: Expression;
}

/** The nodes that produce exactly the wanted columns of a pipeline; `before` names what reads them. */
export function lower(pipeline: Pipeline, wanted: readonly Wanted[], before: string, session: Lowering): Lowered {
  session.take(totalSize([...wanted.map(({ expression }) => expression), ...(pipeline.where === null ? [] : [pipeline.where])]));
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
      return session.shared(base, () => lowerAggregation(base, session));
    case 'window-table':
      return lowerWindowTable(base, used, before, session);
    case 'union':
      return lowerUnion(base, used, before, session);
    case 'unnest':
      return lowerUnnest(base, used, before, session);
    case 'values':
      return lowerValues(base, before, session);
    case 'expanded':
      return lowerExpanded(base, used, before, session);
    case 'sorted':
      return lowerSorted(base, used, session);
    case 'limited':
      return lowerLimited(base, used, session);
  }
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

function lowerAggregation(base: Aggregation, session: Lowering): Lowered {
  const identity = session.uids.identify(uidOfAggregation(base), distinctionOf(base));
  const values = valuesOfAggregation(base);
  return nodesOfAggregation(base, values, lowerInput(base.input, values, identity.uid, session), identity);
}

function lowerWindowTable(base: WindowTable, used: readonly number[], before: string, session: Lowering): Lowered {
  const { input, spec, rowTime, partition } = base;
  if (isProcessingTime(rowTime)) return unsupported(base.span, 'Processing time Window TableFunction is not supported yet.', 'Group by window_start and window_end.');
  const { fields } = input;
  const wanted = [...new Set(used)].filter((index) => index < fields.length).sort((a, b) => a - b);
  const values = [...wanted.map((index) => fields[index]?.expression ?? rowTime), rowTime, ...partition];
  const identity = isSliced(spec) ? { uid: session.uids.of(uidOf(`windows-${before}`)) } : session.uids.identify(uidOfSessions(base, uidOfAggregation), distinctionOf(base));
  const below = lowerInput(input, values, identity.uid, session);
  const places = values.map((_, i) => below.positionOf(i));
  const rows = { uid: below.uid, columns: below.columns, kept: places.slice(0, wanted.length), time: places[wanted.length] ?? 0, keys: places.slice(wanted.length + 1) };
  const nodes = nodesOfWindows(base, rows, identity);
  const last = nodes.at(-1);
  assert(last, 'a window has nodes');
  const positionOf = (index: number): number => (index < fields.length ? wanted.indexOf(index) : wanted.length + index - fields.length);
  return { nodes: [...below.nodes, ...nodes], uid: last.uid, columns: last.columns, positionOf };
}

function lowerExpanded({ input, nulled, sets }: Expanded, used: readonly number[], before: string, session: Lowering): Lowered {
  const { fields } = input;
  const wanted = inOrder(used);
  const sourceOf = (index: number): number => nulled[index - fields.length] ?? index;
  const read = inOrder(wanted.map(sourceOf).filter((index) => index < fields.length));
  const uid = session.uids.of(uidOf(`expand-${before}`));
  const below = lowerInput(input, fieldsAt(input, read), uid, session);
  const columnOf = (index: number): Column => below.columns[below.positionOf(read.indexOf(sourceOf(index)))] ?? GROUPING_SET;
  const valueOf = (index: number, set: readonly number[], place: number): Expression => {
    if (index === fields.length + nulled.length) return literal(INT, place);
    const isLeftOut = index >= fields.length && !set.includes(index - fields.length);
    return isLeftOut ? literal(columnOf(index).type, null) : columnAt(below.positionOf(read.indexOf(sourceOf(index))), columnOf(index).type);
  };
  const columns = wanted.map((index) => ({ ...columnOf(index), nullable: index < fields.length ? columnOf(index).nullable : index < fields.length + nulled.length }));
  const node: ExpandNode = { kind: 'expand', uid, input: below.uid, projects: sets.map((set, place) => wanted.map((index) => valueOf(index, set, place))), columns };
  return { nodes: [...below.nodes, node], uid, columns, positionOf: (index) => wanted.indexOf(index) };
}

function lowerSorted(base: Sorted, used: readonly number[], session: Lowering): Lowered {
  const { input, time, keys } = base;
  const rowTime = input.fields[time]?.expression;
  assert(rowTime, 'rows are sorted by one of their fields');
  const wanted = inOrder([...used, ...keys.map(({ field }) => field)]);
  const times = isProcessingTime(rowTime) ? [] : [rowTime];
  const identity = session.uids.identify(uidOfSort(base, uidOfAggregation), distinctionOf(base));
  const below = lowerInput(input, [...fieldsAt(input, wanted), ...times], identity.uid, session);
  const rows = { ...below, kept: wanted.map((_, i) => below.positionOf(i)), time: times.length === 0 ? null : below.positionOf(wanted.length), keys: [] };
  const order = keys.map((key) => ({ ...key, field: wanted.indexOf(key.field) }));
  return gathered(below, nodesOfSort(rows, rowTime, order, identity), wanted);
}

function lowerLimited(base: Limited, used: readonly number[], session: Lowering): Lowered {
  const wanted = inOrder(used);
  const identity = session.uids.identify(uidOfLimit(base, uidOfAggregation), distinctionOf(base));
  const below = lowerInput(base.input, fieldsAt(base.input, wanted), identity.uid, session);
  const rows = { ...below, kept: wanted.map((_, i) => below.positionOf(i)), time: null, keys: [] };
  return gathered(below, nodesOfLimit(rows, base, identity), wanted);
}

const inOrder = (indexes: readonly number[]): number[] => [...new Set(indexes)].sort((a, b) => a - b);

const fieldsAt = ({ fields }: Pipeline, places: readonly number[]): Expression[] => places.flatMap((place) => fields[place]?.expression ?? []);

/** `nodes` give the wanted columns, in their order, of what is below. */
function gathered(below: Lowered, nodes: readonly PlanNode[], wanted: readonly number[]): Lowered {
  const last = nodes.at(-1);
  assert(last?.kind === 'unnest', 'rows that were gathered are unnested');
  return { nodes: [...below.nodes, ...nodes], uid: last.uid, columns: last.columns, positionOf: (index) => wanted.indexOf(index) };
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
