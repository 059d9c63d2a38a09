/** `GROUP BY window_start, window_end, keys…`: a window aggregation with the select list and HAVING behind it. Without a window its results change. */
import { columnAt, isProcessingTime } from '../core/expression.ts';
import { aggregateCalls } from './aggregate-calls.ts';
import { aggregateScope, boundOutputs, checkWildcards } from './aggregate-scope.ts';
import type * as ast from './ast.ts';
import { emitStrategy, firesTwice, TVF_EMIT_REFUSAL } from './emit-strategy.ts';
import type { GroupCall } from './group-window.ts';
import { planAggregateCall } from './plan-aggregate-call.ts';
import { isOfProcessingTime, requireTimely } from './plan-base.ts';
import type { PlanContext } from './plan-context.ts';
import { expandedBelow } from './plan-expand.ts';
import { translateCondition } from './plan-expression.ts';
import { groupByAll, planGroupBy, type GroupBy } from './plan-group-by.ts';
import { readBy, type PlannedCall } from './kept-aggregate.ts';
import { overWindows } from './plan-over-window.ts';
import { projected } from './plan-project.ts';
import { requireExpressions, requireFewGrouped, totalSize } from './plan-size.ts';
import { requireAppending } from './plan-updates.ts';
import type { Aggregation, AggregationWindow, Pipeline, Window } from './plan-scope.ts';
import { invalid, unsupported } from './refusal.ts';

export function planAggregation(select: ast.Select, given: Pipeline, options: PlanContext['options']): Pipeline {
  requireAppending(given, select.span, 'An aggregation');
  const asWritten = planGroupBy(select.groupBy, given);
  const below = expandedBelow(given, asWritten);
  const input = below?.input ?? given;
  const groupBy = below === null ? asWritten : planGroupBy(select.groupBy, input);
  if (groupBy.window === null) requireTimely(input, select.span);
  const aggregation: Aggregation = { ...aggregationOf(select, input, groupBy, options), ...(below !== null && { expanded: below.expandedKeys }) };
  const scope = aggregateScope(aggregation, groupBy, (call) => planAggregateCall(call, input, merges(groupBy, input)));
  const having = select.having === null ? null : translateCondition(select.having, scope, 'HAVING');
  checkWildcards(select.items, aggregation, scope);
  const pipeline = projected({ base: aggregation, where: having, fields: scope.fields, window: outputWindow(aggregation) }, select.items, scope);
  return { ...pipeline, base: overWindows(aggregation, select.span) };
}

/** SELECT DISTINCT: an aggregation that groups by all columns and has no aggregates; of rows with their windows, in those. */
export function planDistinct({ span }: ast.Node, input: Pipeline): Pipeline {
  requireAppending(input, span, 'SELECT DISTINCT');
  requireFewGrouped(input.fields.length, 'keys', span);
  const groupBy = groupByAll(input);
  const { keys, sets, window } = groupBy;
  if (window === null) requireTimely(input, span);
  const aggregation: Aggregation = { kind: 'aggregation', input, window, keys, sets, aggregates: [] };
  const scope = aggregateScope(aggregation, groupBy, (call) => planAggregateCall(call, input, false));
  // Constants are no keys.
  const fields = input.fields.map((field) => scope.fields.find(({ name }) => name === field.name) ?? field);
  return { base: overWindows(aggregation, span), where: null, fields, window: outputWindow(aggregation) };
}

/** What the rows of the aggregation know of their windows. */
function outputWindow(base: Aggregation): Window | null {
  const { window, input } = base;
  const [start, end, time] = boundOutputs(base);
  if (window === null || start === undefined || end === undefined || time === undefined) return null;
  // WindowUtil.isValidProcTimeWindow: only right above its function.
  if (isOfProcessingTime(input, window)) return null;
  const partition = input.window?.partition == null ? null : base.keys.map(({ expression }, i) => columnAt(i, expression.type));
  return { spec: window.spec, rowTime: time, start, end, time, attached: true, partition };
}

/** Aggregates stand in the order of their texts, so that the order of the select list does not change the state. */
function aggregationOf(select: ast.Select, input: Pipeline, groupBy: GroupBy, options: PlanContext['options']): Aggregation {
  const { keys, sets, window, group } = groupBy;
  const calls = plannedCalls(aggregateCalls(select), (call) => planAggregateCall(call, input, merges(groupBy, input)));
  const aggregates = ordered(calls.flatMap((call) => call.aggregates), 'text');
  const kept = group === null || window === null ? window : { ...window, ...emissionOf(group, window, options) };
  if (group === null && window !== null && firesTwice(options)) return invalid(select.span, TVF_EMIT_REFUSAL);
  return { kind: 'aggregation', input, window: kept, keys, sets, aggregates };
}

/** Together they may read no more than a select list computes. */
function plannedCalls(calls: readonly ast.Call[], plan: (call: ast.Call) => PlannedCall): PlannedCall[] {
  const [first] = calls;
  if (first !== undefined) requireFewGrouped(calls.length, 'aggregates', first.span);
  let size = 0;
  return calls.map((call) => {
    const planned = plan(call);
    size += totalSize(planned.aggregates.flatMap(readBy));
    requireExpressions(size, call.span);
    return planned;
  });
}

/** Windows of several slices, and those that grow together; not where the rows of a window below are taken as they come. */
const merges = ({ window }: GroupBy, { base }: Pipeline): boolean =>
  window !== null && window.spec.kind !== 'tumble' && (window.carried === null || base.kind === 'window-table');

/** `table.exec.emit.*` belong to the legacy group functions alone. */
function emissionOf({ call }: GroupCall, { spec, rowTime }: AggregationWindow, options: PlanContext['options']): Pick<AggregationWindow, 'allowedLatenessMs' | 'earlyFire'> {
  const strategy = emitStrategy(options, { isEventTime: !isProcessingTime(rowTime), isSession: spec.kind === 'session' });
  if ('kind' in strategy) return (strategy.kind === 'invalid' ? invalid : unsupported)(call.span, strategy.message, strategy.hint);
  const { allowedLatenessMs, earlyFire } = strategy;
  return { ...(allowedLatenessMs > 0 && { allowedLatenessMs }), ...(earlyFire && { earlyFire }) };
}

function ordered<K extends string, T extends { readonly [key in K]: string }>(items: readonly T[], key: K): T[] {
  const unique = new Map(items.map((item) => [item[key], item]));
  return [...unique.values()].sort((a, b) => (a[key] < b[key] ? -1 : 1));
}
