/** Queries of all kinds become pipelines: WITH, set operations, VALUES and SELECT. */
import type { Query, With } from './ast.ts';
import { commonTable } from './plan-common-table.ts';
import type { PlanContext } from './plan-context.ts';
import type { Pipeline } from './plan-scope.ts';
import type { Place } from './plan-order.ts';
import { requireOperators } from './plan-size.ts';
import { planSelect } from './plan-select.ts';
import { planSetOperation } from './plan-union.ts';
import { planValues } from './plan-values.ts';

export function planRelation(query: Query, context: PlanContext, place: Place = 'nested'): Pipeline {
  const pipeline = planKind(query, context, place);
  requireOperators(pipeline, query.span);
  return pipeline;
}

function planKind(query: Query, context: PlanContext, place: Place): Pipeline {
  switch (query.kind) {
    case 'with':
      return planRelation(query.body, withTables(query, context), place);
    case 'select':
      return planSelect(query, context, planRelation, place);
    case 'set-operation':
      return planSetOperation(query, (side) => planRelation(side, context));
    case 'values':
      return planValues(query);
  }
}

/** Each may refer to those before it, and hides what has its name in the catalog. */
function withTables({ tables }: With, context: PlanContext): PlanContext {
  return tables.reduce<PlanContext>((before, table) => {
    const pipeline = commonTable(table, planRelation(table.query, before));
    return { ...before, common: new Map([...(before.common ?? []), [table.name.name, pipeline]]) };
  }, context);
}
