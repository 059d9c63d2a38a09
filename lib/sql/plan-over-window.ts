/**
 * An aggregation right over a window table function folds the rows before they get windows: into slices or sessions, each row once
 * (Flink's PullUpWindowTableFunctionIntoWindowAggregateRule). Where something in between asks for the window, rows carry it.
 */
import { columnsOf, isProcessingTime, substitute } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import type { Span } from './ast.ts';
import { mapAggregate, readBy } from './kept-aggregate.ts';
import { allOf, type Aggregation, type WindowTable } from './plan-scope.ts';
import { requireSlices } from './plan-window-spec.ts';
import { unsupported } from './refusal.ts';

/** The aggregation over the rows below the window where it may be; otherwise unchanged. */
export function overWindows(aggregation: Aggregation, span: Span): Aggregation {
  const { input, window } = aggregation;
  if (window === null || window.carried === null || input.base.kind !== 'window-table') return aggregation;
  const { base } = input;
  if (usesWindow(aggregation, base)) {
    if (isProcessingTime(base.rowTime)) unsupported(span, 'Windows of processing time whose columns are used before the aggregation', 'Filter and compute behind it.');
    return aggregation;
  }
  requireSlices(base.spec, span);
  const below = (e: Expression): Expression => substitute(e, (column) => base.input.fields[column.index]?.expression ?? column);
  const where = input.where === null ? null : below(input.where);
  return {
    ...aggregation,
    input: { ...base.input, where: allOf(base.input.where, where) },
    window: { ...window, rowTime: base.rowTime, carried: null },
    keys: aggregation.keys.map((key) => ({ ...key, expression: below(key.expression) })),
    aggregates: aggregation.aggregates.map((aggregate) => mapAggregate(aggregate, below)),
  };
}

function usesWindow({ input, keys, aggregates }: Aggregation, { input: { fields } }: WindowTable): boolean {
  const used = [...(input.where === null ? [] : [input.where]), ...keys.map((key) => key.expression), ...aggregates.flatMap(readBy)];
  return used.flatMap(columnsOf).some((index) => index >= fields.length);
}
