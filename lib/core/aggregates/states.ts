/** The accumulators of an operator: what its calls keep of a pane, and how their results come out of it. */
import { assert } from '../errors.ts';
import type { AggregateCall } from '../plan.ts';
import { CODE, UNKNOWN_CODE } from '../process/code-aggregate.ts';
import type { Row, SqlType, Value } from '../types.ts';
import type { Accumulator, Aggregate, AggregateFunction } from './aggregate.ts';
import { overDistinct } from './distinct.ts';
import { AGGREGATES } from './registry.ts';

/** One accumulator of every pane. */
export interface AggregateState {
  /** By which the next plan finds it again (V4). */
  readonly name: string;
  readonly aggregate: Aggregate;
  /** The first call that it is kept for. */
  readonly call: AggregateCall;
}

/** The value of a row for an accumulator; undefined if the row counts for nothing. */
export type Feed = (row: Row) => Value | undefined;

function functionOf({ fn }: AggregateCall): AggregateFunction {
  const found = AGGREGATES.get(fn);
  assert(found, `the plan calls an unknown aggregate function ${fn}`);
  return found;
}

/** The algebra of a call of SQL. */
export function aggregateOf(call: AggregateCall): Aggregate {
  const aggregate = functionOf(call).open(call);
  return call.distinct === undefined ? aggregate : overDistinct(valueType(call), aggregate);
}

/** The type of one value; that of a call with several arguments is a ROW of them. */
function valueType({ argumentType, more = [] }: AggregateCall): SqlType {
  assert(argumentType !== null, 'DISTINCT has an argument');
  if (more.length === 0) return argumentType;
  const types = [argumentType, ...more.map(({ type }) => type)];
  return { kind: 'ROW', fields: types.map((type, i) => ({ name: `f${i}`, type, nullable: true })) };
}

/** False for COUNT(*), since every pane counts its rows. */
export const hasAccumulator = (call: AggregateCall): boolean => call.argument !== null || call.filter !== undefined;

/** What the calls of an operator keep, each call with the place of its accumulator; DISTINCT calls of one set share it. */
function layoutOf(calls: readonly AggregateCall[], code: Aggregate = UNKNOWN_CODE): { readonly states: readonly AggregateState[]; readonly readers: readonly Reader[] } {
  const states: AggregateState[] = [];
  const readers = calls.filter(hasAccumulator).map((call): Reader => {
    const aggregate = call.fn === CODE ? code : aggregateOf(call);
    const shared = states.findIndex((state) => call.distinct !== undefined && call.distinct === state.call.distinct);
    const at = shared < 0 ? states.push({ name: call.distinct ?? call.name, aggregate, call }) - 1 : shared;
    const kept = states[at];
    // A set has NULL if any of its calls takes it; the others pass over it.
    if (kept !== undefined && aggregate.takesNull === true && kept.aggregate.takesNull !== true) states[at] = { ...kept, aggregate };
    return { at, aggregate };
  });
  return { states, readers };
}

interface Reader {
  readonly at: number;
  readonly aggregate: Aggregate;
}

/**
 * The accumulators of some calls, in the order in which `PaneColumns` holds them. `code` is the algebra of the function of the program that they call; without
 * it, its accumulators can be carried from one place to another, and no more.
 */
export const statesOf = (calls: readonly AggregateCall[], code?: Aggregate): readonly AggregateState[] => layoutOf(calls, code).states;

/** The results of the calls that have accumulators, from the accumulators of a pane. */
export function compileResults(calls: readonly AggregateCall[], code?: Aggregate): (accumulators: readonly Accumulator[]) => Value[] {
  const { readers } = layoutOf(calls, code);
  return (accumulators) => readers.map(({ at, aggregate }) => aggregate.result(accumulators[at]));
}

/** How the values of a row get into accumulators; null where each of them takes a column of the row, unless it is NULL. */
export function compileFeeds(states: readonly AggregateState[]): readonly Feed[] | null {
  const isPlain = ({ call, aggregate }: AggregateState): boolean => call.filter === undefined && call.more === undefined && aggregate.takesNull !== true;
  return states.every(isPlain) ? null : states.map(feedOf);
}

function feedOf({ call, aggregate }: AggregateState): Feed {
  const value = valueReader(call);
  const takesNull = aggregate.takesNull === true;
  const feed: Feed = (row) => {
    const given = value(row);
    return given === null && !takesNull ? undefined : given;
  };
  const { filter } = call;
  return filter === undefined ? feed : (row) => (row[filter] === true ? feed(row) : undefined);
}

/** COUNT(*) counts anything. */
function valueReader({ argument, more = [] }: AggregateCall): (row: Row) => Value {
  if (argument === null) return () => true;
  if (more.length === 0) return (row) => row[argument] ?? null;
  const columns = [argument, ...more.map(({ column }) => column)];
  return (row) => columns.map((column) => row[column] ?? null);
}
