/** `GROUP BY window_start, window_end, keys…`: a window aggregation with the select list and HAVING behind it. */
import { aggregateCalls } from './aggregate-calls.ts';
import { aggregateScope, checkWildcards } from './aggregate-scope.ts';
import type * as ast from './ast.ts';
import { emitStrategy, firesTwice, TVF_EMIT_REFUSAL } from './emit-strategy.ts';
import type { GroupCall } from './group-window.ts';
import { planAggregateCall } from './plan-aggregate-call.ts';
import type { PlanContext } from './plan-context.ts';
import { translateCondition } from './plan-expression.ts';
import { planGroupBy, type GroupBy } from './plan-group-by.ts';
import { projected } from './plan-project.ts';
import type { Aggregation, AggregationWindow, Pipeline } from './plan-scope.ts';
import { invalid, unsupported } from './refusal.ts';

export function planAggregation(select: ast.Select, input: Pipeline, options: PlanContext['options']): Pipeline {
  const groupBy = planGroupBy(select.groupBy, input);
  const base = aggregationOf(select, input, groupBy, options);
  const scope = aggregateScope(base, groupBy, (call) => planAggregateCall(call, input, mergesIn(groupBy)));
  const having = select.having === null ? null : translateCondition(select.having, scope, 'HAVING');
  checkWildcards(select.items, base, scope);
  const pipeline = projected({ base, where: having, fields: scope.fields, window: null }, select.items, scope);
  return base.window === null ? refuseUpdating(select) : pipeline;
}

function refuseUpdating(select: ast.Select): never {
  const span = select.groupBy[0]?.span ?? aggregateCalls(select)[0]?.span ?? select.span;
  return unsupported(
    span,
    'An aggregation that is not grouped by window_start and window_end: it would need an updating result',
    'Use FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL …)) GROUP BY window_start, window_end, ….',
  );
}

/** Aggregates stand in the order of their texts, so that the order of the select list does not change the state. */
function aggregationOf(select: ast.Select, input: Pipeline, groupBy: GroupBy, options: PlanContext['options']): Aggregation {
  const { keys, sets, window, group } = groupBy;
  const calls = aggregateCalls(select).map((call) => planAggregateCall(call, input, mergesIn(groupBy)));
  const aggregates = ordered(calls.flatMap((call) => call.aggregates), 'text');
  const kept = group === null || window === null ? window : { ...window, ...latenessOf(group, window, options) };
  if (group === null && window !== null && firesTwice(options)) return invalid(select.span, TVF_EMIT_REFUSAL);
  return { kind: 'aggregation', input, window: kept, keys, sets, aggregates };
}

/** Windows of several slices, and those that grow together. */
const mergesIn = ({ window }: GroupBy): boolean => window !== null && window.spec.kind !== 'tumble';

/** `table.exec.emit.*` belong to the legacy group functions alone. */
function latenessOf({ call }: GroupCall, { spec }: AggregationWindow, options: PlanContext['options']): { readonly allowedLatenessMs?: number } {
  const strategy = emitStrategy(options, { isEventTime: true, isSession: spec.kind === 'session' });
  if ('allowedLatenessMs' in strategy) return strategy.allowedLatenessMs === 0 ? {} : strategy;
  return (strategy.kind === 'invalid' ? invalid : unsupported)(call.span, strategy.message, strategy.hint);
}

function ordered<K extends string, T extends { readonly [key in K]: string }>(items: readonly T[], key: K): T[] {
  const unique = new Map(items.map((item) => [item[key], item]));
  return [...unique.values()].sort((a, b) => (a[key] < b[key] ? -1 : 1));
}
