/** The nodes of an aggregation: the rows of each grouping set, and the operator that keeps its groups, in windows or without. */
import { columnAt, isProcessingTime, literal, sameExpression } from '../core/expression.ts';
import type { Uid } from '../core/numbers.ts';
import type { ExpandNode, Expression, Identity, WindowAggregateNode } from '../core/plan.ts';
import { INT, ROW_KIND, type Column } from '../core/types.ts';
import { callOf, readBy } from './kept-aggregate.ts';
import type { Lowered } from './lowering.ts';
import { boundColumns, keyColumns, namesOf, originOf } from './plan-base.ts';
import type { Aggregation, AggregationWindow } from './plan-scope.ts';
import { expressionText } from './plan-text.ts';
import { aggregationUid, uidOf } from './plan-uid.ts';

export function uidOfAggregation(base: Aggregation): Uid {
  const { input, window } = base;
  if (window === null) return aggregationUid(base, UNBOUNDED, '', originOf(input, uidOfAggregation));
  const spec = window.carried === null ? window.spec : CARRIED;
  return aggregationUid(base, spec, expressionText(window.rowTime, namesOf(input)), originOf(input, uidOfAggregation));
}

const CARRIED = { kind: 'carried' } as const;
const UNBOUNDED = { kind: 'unbounded' } as const;

/** What an aggregation reads of its input: keys, the window that rows carry, their time, and the arguments of aggregates. */
export function valuesOfAggregation({ window, keys, expanded, aggregates }: Aggregation): readonly Expression[] {
  return [...(expanded === undefined ? keys.map((key) => key.expression) : [...expanded.keys, expanded.set]), ...(window === null ? [] : [...carriedBy(window), ...timesOf(window)]), ...aggregates.flatMap(readBy)];
}

const carriedBy = ({ carried }: AggregationWindow): readonly Expression[] => (carried === null ? [] : [carried]);

/** Rows have no processing time of their own (E9). */
const timesOf = ({ rowTime }: AggregationWindow): readonly Expression[] => (isProcessingTime(rowTime) ? [] : [rowTime]);

/** The nodes of an aggregation above `plain`, which has its values as columns. */
export function nodesOfAggregation(base: Aggregation, values: readonly Expression[], plain: Lowered, identity: Identity): Lowered {
  const { uid } = identity;
  const { window, aggregates, changelog } = base;
  const position = (e: Expression): number => plain.positionOf(values.findIndex((value) => sameExpression(value, e)));
  const grouped = groupedBelow(base, values, plain, uid, position);
  const columns = window === null ? [...keyColumns(base), ...resultColumns(base)] : windowedColumns(base, window);
  const node: WindowAggregateNode = {
    kind: 'window-aggregate',
    ...identity,
    input: grouped.below.uid,
    ...(window === null ? { window: UNBOUNDED } : windowOf(window)),
    ...(changelog && { changelog }),
    timeColumn: window === null ? null : (timesOf(window).map(grouped.position)[0] ?? null),
    keys: [...grouped.keys, ...(window === null ? [] : carriedBy(window).map(grouped.position))],
    aggregates: aggregates.map((aggregate) => callOf(aggregate, grouped.position)),
    columns: [...columns, ...(changelog ? [ROW_KIND] : [])],
  };
  return { nodes: [...grouped.below.nodes, node], uid, columns: node.columns, positionOf: (index) => positionInNode(base, index) };
}

function windowOf({ carried, spec, allowedLatenessMs, earlyFire }: AggregationWindow): Pick<WindowAggregateNode, 'window' | 'carried' | 'allowedLatenessMs' | 'earlyFire'> {
  return {
    ...(carried === null ? { window: spec } : { window: OF_THE_ROW, carried: true }),
    ...(allowedLatenessMs === undefined ? {} : { allowedLatenessMs }),
    ...(earlyFire && { earlyFire }),
  };
}

/** A row that carries its window belongs to the millisecond before its end, and to no other. */
const OF_THE_ROW = { kind: 'tumble', sizeMs: 1, offsetMs: 0 } as const;

/** Where a column of the aggregation is in its node: the start of a window that rows carry is a key. */
function positionInNode(base: Aggregation, index: number): number {
  const keys = keyColumns(base).length;
  if (base.window?.carried == null || index < keys) return index;
  return index === keys + base.aggregates.length ? keys : index + 1;
}

/** What is aggregated, and where it is. */
interface Grouped {
  readonly below: Lowered;
  readonly keys: readonly number[];
  readonly position: (e: Expression) => number;
}

function groupedBelow(base: Aggregation, values: readonly Expression[], below: Lowered, uid: Uid, position: Grouped['position']): Grouped {
  const { keys, sets, expanded: rows } = base;
  if (rows !== undefined) return { below, keys: [...rows.keys, rows.set].map(position), position };
  return sets.length > 1 ? expanded(below, base, uid, values, position) : { below, keys: keys.map((key) => position(key.expression)), position };
}

/** Every row once per grouping set: its keys, NULL where the set has them not, the place of the set, and the other values, which may be keys as well. */
function expanded(below: Lowered, { keys, sets }: Aggregation, uid: Uid, values: readonly Expression[], position: (e: Expression) => number): Grouped {
  const others = [...new Set(values.slice(keys.length).map(position))];
  const at = (place: number): Expression => columnAt(place, below.columns[place]?.type ?? INT);
  const kept = others.map(at);
  const projects = sets.map((set, i) => [...keys.map(({ expression }, key) => (set.includes(key) ? at(position(expression)) : literal(expression.type, null))), literal(INT, i), ...kept]);
  const keyColumnsOf = keyColumns({ keys, sets });
  const columns = [...keyColumnsOf, ...others.flatMap((place) => below.columns[place] ?? [])];
  const node: ExpandNode = { kind: 'expand', uid: uidOf(`expand-${uid}`), input: below.uid, projects, columns };
  const lowered: Lowered = { nodes: [...below.nodes, node], uid: node.uid, columns, positionOf: (index) => index };
  return { below: lowered, keys: keyColumnsOf.map((_, i) => i), position: (e) => keyColumnsOf.length + others.indexOf(position(e)) };
}

const resultColumns = ({ aggregates }: Aggregation): Column[] => aggregates.map(({ text, type, nullable }) => ({ name: text, type, nullable }));

function windowedColumns(base: Aggregation, window: AggregationWindow): Column[] {
  const [start, end, time] = boundColumns(window);
  const isCarried = window.carried !== null;
  return [
    ...keyColumns(base),
    ...(isCarried ? [start] : []),
    ...resultColumns(base),
    isCarried ? { ...start, name: 'window_end - 1 ms' } : start,
    end,
    { ...time, nullable: window.nullableTime },
  ];
}
