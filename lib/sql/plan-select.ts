/** SELECT: FROM, WHERE, the select list and what is grouped become a pipeline. */
import { callsIn, isAggregated } from './aggregate-calls.ts';
import type { Hint, Select } from './ast.ts';
import { planAggregation, planDistinct } from './plan-aggregate.ts';
import type { PlanContext } from './plan-context.ts';
import { translateCondition } from './plan-expression.ts';
import { planFrom, type PlanRelation } from './plan-from.ts';
import { ordered, orderingOf, selectedFor, type Place } from './plan-order.ts';
import { expandedText, projected } from './plan-project.ts';
import { allOf, type Pipeline } from './plan-scope.ts';
import { SINGLE_ROW } from './plan-values.ts';
import { invalid, unsupported } from './refusal.ts';

export function planSelect(given: Select, context: PlanContext, planRelation: PlanRelation, place: Place): Pipeline {
  const ordering = orderingOf(given);
  const select = { ...given, items: ordering.items };
  const [hint] = select.hints;
  if (hint !== undefined) refuseHint(hint);
  const from = select.from === null ? SINGLE_ROW : planFrom(select.from, context, planRelation);
  for (const item of given.items) if (item.kind === 'wildcard' && item.implied !== true) context.expansions?.set(item, expandedText(item, from.fields));
  const input = select.where === null ? from : filtered(from, select.where);
  const all = isAggregated(select) ? planAggregation(select, input, context.options) : projected(input, select.items, { fields: input.fields });
  const selected = selectedFor(ordering, select, all);
  const pipeline = select.distinct ? planDistinct(select, selected.pipeline) : selected.pipeline;
  return ordered({ ...selected, pipeline }, select, place);
}

/** Those of a SELECT are about joins, or about state. */
function refuseHint({ name: { name }, span }: Hint): never {
  if (name.toUpperCase() !== 'STATE_TTL') return unsupported(span, `The hint ${name}`, 'Leave it out.');
  return unsupported(span, 'The hint STATE_TTL: state without a window is kept for ever', TTL_HINT);
}

/** What to do instead of letting state expire. */
export const TTL_HINT = 'Leave it out, or aggregate in windows, whose state goes with them.';

function filtered(pipeline: Pipeline, where: NonNullable<Select['where']>): Pipeline {
  const [call] = callsIn(where);
  if (call !== undefined) return invalid(call.span, 'Aggregate expression is illegal in WHERE clause', 'Use HAVING, or FILTER behind an aggregate.');
  const condition = translateCondition(where, { fields: pipeline.fields }, 'WHERE');
  return { ...pipeline, where: allOf(pipeline.where, condition) };
}
