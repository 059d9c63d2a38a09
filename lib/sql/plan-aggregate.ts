/** `GROUP BY window_start, window_end, keys…`: a window aggregation with the select list and HAVING behind it. */
import { foldConstants, isNullable } from '../core/expression.ts';
import { isNumeric } from '../core/functions/type-rules.ts';
import type { Expression } from '../core/plan.ts';
import { BIGINT, typeText, type SqlType } from '../core/types.ts';
import { aggregateCalls, callsIn } from './aggregate-calls.ts';
import { aggregateScope, checkWildcards } from './aggregate-scope.ts';
import type * as ast from './ast.ts';
import { emitStrategy, firesTwice, TVF_EMIT_REFUSAL } from './emit-strategy.ts';
import type { GroupCall } from './group-window.ts';
import type { PlanContext } from './plan-context.ts';
import { translate, translateCondition } from './plan-expression.ts';
import { planGroupBy, type GroupBy } from './plan-group-by.ts';
import { projected } from './plan-project.ts';
import { columnsOfBase, namesOf } from './plan-scope.ts';
import type { Aggregate, Aggregation, AggregationWindow, Pipeline } from './plan-scope.ts';
import { expressionText } from './plan-text.ts';
import { invalid, unsupported } from './refusal.ts';

export function planAggregation(select: ast.Select, input: Pipeline, options: PlanContext['options']): Pipeline {
  const groupBy = planGroupBy(select.groupBy, input);
  const base = aggregationOf(select, input, groupBy, options);
  const scope = aggregateScope(base, groupBy, (call) => aggregateOf(call, input).text);
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
function aggregationOf(select: ast.Select, input: Pipeline, { keys, sets, window, group }: GroupBy, options: PlanContext['options']): Aggregation {
  const aggregates = ordered(aggregateCalls(select).map((call) => aggregateOf(call, input)), 'text');
  const kept = group === null || window === null ? window : { ...window, ...latenessOf(group, window, options) };
  if (group === null && window !== null && firesTwice(options)) return invalid(select.span, TVF_EMIT_REFUSAL);
  return { kind: 'aggregation', input, window: kept, keys, sets, aggregates };
}

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

function aggregateOf(call: ast.Call, input: Pipeline): Aggregate {
  if (call.distinct) return unsupported(call.span, `${call.name}(DISTINCT …)`, 'Later.');
  if (call.filter !== null) return unsupported(call.filter.span, 'FILTER (WHERE …)', 'Use CASE inside of the aggregate.');
  const [argument, second] = call.arguments;
  const fn = functionName(call);
  if (call.star && fn === 'COUNT') return { fn, argument: null, text: 'COUNT(*)', type: BIGINT, nullable: false };
  if (argument === undefined || second !== undefined || call.star) return invalid(call.span, `${fn} takes one argument`);
  const [nested] = callsIn(argument);
  if (nested !== undefined) return invalid(nested.span, 'Aggregate expressions cannot be nested');
  const value = translate(argument, { fields: input.fields });
  const type = resultType(fn, value.type) ?? invalid(call.span, `Cannot apply '${fn}' to ${typeText(value.type)}`);
  const nullable = fn !== 'COUNT' && isNullable(value, columnsOfBase(input));
  return { fn, argument: value, text: `${fn}(${meaningOf(value, input)})`, type, nullable };
}

/** An expression as text that does not depend on how its constants are written. */
const meaningOf = (e: Expression, input: Pipeline): string => expressionText(foldConstants(e), namesOf(input));

function functionName(call: ast.Call): Aggregate['fn'] {
  const names = ['COUNT', 'SUM', 'MIN', 'MAX', 'AVG'] as const;
  return names.find((name) => name === call.name) ?? unsupported(call.span, `The aggregate function ${call.name}`);
}

/** Flink's LogicalTypeMerging; null if the function does not take the type. */
function resultType(fn: Aggregate['fn'], type: SqlType): SqlType | null {
  if (fn === 'COUNT') return BIGINT;
  if (fn === 'MIN' || fn === 'MAX') return type;
  if (!isNumeric(type)) return null;
  if (type.kind !== 'DECIMAL') return type;
  return { kind: 'DECIMAL', precision: 38, scale: fn === 'AVG' ? Math.max(6, type.scale) : type.scale };
}
