/** SELECT without aggregation: FROM, WHERE and the select list become a pipeline. */
import { isAggregated } from './aggregate-calls.ts';
import type { NamedTable, Select, TableReference } from './ast.ts';
import { planAggregation } from './plan-aggregate.ts';
import { locating, type PlanContext, type View } from './plan-context.ts';
import { translateCondition } from './plan-expression.ts';
import { projected } from './plan-project.ts';
import { allOf, type Pipeline } from './plan-scope.ts';
import { planNamedTable } from './plan-source.ts';
import { planWindowTable } from './plan-window.ts';
import { unsupported } from './refusal.ts';

export function planSelect(select: Select, context: PlanContext): Pipeline {
  refuseClauses(select);
  if (select.from === null) return unsupported(select.span, 'A SELECT without FROM in a streaming job');
  const from = planFrom(select.from, context);
  const input = select.where === null ? from : filtered(from, select.where);
  return isAggregated(select) ? planAggregation(select, input, context.options) : projected(input, select.items, { fields: input.fields });
}

const LATER = 'Aggregate in windows: FROM TABLE(TUMBLE(…)) GROUP BY window_start, window_end.';

function refuseClauses(select: Select): void {
  const [hint] = select.hints;
  if (hint !== undefined) unsupported(hint.span, `The hint ${hint.name.name}`);
  if (select.distinct) unsupported(select.span, 'SELECT DISTINCT: it would need an updating result', LATER);
  const [order] = select.orderBy;
  if (order !== undefined) unsupported(order.span, 'ORDER BY in a streaming job: a stream has no end', 'Sort when you query the sink.');
  const limit = select.limit ?? select.offset;
  if (limit !== null) unsupported(limit.span, 'LIMIT and OFFSET in a streaming job', 'Use them when you query the sink.');
}

/** A table, a window table function or a subquery. */
function planFrom(reference: TableReference, context: PlanContext): Pipeline {
  switch (reference.kind) {
    case 'named-table':
      return planNamed(reference, context);
    case 'window-table':
      return planWindowTable(reference, (input) => planFrom(input, context));
    case 'subquery':
      return renamed(planSelect(reference.query, context), reference.alias?.name ?? null);
  }
}

function planNamed(reference: NamedTable, context: PlanContext): Pipeline {
  const view = context.view(reference.name);
  return view === null ? planNamedTable(reference, context) : planView(view, reference);
}

/** The query of a view, with the names of the view's columns. */
function planView(view: View, reference: NamedTable): Pipeline {
  const [hint] = reference.hints;
  if (hint !== undefined) unsupported(hint.span, `The hint ${hint.name.name} on a view`, 'Put it on the tables in the query of the view.');
  const planned = renamed(locating(view.source, () => planSelect(view.query, view.context)), reference.alias?.name ?? view.name);
  return view.columns === null ? planned : { ...planned, fields: planned.fields.map((field, i) => ({ ...field, name: view.columns?.[i] ?? field.name })) };
}

const renamed = (pipeline: Pipeline, qualifier: string | null): Pipeline => ({
  ...pipeline,
  fields: pipeline.fields.map((field) => ({ ...field, qualifier })),
});

function filtered(pipeline: Pipeline, where: NonNullable<Select['where']>): Pipeline {
  const condition = translateCondition(where, { fields: pipeline.fields }, 'WHERE');
  return { ...pipeline, where: allOf(pipeline.where, condition) };
}
