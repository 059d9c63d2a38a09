/** `GROUP BY window_start, window_end, keys…`: a window aggregation with the select list and HAVING behind it. */
import { columnAt, foldConstants, isNullable, sameExpression } from '../core/expression.ts';
import { isNumeric } from '../core/functions/type-rules.ts';
import type { Expression } from '../core/plan.ts';
import { BIGINT, typeText, type SqlType } from '../core/types.ts';
import type * as ast from './ast.ts';
import { AGGREGATE_FUNCTIONS, translate, translateCondition, type Scope } from './plan-expression.ts';
import { projected } from './plan-project.ts';
import { boundTypes, columnsOfBase, namesOf } from './plan-scope.ts';
import type { Aggregate, Aggregation, Field, GroupKey, Pipeline, Window } from './plan-scope.ts';
import { expressionText } from './plan-text.ts';
import { invalid, unsupported } from './refusal.ts';

/** True if a SELECT has GROUP BY, HAVING or an aggregate function. */
export function isAggregated(select: ast.Select): boolean {
  return select.groupBy.length > 0 || select.having !== null || aggregateCalls(select).length > 0;
}

/** The aggregate calls of the select list and HAVING, in the order of the text. */
function aggregateCalls(select: ast.Select): ast.Call[] {
  const expressions = select.items.flatMap((item) => (item.kind === 'wildcard' ? [] : [item.expression]));
  return [...expressions, ...(select.having === null ? [] : [select.having])].flatMap(callsIn);
}

function callsIn(e: ast.Expression): ast.Call[] {
  if (e.kind === 'call' && AGGREGATE_FUNCTIONS.has(e.name)) return [e];
  return childrenOf(e).flatMap(callsIn);
}

function childrenOf(e: ast.Expression): readonly ast.Expression[] {
  switch (e.kind) {
    case 'call':
      return e.arguments;
    case 'unary':
    case 'is':
    case 'cast':
      return [e.operand];
    case 'binary':
    case 'distinct-from':
      return [e.left, e.right];
    case 'between':
      return [e.operand, e.low, e.high];
    case 'in':
      return [e.operand, ...e.values];
    case 'like':
      return e.escape === null ? [e.operand, e.pattern] : [e.operand, e.pattern, e.escape];
    case 'case':
      return [e.operand, ...e.branches.flatMap(({ when, then }) => [when, then]), e.otherwise].filter((part) => part !== null);
    default:
      return [];
  }
}

export function planAggregation(select: ast.Select, input: Pipeline): Pipeline {
  const { window } = input;
  const grouping = select.groupBy.map((e) => translateGrouping(e, input));
  const isGrouped = (bound: Expression): boolean => grouping.some(({ expression }) => sameExpression(expression, bound));
  if (window === null || !isGrouped(window.start) || !isGrouped(window.end)) {
    return refuseUpdating(select);
  }
  const base = aggregationOf(select, input, window, grouping);
  const scope = outputScope(base);
  const having = select.having === null ? null : translateCondition(select.having, scope, 'HAVING');
  const fields = scope.fields;
  return projected({ base, where: having, fields, window: null }, select.items, scope);
}

function refuseUpdating(select: ast.Select): never {
  const span = select.groupBy[0]?.span ?? aggregateCalls(select)[0]?.span ?? select.span;
  return unsupported(
    span,
    'An aggregation that is not grouped by window_start and window_end: it would need an updating result',
    'Use FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL …)) GROUP BY window_start, window_end, ….',
  );
}

const isSets = (e: ast.GroupingElement): e is ast.GroupingSets | ast.GroupingTuple =>
  ['grouping-tuple', 'grouping-sets', 'rollup', 'cube', 'distinct-sets'].includes(e.kind);

interface Grouping extends GroupKey {
  readonly span: ast.Span;
}

function translateGrouping(e: ast.GroupingElement, input: Pipeline): Grouping {
  if (isSets(e)) return unsupported(e.span, 'GROUP BY with several grouping sets', 'Write a query for each of them.');
  if (e.kind === 'number') return unsupported(e.span, 'GROUP BY with the number of a column', 'Name the column.');
  const expression = translate(e, { fields: input.fields });
  const columns = columnsOfBase(input);
  return { name: meaningOf(expression, input), expression, nullable: isNullable(expression, columns), span: e.span };
}

/** Keys and aggregates stand in the order of their texts, so that the order of the select list does not change the state. */
function aggregationOf(select: ast.Select, input: Pipeline, window: Window, grouping: readonly Grouping[]): Aggregation {
  const bounds = [window.start, window.end, window.time];
  const keys = grouping.filter(({ expression }) => !bounds.some((bound) => sameExpression(bound, expression)));
  const aggregates = aggregateCalls(select).map((call) => aggregateOf(call, input));
  return { kind: 'aggregation', input, window, keys: ordered(keys, 'name'), aggregates: ordered(aggregates, 'text') };
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

/** Names behind the aggregation: grouping expressions and aggregates by meaning, and nothing else of the input. */
function outputScope(base: Aggregation): Scope {
  const { input, keys, aggregates } = base;
  const outputs = outputsOf(base);
  const position = (e: Expression): Expression | undefined => outputs.find((output) => sameExpression(output.from, e))?.to;
  const fields = input.fields.flatMap((field): Field[] => {
    const expression = position(field.expression);
    return expression === undefined ? [] : [{ ...field, expression, timeAttribute: false }];
  });
  const intercept = (e: ast.Expression): Expression | null => {
    if (e.kind === 'call' && AGGREGATE_FUNCTIONS.has(e.name)) {
      const { text } = aggregateOf(e, input);
      const index = aggregates.findIndex((aggregate) => aggregate.text === text);
      return columnAt(keys.length + index, aggregates[index]?.type ?? BIGINT);
    }
    if (isConstant(e) || callsIn(e).length > 0) return null;
    const found = position(translate(e, { fields: input.fields }));
    if (found === undefined && e.kind === 'column') {
      return invalid(e.span, `Expression '${e.name.parts.map((part) => part.name).join('.')}' is not being grouped`);
    }
    return found ?? null;
  };
  return { fields, intercept };
}

const CONSTANTS: ReadonlySet<string> = new Set(['number', 'string', 'boolean', 'null', 'datetime', 'interval', 'symbol']);

const isConstant = (e: ast.Expression): boolean => CONSTANTS.has(e.kind);

/** Which expression of the input is which column of the aggregation. */
function outputsOf({ window, keys, aggregates }: Aggregation): readonly { readonly from: Expression; readonly to: Expression }[] {
  const first = keys.length + aggregates.length;
  const types = boundTypes(window);
  const bounds = [window.start, window.end, window.time].map((from, i) => ({ from, to: columnAt(first + i, types[i] ?? from.type) }));
  return [...keys.map(({ expression: from }, i) => ({ from, to: columnAt(i, from.type) })), ...bounds];
}
