/**
 * One JSON field to one value, compiled per column. The rules are those of Flink's JsonParserToRowDataConverters, which is
 * lenient: numeric strings become numbers, any JSON becomes a STRING, any text that is not `true` is FALSE.
 */
import { fromBase64 } from '../base64.ts';
import { fitsPrecision, parseDecimal, parseTruncated } from '../decimal.ts';
import { SluiceError } from '../errors.ts';
import { binaryStringHash, inHashOrder } from '../java/hash-map.ts';
import { parseDate, parseTime, timestampParser, withNanos } from '../parse-time.ts';
import type { JsonFormat } from '../plan.ts';
import { INT, innerTypes, isNanos, isNested, typeText, wrapBigint, type RowField, type SqlType, type Value } from '../types.ts';
import { isReordered } from './json-order.ts';
import { NumberText, compactText, isObject, numberText, type JsonObject } from './json-text.ts';

/**
 * Gives the value of a field that is present and not null. `undefined` says that it cannot: the field does not fit the
 * column, or a number must be read as it was written and did not come as a NumberText.
 */
export type FieldDecoder = (json: unknown) => Value | undefined;

/** True if a long number in the record may lose digits in this column when it goes through a double. */
export function losesDigits(type: SqlType): boolean {
  return isNested(type) ? innerTypes(type).some(losesDigits) : type.kind === 'BIGINT' || type.kind === 'DECIMAL';
}

/** How a format reads; `isThorough`: all numbers come as NumberText, so that what is undefined does not fit, and may be ignored. */
export interface FieldRules extends JsonFormat {
  readonly isThorough?: boolean;
  /** Of all columns: with a DECIMAL among them the tree keeps fractions exact. */
  readonly hasDecimal?: boolean;
}

/** The decoder of a column of this type; it takes what JSON.parse gives as well as what `parseExact` gives. */
export function fieldDecoder(type: SqlType, format: FieldRules): FieldDecoder {
  switch (type.kind) {
    case 'BOOLEAN':
      return decodeBoolean;
    case 'TINYINT':
      return wholeOnly(integerDecoder(-128, 127));
    case 'SMALLINT':
      return wholeOnly(integerDecoder(-32768, 32767));
    case 'INT':
    case 'INTERVAL_YEAR':
      return integerDecoder(-2147483648, 2147483647);
    case 'INTERVAL_DAY':
      return integerDecoder(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    case 'BIGINT':
      return decodeBigint;
    case 'FLOAT':
      return (json) => toFloat(decodeDouble(json));
    case 'DOUBLE':
      return decodeDouble;
    case 'DECIMAL':
      return (json) => decodeDecimal(json, type.precision, type.scale);
    case 'CHAR':
    case 'VARCHAR':
      return stringDecoder(format.usesTree === true, format.hasDecimal === true);
    case 'BINARY':
    case 'VARBINARY':
      return (json) => (typeof json === 'string' ? (fromBase64(json) ?? undefined) : undefined);
    case 'DATE':
      return (json) => numberFrom(json, parseDate);
    case 'TIME':
      // Flink keeps whole seconds whatever the precision of the column.
      return (json) => toWholeSeconds(numberFrom(json, parseTime));
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestampDecoder(type, format);
    case 'ARRAY':
      return arrayDecoder(innerDecoder(type.element.type, format));
    case 'MULTISET':
      return mapDecoder(innerDecoder(INT, format));
    case 'MAP':
      return mapDecoder(innerDecoder(type.value.type, format));
    case 'ROW':
      return rowDecoder(type.fields, format);
    default:
      throw new SluiceError('SQL_UNSUPPORTED', { message: `the json format has no type ${typeText(type)}` });
  }
}

/** The decoder of a part: null is NULL, and so is a part that does not fit, if that may be ignored. */
function innerDecoder(type: SqlType, format: FieldRules): FieldDecoder {
  const decode = fieldDecoder(type, format);
  if (format.isThorough !== true || !format.ignoreParseErrors) return (json) => (json === null ? null : decode(json));
  return (json) => (json === null ? null : (decode(json) ?? null));
}

function arrayDecoder(decode: FieldDecoder): FieldDecoder {
  return (json) => {
    if (!Array.isArray(json)) return undefined;
    const items: Value[] = [];
    for (const element of json) {
      const item = decode(element);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  };
}

/** The entries have the order that Flink's HashMap gives them. */
function mapDecoder(decode: FieldDecoder): FieldDecoder {
  return (json) => {
    if (!isObject(json)) return undefined;
    const entries: Value[] = [];
    for (const [key, element] of inHashOrder(Object.entries(json), hashOfKey)) {
      const value = decode(element);
      if (value === undefined) return undefined;
      entries.push([key, value]);
    }
    return entries;
  };
}

const hashOfKey = ([key]: readonly [string, unknown]): number => binaryStringHash(key);

function rowDecoder(types: readonly RowField[], format: FieldRules): FieldDecoder {
  const fields = types.map(({ name, type }) => ({ read: fieldReader(name), decode: innerDecoder(type, format) }));
  return (json) => {
    if (!isObject(json)) return undefined;
    const row: Value[] = [];
    for (const { read, decode } of fields) {
      const field = read(json);
      if (field === undefined && format.failOnMissingField) return undefined;
      const value = decode(field ?? null);
      if (value === undefined) return undefined;
      row.push(value);
    }
    return row;
  };
}

/** A name that every object inherits, such as `constructor`, is only read from the record itself. */
export function fieldReader(name: string): (object: JsonObject) => unknown {
  if (name in Object.prototype) return (object) => (Object.hasOwn(object, name) ? object[name] : undefined);
  return (object) => object[name];
}

/** String.trim of Java: everything up to the space. */
const trim = (text: string): string => text.replace(/^[\0- ]+|[\0- ]+$/g, '');

/** The text of a number or string; undefined for all other JSON. */
function scalarText(json: unknown): string | undefined {
  if (typeof json === 'string') return trim(json);
  if (json instanceof NumberText) return json.text;
  return typeof json === 'number' ? String(json) : undefined;
}

function decodeBoolean(json: unknown): boolean {
  if (typeof json === 'boolean') return json;
  return scalarText(json)?.toLowerCase() === 'true';
}

const INTEGER = /^[+-]?\d+$/;

function integerDecoder(min: number, max: number): FieldDecoder {
  return (json) => {
    const text = typeof json === 'number' ? undefined : scalarText(json);
    if (typeof json === 'string' && (text === undefined || !INTEGER.test(text))) return undefined;
    const number = Math.trunc(typeof json === 'number' ? json : Number(text ?? NaN));
    // Adding 0 turns -0 into 0.
    return number >= min && number <= max ? number + 0 : undefined;
  };
}

/** Byte.parseByte and Short.parseShort take no fractions, not even those of 0. */
const wholeOnly =
  (decode: FieldDecoder): FieldDecoder =>
  (json) =>
    (typeof json === 'number' && !Number.isInteger(json)) || (json instanceof NumberText && !INTEGER.test(json.text)) ? undefined : decode(json);

function decodeBigint(json: unknown): bigint | undefined {
  if (typeof json === 'number') return Number.isFinite(json) ? inRange(BigInt(Math.trunc(json))) : undefined;
  const text = scalarText(json);
  if (text === undefined || (typeof json === 'string' && !INTEGER.test(text))) return undefined;
  return inRange(parseTruncated(text) ?? undefined);
}

const inRange = (value: bigint | undefined): bigint | undefined =>
  value !== undefined && wrapBigint(value) === value ? value : undefined;

const JAVA_DOUBLE = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)$/;

function decodeDouble(json: unknown): number | undefined {
  if (typeof json === 'number') return json;
  const text = scalarText(json);
  if (text === undefined || !JAVA_DOUBLE.test(text)) return undefined;
  return text.endsWith('NaN') ? NaN : parseFloat(text);
}

const toFloat = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.fround(value));

const JAVA_DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A number with more digits than the column has is NULL even in strict mode (DecimalData.fromBigDecimal). */
function decodeDecimal(json: unknown, precision: number, scale: number): Value | undefined {
  if (typeof json === 'number' && !Number.isFinite(json)) return null;
  const text = scalarText(json);
  if (text === undefined || !JAVA_DECIMAL.test(text)) return undefined;
  const unscaled = parseDecimal(text, scale);
  return unscaled !== null && fitsPrecision(unscaled, precision) ? unscaled : null;
}

/**
 * Numbers are kept as they were written, so they must come from `parseExact`, also inside of objects and arrays. A tree has made doubles of all fractions, or
 * decimals without trailing zeros, and what stands inside of objects and arrays becomes a tree in any case.
 */
function stringDecoder(usesTree: boolean, hasDecimal: boolean): FieldDecoder {
  return (json) => {
    if (typeof json === 'string') return json;
    if (typeof json === 'boolean') return String(json);
    if (json instanceof NumberText) return usesTree ? numberText(json.text, hasDecimal) : json.text;
    return isInexact(json) ? undefined : compactText(json, hasDecimal);
  };
}

/** True if a number somewhere inside came through a double, or keys stand in another order. */
function isInexact(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || json instanceof NumberText) return typeof json === 'number';
  return (isObject(json) && isReordered(json)) || Object.values(json).some(isInexact);
}

function numberFrom(json: unknown, parse: (text: string) => number): number | undefined {
  const number = typeof json === 'string' ? parse(json) : NaN;
  return Number.isNaN(number) ? undefined : number;
}

const toWholeSeconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms - (ms % 1000));

function timestampDecoder(type: SqlType, format: JsonFormat): FieldDecoder {
  const iso = format.timestampStandard === 'ISO-8601';
  const zone = type.kind === 'TIMESTAMP_LTZ';
  // Only ISO_LOCAL_DATE_TIME itself resolves strictly; the formatters that Flink builds do not.
  const parse = timestampParser({ separator: iso ? 'T' : ' ', optionalSeconds: iso, zone, smart: zone || !iso });
  if (!isNanos(type)) return (json) => numberFrom(json, parse);
  return (json) => {
    const ms = numberFrom(json, parse);
    return ms === undefined || typeof json !== 'string' ? undefined : withNanos(json, ms);
  };
}
