/** SELECT without aggregation: FROM, WHERE and the select list become a pipeline. */
import { isNullable } from '../core/expression.ts';
import type { Select, SelectExpression, SelectItem, TableReference, Wildcard } from './ast.ts';
import { isAggregated, planAggregation } from './plan-aggregate.ts';
import type { PlanContext } from './plan-context.ts';
import { translate, translateCondition, type Scope } from './plan-expression.ts';
import { allOf, columnsOfBase, type Field, type Pipeline } from './plan-scope.ts';
import { planNamedTable } from './plan-source.ts';
import { planWindowTable } from './plan-window.ts';
import { invalid, unsupported } from './refusal.ts';

export function planSelect(select: Select, context: PlanContext): Pipeline {
  refuseClauses(select);
  if (select.from === null) return unsupported(select.span, 'A SELECT without FROM in a streaming job');
  const from = planFrom(select.from, context);
  const input = select.where === null ? from : filtered(from, select.where);
  return isAggregated(select) ? planAggregation(select, input) : projected(input, select.items, { fields: input.fields });
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
export function planFrom(reference: TableReference, context: PlanContext): Pipeline {
  switch (reference.kind) {
    case 'named-table':
      return planNamedTable(reference, context);
    case 'window-table':
      return planWindowTable(reference, context);
    case 'subquery':
      return renamed(planSelect(reference.query, context), reference.alias?.name ?? null);
  }
}

const renamed = (pipeline: Pipeline, qualifier: string | null): Pipeline => ({
  ...pipeline,
  fields: pipeline.fields.map((field) => ({ ...field, qualifier })),
});

function filtered(pipeline: Pipeline, where: NonNullable<Select['where']>): Pipeline {
  const condition = translateCondition(where, { fields: pipeline.fields }, 'WHERE');
  return { ...pipeline, where: allOf(pipeline.where, condition) };
}

/** The pipeline with the fields of a select list. `scope` gives the meaning of its expressions. */
export function projected(pipeline: Pipeline, items: readonly SelectItem[], scope: Scope): Pipeline {
  const fields = items.flatMap((item, index) =>
    item.kind === 'wildcard' ? expanded(item, scope.fields) : [selected(item, index, pipeline, scope)],
  );
  return { ...pipeline, fields };
}

function expanded({ qualifier, span }: Wildcard, fields: readonly Field[]): readonly Field[] {
  if (qualifier === null) return fields;
  const name = qualifier.parts[qualifier.parts.length - 1]?.name;
  const found = fields.filter((field) => field.qualifier === name);
  return found.length > 0 ? found : invalid(span, `Table '${name ?? ''}' not found`);
}

function selected({ expression: e, alias }: SelectExpression, index: number, pipeline: Pipeline, scope: Scope): Field {
  const expression = translate(e, scope);
  const same = scope.fields.find((field) => e.kind === 'column' && field.expression === expression);
  return {
    name: alias?.name ?? (e.kind === 'column' ? (e.name.parts[e.name.parts.length - 1]?.name ?? '') : `EXPR$${index}`),
    qualifier: null,
    expression,
    nullable: same?.nullable ?? isNullable(expression, columnsOfBase(pipeline)),
    timeAttribute: same?.timeAttribute ?? false,
  };
}
