/**
 * Grouping sets over SESSION windows: rows are expanded before they get their windows, as in Flink, so that the sessions of what is rolled up are
 * built anew over the rows of all keys.
 */
import { columnAt, sameExpression, substitute } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { INT } from '../core/types.ts';
import type { GroupBy } from './plan-group-by.ts';
import type { Expanded, ExpandedKeys, Field, Pipeline, WindowTable } from './plan-scope.ts';

/** The rows once per grouping set, in their windows; and the keys as the sets have them. */
export interface ExpandedBelow {
  readonly input: Pipeline;
  readonly expandedKeys: ExpandedKeys;
}

/** null where there is nothing to expand, or where a set leaves out what the window gives. */
export function expandedBelow(input: Pipeline, { keys, sets }: GroupBy): ExpandedBelow | null {
  const { base } = input;
  if (sets.length < 2 || base.kind !== 'window-table' || base.spec.kind !== 'session') return null;
  const width = base.input.fields.length;
  const left = keys.flatMap(({ expression }, key) => (sets.every((set) => set.includes(key)) ? [] : [{ key, expression }]));
  const nulled = left.flatMap(({ expression }) => (expression.op === 'column' && expression.index < width ? [expression.index] : []));
  if (nulled.length < left.length) return null;
  const expanded: Expanded = { kind: 'expanded', input: base.input, nulled, sets: sets.map((set) => left.flatMap(({ key }, place) => (set.includes(key) ? [place] : []))) };
  // The columns of the window move behind those that are new.
  const moved = (e: Expression): Expression => substitute(e, (column) => (column.index < width ? column : { ...column, index: column.index + nulled.length + 1 }));
  const keyOf = (key: number, expression: Expression): Expression => {
    const place = left.findIndex((other) => other.key === key);
    return place < 0 ? moved(expression) : columnAt(width + place, expression.type);
  };
  return {
    input: { ...input, base: overExpanded(base, expanded), where: input.where === null ? null : moved(input.where), window: null, fields: input.fields.map((field) => ({ ...field, expression: moved(field.expression) })) },
    expandedKeys: { keys: keys.map(({ expression }, key) => keyOf(key, expression)), set: columnAt(width + nulled.length, INT) },
  };
}

/** The window over the expanded rows, partitioned by the keys as the sets have them. */
function overExpanded(base: WindowTable, expanded: Expanded): WindowTable {
  const { fields } = base.input;
  const { nulled } = expanded;
  const at = (e: Expression): number => fields.findIndex(({ expression }) => sameExpression(expression, e));
  const copies = nulled.flatMap((index) => fields[index] ?? []);
  const columns: Field[] = [...fields, ...copies].map((field, i) => ({ ...field, expression: columnAt(i, field.expression.type) }));
  const set: Field = { name: '$e', qualifier: null, expression: columnAt(columns.length, INT), nullable: false, timeAttribute: false };
  const partition = base.partition.map((e) => columnAt(nulled.includes(at(e)) ? fields.length + nulled.indexOf(at(e)) : at(e), e.type));
  return { ...base, input: { base: expanded, where: null, window: null, fields: [...columns, set] }, rowTime: columnAt(at(base.rowTime), base.rowTime.type), partition };
}
