/** Schemas of keyed state: they name columns, not classes, so that a savepoint can be read without the program that wrote it (V4). */
import { statesOf } from '../core/aggregates/states.ts';
import type { AggregateCall, WindowAggregateNode, WindowSpec } from '../core/plan.ts';
import { CODE } from '../core/process/code-aggregate.ts';
import { typeText, type Column, type SqlType } from '../core/types.ts';
import type { Codec } from '../ports/runtime.ts';
import { canonicalJson } from './canonical-json.ts';
import type { FunctionSchema } from './function-state.ts';

/** Name of the one state of a windowed aggregation. */
export const PANES = 'acc';
/** Name of the rows of FIRE f that a sink has not confirmed (F14). */
export const PENDING = 'pending';

/** The field of `value` that counts the rows of a pane, and with them COUNT(*). */
export const ROWS = 'rows';

/** What one pane is made of; states of equal schema restore into each other, those of other values by `evolvePanes`. */
export interface StateSchema {
  readonly key: readonly { readonly name: string; readonly type: string }[];
  readonly value: readonly { readonly name: string; readonly type: string; readonly aggregate?: string }[];
  /** Part of every key: panes of other windows mean something else. */
  readonly window: WindowSpec;
  /** Absent for event time. */
  readonly time?: 'processing';
}

/** A field of a line and the type behind it. */
export interface KeyField {
  readonly name: string;
  readonly type: SqlType;
}

/** `value` is what one accumulator is stored as: a single value, or for AVG `{sum, count}` with a sum of this type. */
export interface ValueField {
  readonly name: string;
  readonly call: AggregateCall;
  readonly value: SqlType;
  readonly isAverage: boolean;
}

export const keyColumns = (node: WindowAggregateNode): readonly Column[] => node.columns.slice(0, node.keys.length);

export function keyFields(node: WindowAggregateNode): KeyField[] {
  const columns = keyColumns(node);
  const names = distinct(columns.map((c) => c.name));
  return columns.map((c, i) => ({ name: names[i] ?? c.name, type: c.type }));
}

/** The aggregates with an accumulator of their own, in the order of `PaneColumns.accumulators`. */
export function valueFields(node: WindowAggregateNode): ValueField[] {
  const states = statesOf(node.aggregates);
  const [, ...names] = distinct([ROWS, ...states.map(({ name }) => name)]);
  return states.map(({ name, call, aggregate }, i) => ({ name: names[i] ?? name, call, value: aggregate.stored, isAverage: call.fn === 'AVG' && call.distinct === undefined }));
}

/** Windows in which a function of the program aggregates; what it keeps is JSON all the same. */
export const isOfProgram = ({ aggregates }: WindowAggregateNode): boolean => aggregates.some(({ fn }) => fn === CODE);

/** SQL lets two columns share a name, and one be called `rows`; a JSON object does not. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
    taken.add(free);
    return free;
  });
}

export function schemaOf(node: WindowAggregateNode): StateSchema {
  const values = valueFields(node).map((field) => ({ name: field.name, type: valueText(field), aggregate: functionText(field) }));
  return {
    key: keyFields(node).map(({ name, type }) => ({ name, type: typeText(type) })),
    value: [{ name: ROWS, type: 'BIGINT' }, ...values],
    window: node.window,
    ...(node.timeColumn === null && node.window.kind !== 'unbounded' ? { time: 'processing' } : {}),
  };
}

/** What a field is kept for: of a set of different values, DISTINCT, whatever functions read it. */
export const functionText = ({ call }: ValueField): string => (call.distinct === undefined ? call.fn : 'DISTINCT');

/** The type of a field in `value`. */
export const valueText = ({ value, isAverage }: ValueField): string =>
  isAverage ? `ROW<sum ${typeText(value)}, count BIGINT>` : typeText(value);

/** `schemaId`: SHA-256 of the schema in canonical JSON. */
export const schemaId = (schema: StateSchema | FunctionSchema, codec: Codec): string => `sha256:${codec.sha256(canonicalJson(schema))}`;
