/** Values of a program as values of SQL types. Nothing is cut: a value that its column cannot hold is refused. */
// oxlint-disable no-restricted-globals -- a Date is a value here, never a clock
import { SluiceError } from '../../core/errors.ts';
import { isNanos, LENGTH_MAX, typeText, type Column, type Inner, type SqlType, type Value } from '../../core/types.ts';
import { fitsPrecision, parseDecimal, pow10 } from '../../core/decimal.ts';
import { epochMsOf } from '../source/instant.ts';

/** The value of a column. FUNCTION_THREW, naming the column, for one that is missing or of another type. */
export function columnValue(where: string, { name, type, nullable }: Column, value: unknown): Value {
  return checked(where, name, { type, nullable }, value);
}

function checked(where: string, path: string, { type, nullable }: Inner, value: unknown): Value {
  if (value === null || value === undefined) return nullable ? null : refused(where, path, 'is NOT NULL, and there is no value');
  return valueIn(type, value, (inner, item, step) => checked(where, `${path}${step}`, inner, item)) ?? refused(where, path, `is ${typeText(type)}, which ${shown(value)} is not`);
}

type Within = (inner: Inner, item: unknown, step: string) => Value;

/** null for a value that is none of the type. */
function valueIn(type: SqlType, value: unknown, within: Within): Value {
  switch (type.kind) {
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : null;
    case 'TINYINT':
      return wholeNumber(value, 7);
    case 'SMALLINT':
      return wholeNumber(value, 15);
    case 'INT':
      return wholeNumber(value, 31);
    case 'BIGINT':
      return bigint(value);
    case 'FLOAT':
    case 'DOUBLE':
      return typeof value === 'number' ? value : null;
    default:
      return otherValue(type, value, within);
  }
}

function otherValue(type: SqlType, value: unknown, within: Within): Value {
  switch (type.kind) {
    case 'DECIMAL':
      return decimal(type, value);
    case 'CHAR':
    case 'VARCHAR':
      return typeof value === 'string' && (type.length === LENGTH_MAX || [...value].length <= type.length) ? value : null;
    case 'BINARY':
    case 'VARBINARY':
      return value instanceof Uint8Array && value.length <= type.length ? value : null;
    case 'DATE':
      return dateValue(value);
    case 'TIME':
      return timeOfDay(value);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestamp(type, value);
    default:
      return collection(type, value, within);
  }
}

function collection(type: SqlType, value: unknown, within: Within): Value {
  switch (type.kind) {
    case 'ARRAY':
      return Array.isArray(value) ? value.map((item, i) => within(type.element, item, `[${i}]`)) : null;
    case 'MAP':
      return entriesOf(value)?.map(([key, item]) => [within(type.key, key, ' (key)'), within(type.value, item, `[${String(key)}]`)]) ?? null;
    case 'ROW': {
      const fields = isObject(value) ? new Map(Object.entries(value)) : null;
      return fields === null ? null : type.fields.map((field) => within(field, fields.get(field.name), `.${field.name}`));
    }
    default:
      return null;
  }
}

/** Of so many bits beside the sign. */
function wholeNumber(value: unknown, bits: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** bits) && value < 2 ** bits ? value : null;
}

function bigint(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? value : null;
}

/** A number by its shortest text, as Java's BigDecimal.valueOf takes it; digits that the scale has no place for are rounded, as CAST does. */
function decimal({ precision, scale }: Extract<SqlType, { kind: 'DECIMAL' }>, value: unknown): bigint | null {
  if (typeof value === 'bigint') return inPrecision(value * pow10(scale), precision);
  return typeof value === 'number' || typeof value === 'string' ? inPrecision(parseDecimal(String(value), scale), precision) : null;
}

const inPrecision = (unscaled: bigint | null, precision: number): bigint | null => (unscaled !== null && fitsPrecision(unscaled, precision) ? unscaled : null);

const DAY_MS = 86_400_000;

function dateValue(value: unknown): number | null {
  const ms = instant(value);
  return ms === null ? null : Math.floor(ms / DAY_MS);
}

function timestamp(type: SqlType, value: unknown): Value {
  const ms = instant(value);
  return ms !== null && isNanos(type) ? BigInt(ms) * 1_000_000n : ms;
}

function instant(value: unknown): number | null {
  if (typeof value !== 'number' && typeof value !== 'string' && !(value instanceof Date)) return null;
  try {
    return epochMsOf(value);
  } catch {
    return null;
  }
}

/** Milliseconds of the day, or `12:34:56.789`. */
function timeOfDay(value: unknown): number | null {
  const ms = typeof value === 'string' ? instant(`1970-01-01T${value}`) : value;
  return typeof ms === 'number' && Number.isInteger(ms) && ms >= 0 && ms < DAY_MS ? ms : null;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

function entriesOf(value: unknown): [unknown, unknown][] | null {
  if (value instanceof Map) return [...value];
  return isObject(value) ? Object.entries(value) : null;
}

const SHOWN_CHARS = 100;

function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? typeof value);
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}…`;
}

function refused(where: string, path: string, why: string): never {
  throw new SluiceError('FUNCTION_THREW', {
    message: `${where}: column ${path} ${why}`,
    hint: 'give the sink what its columns take, or declare other columns',
    details: { uid: where, column: path },
  });
}
