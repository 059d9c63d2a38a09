/** Schemas of keyed state: they name columns, not classes, so that a savepoint can be read without the program that wrote it. */
import type { AggregateCall, JsonValue, WindowAggregateNode } from '../core/plan.ts';
import { typeText } from '../core/types.ts';
import type { Codec } from '../ports/runtime.ts';

/** Name of the one state of a windowed aggregation. */
export const PANES = 'acc';

export interface StateSchema {
  readonly key: JsonValue;
  readonly value: JsonValue;
  /** SHA-256 of both in canonical JSON: equal schemas restore into each other (V4). */
  readonly schemaId: string;
}

export function schemaOf(node: WindowAggregateNode, codec: Codec): StateSchema {
  const key = node.columns.slice(0, node.keys.length).map((c) => ({ name: c.name, type: typeText(c.type) }));
  const value = [{ name: 'rows', type: 'BIGINT' }, ...storedCalls(node).map((call) => ({ name: call.name, type: accumulatorType(call) }))];
  return { key, value, schemaId: `sha256:${codec.sha256(canonicalJson({ key, value }))}` };
}

/** Aggregates with an accumulator of their own; COUNT(*) is `rows`. */
export const storedCalls = (node: WindowAggregateNode): readonly AggregateCall[] => node.aggregates.filter((call) => call.argument !== null);

function accumulatorType(call: AggregateCall): string {
  const argument = call.argumentType === null ? '' : typeText(call.argumentType);
  return `${call.fn}(${argument}) ${typeText(call.type)}`;
}

/** JSON with sorted keys and no spaces: the same value gives the same bytes. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, v]) => v !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, v]) => `${JSON.stringify(name)}:${canonicalJson(v)}`).join(',')}}`;
}
