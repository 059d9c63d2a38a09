/** GROUP BY: the keys of an aggregation, its grouping sets, and the window that it stands for. */
import { foldConstants, isNullable, sameExpression } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { typeText } from '../core/types.ts';
import type * as ast from './ast.ts';
import { callsIn, findCalls } from './aggregate-calls.ts';
import { groupCall, groupWindow, isGroupFunction, sameGroup, type GroupCall } from './group-window.ts';
import { groupingSets, type GroupingSet } from './grouping-sets.ts';
import { GROUPING_FUNCTIONS, translate } from './plan-expression.ts';
import { columnsOfBase, namesOf } from './plan-base.ts';
import type { AggregationWindow, GroupKey, Pipeline, Window } from './plan-scope.ts';
import { requireFewGrouped } from './plan-size.ts';
import { expressionText } from './plan-text.ts';
import { invalid, unsupported } from './refusal.ts';

export interface GroupBy {
  /** By name, so that their order in the text does not change the state; without the bounds of the window. */
  readonly keys: readonly GroupKey[];
  /** The keys of each grouping set, in an order that does not depend on the text; without GROUPING SETS there is one, of all keys. */
  readonly sets: readonly GroupingSet[];
  /** null: the groups lie in no window, so that their results would change with every row. */
  readonly window: AggregationWindow | null;
  /** The legacy group function that is the window. */
  readonly group: GroupCall | null;
  /** Whether the expression is a column of the window that all sets have, or a constant. */
  readonly isFixed: (e: Expression) => boolean;
}

type Element = { readonly kind: 'window'; readonly group: GroupCall } | { readonly kind: 'key'; readonly expression: Expression };

/** More keys than this Flink's numbers of grouping sets do not hold. */
const MAX_KEYS = 63;

export function planGroupBy(elements: readonly ast.GroupingElement[], input: Pipeline): GroupBy {
  const [first] = elements;
  if (first !== undefined) requireFewGrouped(elements.length, 'keys', first.span);
  const { expressions, sets } = groupingSets(elements, (e) => translateElement(e, input), sameElement);
  const groupBy = groupByOf(expressions, sets, input);
  if (sets.length > 1 && groupBy.keys.length > MAX_KEYS) unsupported(first?.span ?? { start: 0, end: 0 }, `GROUP BY with grouping sets of more than ${MAX_KEYS} columns`);
  return groupBy;
}

/** What SELECT DISTINCT means: a group for every combination of all fields. */
export function groupByAll(input: Pipeline): GroupBy {
  const expressions = input.fields.map(({ expression }): Element => ({ kind: 'key', expression }));
  const unique = expressions.filter((element, i) => expressions.findIndex((other) => sameElement(other, element)) === i);
  return groupByOf(unique, [[...unique.keys()]], input);
}

function groupByOf(elements: readonly Element[], sets: readonly GroupingSet[], input: Pipeline): GroupBy {
  const group = groupOf(elements, sets, input);
  const grouped = elements.flatMap((element, place) => (element.kind === 'key' ? [{ place, expression: element.expression, isCommon: sets.every((set) => set.includes(place)) }] : []));
  const common = grouped.flatMap(({ expression, isCommon }) => (isCommon ? [expression] : []));
  const window = group === null ? tableWindow(input, grouped.map(({ expression }) => expression), common, sets) : null;
  const bounds = window === null ? [] : boundsOf(window);
  const isFixed = (e: Expression): boolean => (isOf(e, bounds) || isConstant(e)) && isOf(e, common);
  const named = grouped.flatMap(({ place, expression, isCommon }) => (isFixed(expression) ? [] : [{ place, key: keyOf(expression, isCommon, input) }]));
  const ordered = named.sort((a, b) => (a.key.name < b.key.name ? -1 : 1));
  const placed = sets.map((set) => ordered.flatMap(({ place }, i) => (set.includes(place) ? [i] : [])));
  return { keys: ordered.map(({ key }) => key), sets: inOrder(placed), window: windowOf(group, window, input), group, isFixed };
}

const boundsOf = ({ start, end, time }: Window): Expression[] => [start, end, time];

/** The window of the input, if the groups lie within it: all sets have its start and its end (WindowUtil.isValidWindowAggregate). */
function tableWindow({ window }: Pipeline, grouped: readonly Expression[], common: readonly Expression[], sets: readonly GroupingSet[]): Window | null {
  if (window === null || !isOf(window.start, common) || !isOf(window.end, common)) return null;
  const { partition } = window;
  const keys = grouped.filter((e) => !isOf(e, boundsOf(window)) && !isConstant(e));
  // Sessions must be of the very keys that are grouped by.
  const isPartitioned = partition === null || (sets.length === 1 && keys.every((e) => isOf(e, partition)) && partition.every((e) => isOf(e, keys)));
  return isPartitioned ? window : null;
}

const isOf = (e: Expression, those: readonly Expression[]): boolean => those.some((other) => sameExpression(other, e));

const isConstant = (e: Expression): boolean => foldConstants(e).op === 'literal';

function translateElement(e: ast.Expression, input: Pipeline): Element {
  const [aggregate] = callsIn(e);
  if (aggregate !== undefined) return invalid(aggregate.span, 'Aggregate expression is illegal in GROUP BY clause');
  const [grouping] = findCalls(e, GROUPING_FUNCTIONS);
  if (grouping !== undefined) return invalid(grouping.span, `${grouping.name} operator may only occur in SELECT, HAVING or ORDER BY clause`);
  const scope = { fields: input.fields };
  if (e.kind === 'call' && isGroupFunction(e.name)) return { kind: 'window', group: groupCall(e, e.name, scope) };
  return { kind: 'key', expression: translate(e, scope) };
}

function sameElement(a: Element, b: Element): boolean {
  if (a.kind === 'window') return b.kind === 'window' && sameGroup(a.group, b.group);
  return b.kind === 'key' && sameExpression(a.expression, b.expression);
}

function keyOf(expression: Expression, isInAllSets: boolean, input: Pipeline): GroupKey {
  return { name: expressionText(foldConstants(expression), namesOf(input)), expression, nullable: !isInAllSets || isNullable(expression, columnsOfBase(input)) };
}

/** Sets with more keys first, then by the keys; the same set twice stays twice. */
const inOrder = (sets: readonly GroupingSet[]): GroupingSet[] => [...sets].sort((a, b) => b.length - a.length || (String(a) < String(b) ? -1 : 1));

function groupOf(elements: readonly Element[], sets: readonly GroupingSet[], input: Pipeline): GroupCall | null {
  const [group, second] = elements.flatMap((element) => (element.kind === 'window' ? [element.group] : []));
  if (second !== undefined) return invalid(second.call.span, 'Only a single window group function may be used in GROUP BY');
  if (group === undefined || sets.length === 1) return group ?? null;
  const { rowTime } = groupWindow(group, input.fields);
  const types = [`${typeText(rowTime.expression.type)} *ROWTIME*`, ...group.args.slice(1).map(() => 'INTERVAL SECOND(3) NOT NULL')];
  return invalid(group.call.span, `Unsupported call: $${group.of}(${types.join(', ')})`, 'Grouping sets go with window functions in FROM: TABLE(TUMBLE(TABLE t, …)).');
}

function windowOf(group: GroupCall | null, window: Window | null, { fields }: Pipeline): AggregationWindow | null {
  if (group !== null) {
    const { spec, rowTime } = groupWindow(group, fields);
    return { spec, rowTime: rowTime.expression, carried: null, nullableTime: rowTime.nullable };
  }
  if (window === null) return null;
  const { spec, rowTime, attached, start, time } = window;
  return { spec, rowTime: attached ? time : rowTime, carried: attached ? start : null, nullableTime: false };
}
