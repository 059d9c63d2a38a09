/**
 * Fields of a line (protocol 14.2): from a value as `encodeValue` stores it to JSON for people, and back. The two differ in large
 * integers, which are numbers here, and in times, which are ISO 8601 in UTC.
 */
import { dateText, NANOS_PER_MS, timestampText, timeText } from '../core/calendar.ts';
import { isError } from '../core/errors.ts';
import type { Key } from '../core/key.ts';
import { parseDate, parseTime, timestampParser, withNanos } from '../core/parse-time.ts';
import type { JsonValue } from '../core/plan.ts';
import { innerTypes, isNanos, isNested, wrapBigint, type NestedType, type SqlType } from '../core/types.ts';
import { decodeStored, encodeStored } from '../core/stored-value.ts';
import { decodeValue, encodeValue } from '../core/value-codec.ts';
import type { StoredForm } from '../core/window/pane.ts';

/** One stored value of a type that is not nested. */
type Scalar = Key;

export interface Field<Stored extends JsonValue = JsonValue> {
  /** JSON text of a stored value. */
  write(stored: Stored): string;
  /**
   * The stored value of what JSON.parse or `parseExact` gives. `undefined` says that it does not fit the type, or that JSON.parse has
   * lost digits of it.
   */
  read(json: unknown): Stored | undefined;
}

export function fieldOf(type: SqlType): Field {
  if (type.kind === 'RAW') return storedField;
  return isNested(type) ? nestedField(type) : loose(scalarField(type));
}

/** What is stored as JSON, and is it here too. */
export const jsonField = (form: StoredForm): Field => ({
  write: (stored) => JSON.stringify(stored),
  read: (json) => (isJson(json) ? storedForm(form, json) : undefined),
});

/** A value of a program. */
export const storedField: Field = jsonField({ encode: encodeStored, decode: decodeStored });

/** As `encode` writes it; undefined for objects that it does not: with `$` in front of a key that stands for no value. */
function storedForm({ encode, decode }: StoredForm, json: JsonValue): JsonValue | undefined {
  if (json === null || typeof json !== 'object') return json;
  try {
    return encode(decode(json));
  } catch (error) {
    if (isError(error, 'STORE_CORRUPT')) return undefined;
    throw error;
  }
}

/** True for all that comes out of a parser of JSON. */
const isJson = (json: unknown): json is JsonValue => json !== undefined;

/** What is no scalar is none of its values. */
const loose = ({ write, read }: Field<Scalar>): Field => ({ write: (stored) => write(isScalar(stored) ? stored : null), read });

/** Lists, as they are stored, of the forms that the inner types have. */
function nestedField(type: NestedType): Field {
  if (type.kind === 'ARRAY') return listField(fieldOf(type.element.type));
  const tuple = tupleField(innerTypes(type).map(fieldOf));
  return type.kind === 'ROW' ? tuple : listField(tuple);
}

const listField = (inner: Field): Field => partsField(() => inner);

const tupleField = (fields: readonly Field[]): Field => partsField((i) => fields[i], fields.length);

function partsField(fieldAt: (i: number) => Field | undefined, count?: number): Field {
  return {
    write: (stored) => (isList(stored) ? `[${stored.map((part, i) => fieldAt(i)?.write(part) ?? 'null').join(',')}]` : 'null'),
    read: (json) => {
      if (json === null) return null;
      if (!Array.isArray(json) || (count !== undefined && json.length !== count)) return undefined;
      const parts = json.map((part: unknown, i) => fieldAt(i)?.read(part));
      return parts.every((part) => part !== undefined) ? parts : undefined;
    },
  };
}

const isList = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);

function scalarField(type: SqlType): Field<Scalar> {
  switch (type.kind) {
    case 'BIGINT':
      return bigintField;
    case 'DATE':
      return timeField((days) => dateText(Number(days)), 'YYYY-MM-DD', numberFrom(parseDate));
    case 'TIME':
      return timeField((ms) => timeText(BigInt(ms) * NANOS_PER_MS, 3), 'hh:mm:ss.mmm', numberFrom(parseTime));
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return isNanos(type) ? nanosField(type) : instantField;
    default:
      return plainField(type);
  }
}

/** NULL, and JSON that cannot be a scalar, are the same for every type. */
function nullable(write: (stored: string | number | boolean) => string, read: (json: string | number | boolean) => Scalar | undefined): Field<Scalar> {
  return {
    write: (stored) => (stored === null ? 'null' : write(stored)),
    read: (json) => (isScalar(json) ? read(json) : json === null ? null : undefined),
  };
}

const isScalar = (json: unknown): json is string | number | boolean =>
  typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean';

/** Types whose stored form is their form in a line. */
function plainField(type: SqlType): Field<Scalar> {
  const isText = type.kind === 'VARCHAR' || type.kind === 'CHAR';
  const isDouble = type.kind === 'FLOAT' || type.kind === 'DOUBLE';
  return nullable(JSON.stringify, (json) => {
    if (isText) return typeof json === 'string' ? json : undefined;
    const stored = restored(type, json);
    // `parseExact` gives a large number of a DOUBLE as text, if it is written without an exponent.
    return stored === undefined && isDouble && typeof json === 'string' && INTEGER.test(json) ? Number(json) : stored;
  });
}

/** What is stored for a value that was read, in its one form. */
function restored(type: SqlType, json: JsonValue): Scalar | undefined {
  try {
    const stored = encodeValue(type, decodeValue(type, json));
    return isScalar(stored) ? stored : undefined;
  } catch (error) {
    if (isError(error, 'STORE_CORRUPT')) return undefined;
    throw error;
  }
}

const INTEGER = /^-?\d+$/;

/** Exact, whatever its size: `parseExact` gives a large one as text, and JSON.parse gives one that is not safe. */
const bigintField: Field<Scalar> = nullable(String, (json) => {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? json : undefined;
  if (typeof json !== 'string' || !INTEGER.test(json)) return undefined;
  const value = BigInt(json);
  return wrapBigint(value) === value ? restored({ kind: 'BIGINT' }, json) : undefined;
});

/**
 * A time that is stored as an integer. One that the ISO form cannot show, of a year before 0 or after 9999, is written as that integer;
 * `form` is as long as the others.
 */
function timeField(toText: (stored: string | number) => string, form: string, parse: (text: string) => Scalar | undefined): Field<Scalar> {
  return nullable(
    (stored) => {
      if (typeof stored === 'boolean') return String(stored);
      const text = toText(stored);
      return text.length === form.length ? `"${text}"` : String(stored);
    },
    (json) => {
      if (typeof json === 'number') return bigintField.read(json);
      if (typeof json !== 'string') return undefined;
      return INTEGER.test(json) ? bigintField.read(json) : parse(json);
    },
  );
}

const numberFrom =
  (parse: (text: string) => number) =>
  (text: string): number | undefined => {
    const value = parse(text);
    return Number.isNaN(value) ? undefined : value;
  };

const parseUtc = numberFrom(timestampParser({ separator: 'T', optionalSeconds: false, zone: true, smart: false }));

/** Epoch milliseconds as `2026-11-20T10:00:00.000Z`. */
export const instantText = (ms: number): string => `${timestampText(BigInt(ms) * NANOS_PER_MS, 3, 'T')}Z`;

/** The inverse of `instantText`; undefined for any other text. */
export const parseInstant = (text: string): number | undefined => parseUtc(text);

const instantField = timeField((ms) => instantText(Number(ms)), 'YYYY-MM-DDThh:mm:ss.mmmZ', parseUtc);

/** Timestamps of more than three digits, stored as epoch nanoseconds. */
function nanosField(type: SqlType): Field<Scalar> {
  return timeField(
    (nanos) => `${timestampText(BigInt(nanos), 9, 'T')}Z`,
    'YYYY-MM-DDThh:mm:ss.mmmuuunnnZ',
    (text) => {
      const ms = parseUtc(text);
      if (ms === undefined) return undefined;
      const stored = encodeValue(type, withNanos(text, ms));
      return isScalar(stored) ? stored : undefined;
    },
  );
}
