/** What stands behind FROM: tables, views, tables of WITH, window table functions and subqueries. */
import { isError } from '../core/errors.ts';
import type { Identifier, NamedTable, Query, Span, TableReference } from './ast.ts';
import { located, type PlanContext, type View } from './plan-context.ts';
import type { Place } from './plan-order.ts';
import type { Pipeline } from './plan-scope.ts';
import { planNamedTable } from './plan-source.ts';
import { planUnnest } from './plan-unnest.ts';
import { planWindowTable } from './plan-window.ts';
import { invalid, Refusal, unsupported } from './refusal.ts';

/** Plans a query that stands in another one, or, as that of a view, for itself. */
export type PlanRelation = (query: Query, context: PlanContext, place?: Place) => Pipeline;

export function planFrom(reference: TableReference, context: PlanContext, planRelation: PlanRelation): Pipeline {
  const { alias, columnAliases, span } = reference;
  switch (reference.kind) {
    case 'named-table':
      return aliased(planNamed(reference, context, planRelation), reference);
    case 'window-table':
      return aliased(planWindowTable(reference, (input) => planFrom(input, context, planRelation)), reference);
    case 'unnest':
      return planUnnest(reference, planFrom(reference.input, context, planRelation));
    case 'subquery':
      return named(planRelation(reference.query, context), alias?.name ?? null, columnAliases, span);
  }
}

const aliased = (pipeline: Pipeline, { alias, columnAliases, span }: TableReference): Pipeline =>
  alias === null ? pipeline : named(pipeline, alias.name, columnAliases, span);

function planNamed(reference: NamedTable, context: PlanContext, planRelation: PlanRelation): Pipeline {
  const { parts } = reference.name;
  const common = parts.length === 1 ? context.common?.get(parts[0].name) : undefined;
  if (common !== undefined) return common;
  const view = context.view(reference.name);
  return view === null ? planNamedTable(reference, context) : planView(view, reference, context, planRelation);
}

/** The query of a view, with the names of the view's columns. */
function planView(view: View, reference: NamedTable, context: PlanContext, planRelation: PlanRelation): Pipeline {
  const [hint] = reference.hints;
  if (hint !== undefined) unsupported(hint.span, `The hint ${hint.name.name} on a view`, 'Put it on the tables in the query of the view.');
  const query = context.planned.get(view.path) ?? withinView(view, reference, () => planRelation(view.query, view.context, 'outermost'));
  context.planned.set(view.path, query);
  const planned = named(query, view.name, [], reference.span);
  return view.columns === null ? planned : { ...planned, fields: planned.fields.map((field, i) => ({ ...field, name: view.columns?.[i] ?? field.name })) };
}

const SQL_CODES = ['SQL_VALIDATE', 'SQL_UNSUPPORTED', 'OPTION_INVALID'] as const;

/** A view whose query cannot be planned any more, or the views below it. */
class ViewRefusal extends Refusal {}

/** What is wrong with the query of a view, at the place where the view is named. */
function withinView<T>({ path, source }: View, { name: { span } }: NamedTable, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (error instanceof ViewRefusal) throw new ViewRefusal(error.code, span, error.message, error.hint);
    const cause = located(source, error);
    if (!isError(cause)) throw cause;
    const code = SQL_CODES.find((known) => known === cause.code);
    if (code === undefined) throw cause;
    throw new ViewRefusal(code, span, `The view ${path} cannot be read: ${cause.message}`, cause.hint);
  }
}

/** The pipeline under a name of its own, and with other names for its columns where they are given. */
export function named(pipeline: Pipeline, qualifier: string | null, columns: readonly Identifier[], span: Span): Pipeline {
  const { fields } = pipeline;
  const again = repeated(columns);
  if (again !== undefined) return invalid(again.span, `Duplicate name '${again.name}' in column alias list`);
  if (columns.length > 0 && columns.length !== fields.length) {
    const names = fields.map(({ name }) => `'${name}'`).join(', ');
    const message = `List of column aliases must have same degree as table; table has ${fields.length} columns (${names}), whereas alias list has ${columns.length} columns`;
    return invalid(span, message);
  }
  return { ...pipeline, fields: fields.map((field, i) => ({ ...field, qualifier, name: columns[i]?.name ?? field.name })) };
}

/** The first name that was there before. */
export const repeated = (names: readonly Identifier[]): Identifier | undefined => names.find(({ name }, i) => names.findIndex((other) => other.name === name) < i);
