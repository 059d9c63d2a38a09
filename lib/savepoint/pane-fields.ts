/** Key and value of a pane as JSON text, and back; compiled once per operator. */
import type { Key } from '../core/key.ts';
import type { JsonValue, WindowAggregateNode } from '../core/plan.ts';
import { CODE, UNKNOWN_CODE } from '../core/process/code-aggregate.ts';
import { isNested, type SqlType } from '../core/types.ts';
import { fieldOf, jsonField, storedField, type Field } from './field.ts';
import { keyFields, valueFields, type ValueField } from './schema.ts';

/** A field and its place in a JSON object. */
export interface NamedField extends Field {
  readonly name: string;
  /** `"name":` */
  readonly label: string;
}

export const named = (name: string, field: Field): NamedField => ({
  ...field,
  name,
  label: `${JSON.stringify(name)}:`,
});

/** Of a single key column that is nested, the key is JSON text; of one of a program, it may be. */
export function keyFieldsOf(node: WindowAggregateNode): NamedField[] {
  const fields = keyFields(node);
  return fields.map(({ name, type }) => named(name, fields.length === 1 ? onlyKeyField(type) : fieldOf(type)));
}

function onlyKeyField(type: SqlType): Field {
  if (type.kind === 'RAW') return rawKeyField;
  return isNested(type) ? textOf(fieldOf(type)) : fieldOf(type);
}

/** A key of a program: what JSON has a plain word for is itself, all else is JSON text, and so is a text that looks like it. */
export const rawKeyField: Field = {
  write: (key) => (typeof key === 'string' && IS_JSON.test(key) ? key : storedField.write(key)),
  read: (json) => {
    const stored = storedField.read(json);
    const isText = typeof stored === 'object' ? stored !== null : typeof stored === 'string' && IS_JSON.test(stored);
    return isText ? JSON.stringify(stored) : stored;
  },
};

const IS_JSON = /^[{["]/;

/** The field as the JSON text of what is stored. */
const textOf = ({ write, read }: Field): Field => ({
  write: (stored) => write(stored === null ? null : JSON.parse(String(stored))),
  read: (json) => {
    const stored = read(json);
    return stored === undefined || stored === null ? stored : JSON.stringify(stored);
  },
});

export const valueFieldsOf = (node: WindowAggregateNode): NamedField[] =>
  valueFields(node).map((field) => named(field.name, accumulatorField(field)));

function accumulatorField({ call, value, isAverage }: ValueField): Field {
  // A program has a form of its own for what it has lost.
  if (call.fn === CODE) return jsonField(UNKNOWN_CODE);
  return isAverage ? averageField(value) : fieldOf(value);
}

/** AVG: `{"sum":…,"count":…}`, or null where no value was seen. */
function averageField(sumType: SqlType): Field {
  const sum = fieldOf(sumType);
  const count = fieldOf({ kind: 'BIGINT' });
  return {
    write: (stored) => {
      if (!isObject(stored)) return 'null';
      return `{"sum":${sum.write(stored['sum'] ?? null)},"count":${count.write(stored['count'] ?? null)}}`;
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

const asKey = (stored: unknown): Key | undefined =>
  stored === null || typeof stored === 'string' || typeof stored === 'number' || typeof stored === 'boolean' ? stored : undefined;

/** `{"country":"DE"}`: the JSON text of a key. */
export function keyWriter(fields: readonly NamedField[]): (key: Key) => string {
  const [only, second] = fields;
  if (only !== undefined && second === undefined) return (key) => `{${only.label}${only.write(key)}}`;
  return (key) => {
    const stored: readonly JsonValue[] = JSON.parse(String(key));
    return `{${fields.map((field, i) => field.label + field.write(stored[i] ?? null)).join(',')}}`;
  };
}

/** The inverse of `keyWriter`, in the form of `keyCodec`; undefined if a field does not fit. */
export function keyReader(fields: readonly NamedField[]): (json: Readonly<Record<string, unknown>>) => Key | undefined {
  const [only, second] = fields;
  if (only !== undefined && second === undefined) return (json) => asKey(only.read(json[only.name]));
  return (json) => {
    const stored = fields.map((field) => field.read(json[field.name]));
    return stored.includes(undefined) ? undefined : JSON.stringify(stored);
  };
}
