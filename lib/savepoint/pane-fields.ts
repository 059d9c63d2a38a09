/** Key and value of a pane as JSON text, and back; compiled once per operator. */
import type { Key } from '../core/key.ts';
import type { JsonValue, WindowAggregateNode } from '../core/plan.ts';
import type { SqlType } from '../core/types.ts';
import { fieldOf, type Field } from './field.ts';
import { keyFields, valueFields } from './schema.ts';

/** A field and its place in a JSON object. */
export interface NamedField<Stored extends JsonValue = Key> extends Field<Stored> {
  readonly name: string;
  /** `"name":` */
  readonly label: string;
}

export const named = <Stored extends JsonValue>(name: string, field: Field<Stored>): NamedField<Stored> => ({
  ...field,
  name,
  label: `${JSON.stringify(name)}:`,
});

export const keyFieldsOf = (node: WindowAggregateNode): NamedField[] => keyFields(node).map(({ name, type }) => named(name, fieldOf(type)));

export const valueFieldsOf = (node: WindowAggregateNode): NamedField<JsonValue>[] =>
  valueFields(node).map(({ name, value, isAverage }) => named(name, isAverage ? averageField(value) : accumulatorField(value)));

/** An accumulator that is one value. */
function accumulatorField(type: SqlType): Field<JsonValue> {
  const field = fieldOf(type);
  return { write: (stored) => field.write(asScalar(stored)), read: (json) => field.read(json) };
}

/** AVG: `{"sum":…,"count":…}`, or null where no value was seen. */
function averageField(sumType: SqlType): Field<JsonValue> {
  const sum = fieldOf(sumType);
  const count = fieldOf({ kind: 'BIGINT' });
  return {
    write: (stored) => {
      if (!isObject(stored)) return 'null';
      return `{"sum":${sum.write(asScalar(stored['sum']))},"count":${count.write(asScalar(stored['count']))}}`;
    },
    read: (json) => {
      if (json === null) return null;
      if (!isObject(json)) return undefined;
      const pair = { sum: sum.read(json['sum']), count: count.read(json['count']) };
      return pair.sum === undefined || typeof pair.count !== 'number' ? undefined : { sum: pair.sum, count: pair.count };
    },
  };
}

export const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** A stored value is a scalar wherever its type is not AVG's pair. */
export const asScalar = (stored: unknown): Key =>
  typeof stored === 'string' || typeof stored === 'number' || typeof stored === 'boolean' ? stored : null;

/** `{"country":"DE"}`: the JSON text of a key. */
export function keyWriter(fields: readonly NamedField[]): (key: Key) => string {
  const [only, second] = fields;
  if (only !== undefined && second === undefined) return (key) => `{${only.label}${only.write(key)}}`;
  return (key) => {
    const stored: readonly Key[] = JSON.parse(String(key));
    return `{${fields.map((field, i) => field.label + field.write(stored[i] ?? null)).join(',')}}`;
  };
}

/** The inverse of `keyWriter`, in the form of `keyCodec`; undefined if a field does not fit. */
export function keyReader(fields: readonly NamedField[]): (json: Readonly<Record<string, unknown>>) => Key | undefined {
  const [only, second] = fields;
  if (only !== undefined && second === undefined) return (json) => only.read(json[only.name]);
  return (json) => {
    const stored = fields.map((field) => field.read(json[field.name]));
    return stored.includes(undefined) ? undefined : JSON.stringify(stored);
  };
}
