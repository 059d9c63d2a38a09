/** The names of what stands in WITH. The checks of Calcite's SqlValidatorImpl.validateWithItem, in its words. */
import type { CommonTable, Identifier, Query } from './ast.ts';
import { named, repeated } from './plan-from.ts';
import { itemName } from './plan-project.ts';
import type { Pipeline } from './plan-scope.ts';
import { invalid } from './refusal.ts';

/** The query of a common table under the names that it is read by. */
export function commonTable({ name, columns, query, span }: CommonTable, pipeline: Pipeline): Pipeline {
  const { fields } = pipeline;
  if (columns.length === 0) requireDistinct(query, fields.map((field) => field.name));
  else if (columns.length !== fields.length) return invalid(listSpan(columns), 'Number of columns must match number of query columns', `The query has ${fields.length}.`);
  const again = repeated(columns);
  if (again !== undefined) return invalid(again.span, `Duplicate name '${again.name}' in column list`);
  return named(pipeline, name.name, columns, span);
}

/** A name that comes again was given a number, which does not do where the table is read by names. */
function requireDistinct(query: Query, names: readonly string[]): void {
  const { items } = firstSelect(query) ?? { items: [] };
  if (items.length !== names.length) return;
  const again = items.flatMap((item, i) => (item.kind === 'select-expression' && itemName(item, i) !== names[i] ? itemName(item, i) : []))[0];
  if (again !== undefined) invalid(query.span, `Column has duplicate column name '${again}' and no column list specified`, 'Write WITH name (column, …) AS, or give the column another name with AS.');
}

/** Names are those of the first side of a set operation. */
function firstSelect(query: Query): Extract<Query, { kind: 'select' }> | null {
  if (query.kind === 'with') return firstSelect(query.body);
  if (query.kind === 'set-operation') return firstSelect(query.left);
  return query.kind === 'select' ? query : null;
}

const listSpan = (names: readonly Identifier[]): Identifier['span'] => ({ start: names[0]?.span.start ?? 0, end: names.at(-1)?.span.end ?? 0 });
