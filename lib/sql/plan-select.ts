/** SELECT: FROM, WHERE, the select list and what is grouped become a pipeline. */
import { callsIn, isAggregated } from './aggregate-calls.ts';
import type { Ordered, Select } from './ast.ts';
import { planAggregation, planDistinct } from './plan-aggregate.ts';
import type { PlanContext } from './plan-context.ts';
import { translateCondition } from './plan-expression.ts';
import { planFrom, type PlanRelation } from './plan-from.ts';
import { projected } from './plan-project.ts';
import { allOf, type Pipeline } from './plan-scope.ts';
import { SINGLE_ROW } from './plan-values.ts';
import { invalid, unsupported } from './refusal.ts';

export function planSelect(select: Select, context: PlanContext, planRelation: PlanRelation): Pipeline {
  const [hint] = select.hints;
  if (hint !== undefined) unsupported(hint.span, `The hint ${hint.name.name}`);
  const from = select.from === null ? SINGLE_ROW : planFrom(select.from, context, planRelation);
  const input = select.where === null ? from : filtered(from, select.where);
  const selected = isAggregated(select) ? planAggregation(select, input, context.options) : projected(input, select.items, { fields: input.fields });
  const distinct = select.distinct ? planDistinct(select, selected) : selected;
  refuseOrdered(select);
  return distinct;
}

/** ORDER BY, LIMIT and OFFSET need an end, which a stream does not have. */
export function refuseOrdered({ orderBy, limit, offset }: Ordered): void {
  const [order] = orderBy;
  if (order !== undefined) unsupported(order.span, 'ORDER BY in a streaming job: a stream has no end', 'Sort when you query the sink.');
  const bound = limit ?? offset;
  if (bound !== null) unsupported(bound.span, 'LIMIT and OFFSET in a streaming job', 'Use them when you query the sink.');
}

function filtered(pipeline: Pipeline, where: NonNullable<Select['where']>): Pipeline {
  const [call] = callsIn(where);
  if (call !== undefined) return invalid(call.span, 'Aggregate expression is illegal in WHERE clause', 'Use HAVING, or FILTER behind an aggregate.');
  const condition = translateCondition(where, { fields: pipeline.fields }, 'WHERE');
  return { ...pipeline, where: allOf(pipeline.where, condition) };
}
