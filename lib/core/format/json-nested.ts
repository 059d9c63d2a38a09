/** Nested values as JSON (RowDataToJsonConverters): arrays, objects of ROW fields, and objects of MAP and MULTISET entries, whose keys are strings. */
import { SluiceError } from '../errors.ts';
import { innerTypes, isNested, typeText, type NestedType, type RowField, type SqlType, type Value } from '../types.ts';
import { entriesOf, itemsOf, stringOf, type Present } from '../value-access.ts';

/** The JSON text of a value. */
export type JsonText = (value: Present) => string;

/** What the formats leave open. */
export interface NestedRules {
  /** The JSON of a value of an inner type. */
  readonly textOf: (type: SqlType) => JsonText;
  readonly quote: (text: string) => string;
  /** Fields of a ROW that are NULL are left out. */
  readonly omitsNulls: boolean;
  /** `map-null-key.mode`; a text stands for a key that is NULL. */
  readonly nullKeys: 'FAIL' | 'DROP' | { readonly literal: string };
}

/** Compiles the writer of a nested type. */
export function nestedJson(type: NestedType, rules: NestedRules): JsonText {
  if (type.kind === 'ROW') return objectText(type.fields, rules);
  if (type.kind === 'ARRAY') {
    const text = orNull(rules.textOf(type.element.type));
    return (value) => `[${itemsOf(value).map(text).join(',')}]`;
  }
  const [, inner] = innerTypes(type);
  return entriesText(orNull(rules.textOf(inner ?? type)), rules);
}

const orNull =
  (text: JsonText): ((value: Value) => string) =>
  (value) =>
    value === null ? 'null' : text(value);

function objectText(types: readonly RowField[], rules: NestedRules): JsonText {
  const fields = types.map(({ name, type }) => ({ label: `${rules.quote(name)}:`, text: orNull(rules.textOf(type)) }));
  return (value) => {
    const items = itemsOf(value);
    const texts = fields.flatMap(({ label, text }, i) => {
      const item = items[i] ?? null;
      return item === null && rules.omitsNulls ? [] : [label + text(item)];
    });
    return `{${texts.join(',')}}`;
  };
}

/** Of two entries with the same key the last counts, in the place of the first. */
function entriesText(text: (value: Value) => string, rules: NestedRules): JsonText {
  return (value) => {
    const texts = new Map<string, string>();
    for (const [key = null, item = null] of entriesOf(value)) {
      const name = key === null ? nullKey(rules) : stringOf(key);
      if (name !== null) texts.set(name, text(item));
    }
    return `{${Array.from(texts, ([name, json]) => `${rules.quote(name)}:${json}`).join(',')}}`;
  };
}

/** null: the entry is left out. */
function nullKey({ nullKeys }: NestedRules): string | null {
  if (nullKeys === 'DROP') return null;
  if (nullKeys !== 'FAIL') return nullKeys.literal;
  throw new SluiceError('SINK_UNAVAILABLE', {
    message: "JSON format doesn't support to serialize map data with null keys. You can drop null key entries or encode null in literals by specifying map-null-key.mode option.",
    hint: "cancel the job, and resume an older savepoint with 'json.map-null-key.mode' = 'DROP' or 'LITERAL' in the table",
  });
}

/** Why the format has no place for values of the type; null if it has one. */
export function jsonTypeProblem(type: SqlType): string | null {
  if (!isNested(type)) return null;
  const key = type.kind === 'MAP' ? type.key : type.kind === 'MULTISET' ? type.element : null;
  if (key !== null && key.type.kind !== 'CHAR' && key.type.kind !== 'VARCHAR') {
    return `JSON format doesn't support non-string as key type of map. The type is: ${typeText(type)}`;
  }
  return innerTypes(type).map(jsonTypeProblem).find((problem) => problem !== null) ?? null;
}
