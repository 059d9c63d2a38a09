/**
 * ORDER BY, OFFSET and LIMIT behind a select list. A stream can be put in order by its time, and its first rows can be taken; whatever else Flink has
 * for them keeps results that change.
 */
import { columnAt, isProcessingTime, sameExpression } from '../core/expression.ts';
import type * as ast from './ast.ts';
import type { Field, Limited, Pipeline, SortKey, Sorted } from './plan-scope.ts';
import { requireAppending } from './plan-updates.ts';
import { invalid, unsupported } from './refusal.ts';

/** An item of ORDER BY, and the column of the select list that it means, counted from 1; null: an item that is selected for it alone. */
interface Sorting {
  readonly item: ast.OrderItem;
  readonly ordinal: number | null;
}

/** A select list with what ORDER BY needs behind it. */
export interface Ordering {
  readonly items: readonly ast.SelectItem[];
  /** How many of them are not of the select list. */
  readonly hidden: number;
  readonly sortings: readonly Sorting[];
}

export function orderingOf({ items, orderBy }: ast.Select): Ordering {
  // A number is a place in the select list (Calcite's OrderExpressionExpander).
  const sortings = orderBy.map((item) => ({ item, ordinal: item.expression.kind === 'number' ? Math.trunc(Number(item.expression.text)) : null }));
  const hidden = sortings.flatMap(({ item, ordinal }) => (ordinal === null ? [selecting(item.expression, items)] : []));
  return { items: [...items, ...hidden], hidden: hidden.length, sortings };
}

/** A name is that of an item of the select list before it is that of a column. */
function selecting(e: ast.Expression, items: readonly ast.SelectItem[]): ast.SelectExpression {
  const named = e.kind === 'column' && e.name.parts.length === 1 ? items.find((item) => nameOf(item) === e.name.parts[0].name) : undefined;
  const expression = named?.kind === 'select-expression' ? named.expression : e;
  return { kind: 'select-expression', expression, alias: null, span: e.span };
}

function nameOf(item: ast.SelectItem): string | null {
  if (item.kind === 'wildcard') return null;
  const { alias, expression } = item;
  return alias?.name ?? (expression.kind === 'column' ? (expression.name.parts.at(-1)?.name ?? null) : null);
}

/** The rows with the fields of the select list, and the field of each item of ORDER BY: one of those, or one behind them. */
export interface Selected {
  readonly pipeline: Pipeline;
  readonly visible: number;
  readonly keys: readonly SortKey[];
}

/** `selected` has the fields of all items. Hidden fields that are no others are left out. */
export function selectedFor({ hidden, sortings }: Ordering, { distinct }: ast.Select, selected: Pipeline): Selected {
  const visible = selected.fields.length - hidden;
  const fields = selected.fields.slice(0, visible);
  let next = visible;
  const keys = sortings.map(({ item, ordinal }) => sortKey(ordinal === null ? placeIn(fields, selected.fields[next++], distinct, item) : placeOf(ordinal, visible, item), item));
  return { pipeline: { ...selected, fields }, visible, keys };
}

/** Flink takes NULL for the least of all values. */
const sortKey = (field: number, { descending, nulls }: ast.OrderItem): SortKey => ({ field, descending, nullsFirst: nulls === null ? !descending : nulls === 'first' });

function placeOf(ordinal: number, visible: number, { expression: { span } }: ast.OrderItem): number {
  return ordinal < 1 || ordinal > visible ? invalid(span, 'Ordinal out of range', `The select list has ${visible} columns.`) : ordinal - 1;
}

/** Adds the field where it is none of the others yet. */
function placeIn(fields: Field[], field: Field | undefined, distinct: boolean, { expression: { span } }: ast.OrderItem): number {
  if (field === undefined) return 0;
  const known = fields.findIndex(({ expression }) => sameExpression(expression, field.expression));
  if (known >= 0) return known;
  if (distinct) return invalid(span, 'Expression is not in the select clause', 'What SELECT DISTINCT is sorted by must be selected.');
  return fields.push(field) - 1;
}

/** Where a query stands: the rows of one that is nested come in no order, and Calcite leaves its ORDER BY out. */
export type Place = 'outermost' | 'nested';

/** The rows in order, or the first of them. */
export function ordered({ pipeline, visible, keys }: Selected, select: ast.Select, place: Place): Pipeline {
  const limit = select.limit === null ? null : countOf(select.limit);
  const offset = select.offset === null ? 0 : countOf(select.offset);
  const shown = { ...pipeline, fields: pipeline.fields.slice(0, visible) };
  if (limit === 0) return noRows(shown);
  const [first] = select.orderBy;
  if (limit === null && offset > 0) return invalid(select.offset?.span ?? select.span, 'FETCH is missed, which on streaming table is not supported currently.', 'Say with LIMIT how many rows there are to be.');
  if (limit !== null) return first === undefined ? limited(shown, select, offset, limit) : unsupported(first.span, 'ORDER BY with LIMIT (Top-N)', 'Sort and limit when you query the sink.');
  return first === undefined || place === 'nested' ? shown : sorted({ pipeline, visible, keys }, select);
}

const countOf = ({ text }: ast.NumberLiteral): number => Math.trunc(Number(text));

const noRows = ({ fields }: Pipeline): Pipeline => {
  const columns = fields.map(({ name, expression: { type }, nullable }) => ({ name, type, nullable }));
  return { base: { kind: 'values', rows: [], columns }, where: null, window: null, fields: fieldsOver(fields) };
};

const fieldsOver = (fields: readonly Field[]): Field[] => fields.map((field, i) => ({ ...field, expression: columnAt(i, field.expression.type) }));

function limited(input: Pipeline, { span }: ast.Select, offset: number, count: number): Pipeline {
  requireAppending(input, span, 'LIMIT');
  const base: Limited = { kind: 'limited', input, offset, count };
  return { base, where: null, window: null, fields: fieldsOver(input.fields) };
}

function sorted({ pipeline: input, visible, keys }: Selected, select: ast.Select): Pipeline {
  const [time, ...others] = keys;
  const field = input.fields[time?.field ?? -1];
  if (time === undefined || field === undefined || !field.timeAttribute || time.descending) {
    return invalid(select.orderBy[0]?.span ?? select.span, 'Sort on a non-time-attribute field is not supported.', 'Sort by the time attribute first, ascending; by anything else when you query the sink.');
  }
  requireAppending(input, select.span, 'ORDER BY');
  // Rows come in the order of processing time.
  if (others.length === 0 && isProcessingTime(field.expression)) return { ...input, fields: input.fields.slice(0, visible) };
  const base: Sorted = { kind: 'sorted', input, time: time.field, keys: others };
  return { base, where: null, window: null, fields: fieldsOver(input.fields).slice(0, visible) };
}
