/** Names behind an aggregation: grouping expressions, aggregates, and what the grouping functions say of a row; nothing else of the input. */
import { callFunction, castTo, columnAt, isProcessingTime, literal, sameExpression } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { BIGINT, INT, type SqlType } from '../core/types.ts';
import { callsIn, findCalls } from './aggregate-calls.ts';
import type * as ast from './ast.ts';
import { auxiliaryOf, groupCall, isGroupFunction, sameGroup, type GroupCall } from './group-window.ts';
import type { PlannedCall } from './kept-aggregate.ts';
import type { GroupBy } from './plan-group-by.ts';
import { AGGREGATE_FUNCTIONS, GROUPING_FUNCTIONS, translate, type Scope } from './plan-expression.ts';
import { boundTypes, keyColumns } from './plan-base.ts';
import type { Aggregation, Field } from './plan-scope.ts';
import { invalid, orInvalid } from './refusal.ts';

/** `planOf` is the meaning of an aggregate call, by which it finds its columns. */
export function aggregateScope(base: Aggregation, groupBy: GroupBy, planOf: (call: ast.Call) => PlannedCall): Scope {
  const { input } = base;
  const outputs = outputsOf(base, groupBy);
  const position = (e: Expression): Expression | undefined => outputs.find(({ from }) => sameExpression(from, e))?.to;
  const fields = input.fields.flatMap((field): Field[] => {
    const expression = position(field.expression);
    return expression === undefined ? [] : [{ ...field, expression, timeAttribute: sameExpression(expression, timeColumn(base)) }];
  });
  const intercept = (e: ast.Expression): Expression | null => {
    if (e.kind === 'call') {
      const meant = aggregateResult(e, base, planOf) ?? groupingFunction(e, base, groupBy) ?? windowProperty(e, base, groupBy.group);
      if (meant !== null) return meant;
    }
    if (isLiteral(e) || callsIn(e).length > 0 || findCalls(e, SPECIAL).length > 0) return null;
    const found = position(translate(e, { fields: input.fields }));
    if (found === undefined && e.kind === 'column') {
      return invalid(e.span, `Expression '${e.name.parts.map((part) => part.name).join('.')}' is not being grouped`);
    }
    return found ?? null;
  };
  return { fields, intercept, isTimeAttribute: (e) => sameExpression(e, timeColumn(base)) };
}

/** Functions that mean something only behind an aggregation. */
const SPECIAL = { has: (name: string): boolean => GROUPING_FUNCTIONS.has(name) || isGroupFunction(name) || auxiliaryOf(name) !== undefined };

const LITERALS: ReadonlySet<string> = new Set(['number', 'string', 'boolean', 'null', 'datetime', 'interval', 'symbol']);

const isLiteral = (e: ast.Expression): boolean => LITERALS.has(e.kind);

/** Every column of the input that a wildcard means must be grouped. */
export function checkWildcards(items: readonly ast.SelectItem[], { input }: Aggregation, scope: Scope): void {
  for (const item of items) {
    if (item.kind !== 'wildcard') continue;
    const qualifier = item.qualifier?.parts.at(-1)?.name;
    const isThere = ({ name, qualifier: of }: Field): boolean => scope.fields.some((field) => field.name === name && field.qualifier === of);
    const missing = input.fields.find((field) => (qualifier === undefined || field.qualifier === qualifier) && !isThere(field));
    if (missing !== undefined) invalid(item.span, `Expression '${missing.qualifier ?? 'EXPR$0'}.${missing.name}' is not being grouped`);
  }
}

function aggregateResult(call: ast.Call, base: Aggregation, planOf: (call: ast.Call) => PlannedCall): Expression | null {
  if (!AGGREGATE_FUNCTIONS.has(call.name)) return null;
  return planOf(call).result(({ text, type }) => {
    const index = base.aggregates.findIndex((aggregate) => aggregate.text === text);
    return columnAt(keyColumns(base).length + index, type);
  });
}

/** GROUPING, GROUPING_ID: a bit for each argument, the first the highest, set where the row is not grouped by it. GROUP_ID: which of the same sets. */
function groupingFunction(call: ast.Call, base: Aggregation, groupBy: GroupBy): Expression | null {
  if (!GROUPING_FUNCTIONS.has(call.name)) return null;
  if ((call.name === 'GROUP_ID') !== (call.arguments.length === 0)) {
    return invalid(call.span, `Invalid number of arguments to function '${call.name}'. Was expecting ${call.name === 'GROUP_ID' ? '0' : 'at least 1'} arguments`);
  }
  const args = call.arguments.map((argument) => keyAt(argument, call.name, base, groupBy));
  const { sets } = groupBy;
  const valueOf = (place: number): bigint => {
    const set = sets[place] ?? [];
    if (call.name === 'GROUP_ID') return BigInt(sets.slice(0, place).filter((other) => String(other) === String(set)).length);
    return args.reduce((bits, key) => bits * 2n + (key === null || set.includes(key) ? 0n : 1n), 0n);
  };
  return byGroupingSet(base, sets.map((_, place) => literal(BIGINT, valueOf(place))), call.span);
}

/** The key that an argument of a grouping function means; null for one that all sets have. */
function keyAt(argument: ast.Expression, fn: string, base: Aggregation, groupBy: GroupBy): number | null {
  const expression = translate(argument, { fields: base.input.fields });
  if (groupBy.isFixed(expression)) return null;
  const key = base.keys.findIndex((candidate) => sameExpression(candidate.expression, expression));
  return key < 0 ? invalid(argument.span, `Argument to ${fn} operator must be a grouped expression`) : key;
}

/** `values[i]` in rows of grouping set i. */
function byGroupingSet(base: Aggregation, values: readonly Expression[], span: ast.Span): Expression {
  const [first = literal(BIGINT, 0n)] = values;
  if (values.every((value) => sameExpression(value, first))) return first;
  const set = columnAt(base.keys.length, INT);
  const branches = values.slice(0, -1).flatMap((value, i) => [orInvalid(callFunction('=', [set, literal(INT, i)]), span), value]);
  return orInvalid(callFunction('CASE', [...branches, values.at(-1) ?? first]), span);
}

/** TUMBLE_START and the like, which must have the arguments of the group function. */
function windowProperty(call: ast.Call, base: Aggregation, group: GroupCall | null): Expression | null {
  if (isGroupFunction(call.name)) return invalid(call.span, `Group function '$${call.name}' can only appear in GROUP BY clause`);
  const auxiliary = auxiliaryOf(call.name);
  if (auxiliary === undefined) return null;
  if (group === null || !sameGroup(group, groupCall(call, auxiliary.of, { fields: base.input.fields }))) {
    return invalid(call.span, `Call to auxiliary group function '${call.name}' must have matching call to group function '$${auxiliary.of}' in GROUP BY clause`);
  }
  if (auxiliary.property === 'PROCTIME') return processingTime(group, call, base.window?.nullableTime ?? false);
  const isOfProcessingTime = base.window !== null && isProcessingTime(base.window.rowTime);
  if (auxiliary.property === 'ROWTIME' && isOfProcessingTime) return invalid(call.span, 'A proctime window cannot provide a rowtime attribute.');
  return boundOutputs(base)[PROPERTY_PLACES[auxiliary.property]] ?? null;
}

/** The time at which the window fires. Flink gives it the type of the time attribute, NULL or not, whatever that is. */
function processingTime({ args }: GroupCall, { span }: ast.Call, nullable: boolean): Expression {
  const now = orInvalid(callFunction('PROCTIME', []), span);
  return orInvalid(castTo(now, args[0]?.type ?? now.type, nullable), span);
}

const PROPERTY_PLACES = { START: 0, END: 1, ROWTIME: 2 } as const;

/** window_start, window_end and window_time. */
export function boundOutputs(base: Aggregation): Expression[] {
  const first = keyColumns(base).length + base.aggregates.length;
  return base.window === null ? [] : boundTypes(base.window).map((type: SqlType, i) => columnAt(first + i, type));
}

const timeColumn = (base: Aggregation): Expression => boundOutputs(base)[2] ?? literal(BIGINT, null);

/** Which expression of the input is which column of the aggregation. */
function outputsOf(base: Aggregation, { isFixed }: GroupBy): readonly { readonly from: Expression; readonly to: Expression }[] {
  const { window } = base.input;
  const bounds = window === null ? [] : [window.start, window.end, window.time];
  const columns = boundOutputs(base);
  return [
    ...base.keys.map(({ expression: from }, i) => ({ from, to: columnAt(i, from.type) })),
    ...bounds.flatMap((from, i) => (columns[i] === undefined || !isFixed(from) ? [] : [{ from, to: columns[i] }])),
  ];
}
