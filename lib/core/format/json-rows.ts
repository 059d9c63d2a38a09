/** One JSON object to one row: a quick way for the records that are as expected, and a thorough way for all others. */
import type { JsonFormat } from '../plan.ts';
import { innerTypes, isNested, typeText, type Column, type SqlType, type Value } from '../types.ts';
import { fieldDecoder, fieldReader, type FieldDecoder } from './json-fields.ts';
import { compactText, excerptOf, firstValueText, isObject, parseExact, type JsonObject } from './json-text.ts';

export interface RowReader {
  /** The row that `fill` writes to, again and again. */
  readonly row: Value[];
  /** Decodes what JSON.parse gave into `row`; false if it takes `readRecord` to say what is in the record. */
  fill(json: unknown): boolean;
  /** All rows of the text of one record, or the message of what is wrong with it. */
  readRecord(text: string): Value[][] | string;
}

interface Field {
  readonly column: Column;
  readonly read: (object: JsonObject) => unknown;
  readonly decode: FieldDecoder;
  /** Of a record that is read thoroughly. */
  readonly decodeExact: FieldDecoder;
}

/** What is wrong with a field; never leaves this file. */
class FieldError extends Error {}

export function compileRows(columns: readonly Column[], format: JsonFormat): RowReader {
  const rules = { ...format, hasDecimal: columns.some(({ type }) => holdsDecimal(type)) };
  const fields = columns.map((column): Field => {
    const decodeExact = fieldDecoder(column.type, { ...rules, isThorough: true });
    return { column, read: fieldReader(column.name), decode: fieldDecoder(column.type, rules), decodeExact };
  });
  const row: Value[] = columns.map(() => null);
  return {
    row,
    fill: (json) => isObject(json) && fill(fields, json, row, format.failOnMissingField),
    readRecord: (text) => readRecord(fields, format, text),
  };
}

const holdsDecimal = (type: SqlType): boolean => (isNested(type) ? innerTypes(type).some(holdsDecimal) : type.kind === 'DECIMAL');

const TOO_DEEP = 'the document is nested too deeply';

/** Arrays in arrays without end leave no stack: the thorough way says so. Once per record: nothing here allocates but the values. */
function fill(fields: readonly Field[], object: JsonObject, row: Value[], failOnMissing: boolean): boolean {
  try {
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i];
      if (field === undefined) return false;
      const json = field.read(object);
      if (json === undefined && failOnMissing) return false;
      const value = json === undefined || json === null ? null : field.decode(json);
      if (value === undefined) return false;
      row[i] = value;
    }
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function readRecord(fields: readonly Field[], format: JsonFormat, text: string): Value[][] | string {
  try {
    return rowsOf(fields, format, parseRecord(text));
  } catch (error) {
    if (!(error instanceof FieldError) && !(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
    if (format.ignoreParseErrors) return [];
    return error instanceof RangeError ? TOO_DEEP : (unknownToken(text) ?? error.message);
  }
}

/** Jackson's message about a word that is no JSON. */
function unknownToken(text: string): string | null {
  const word = /^\s*(?!(?:true|false|null)\b)([A-Za-z_$][\w$]*)/.exec(text)?.[1];
  return word === undefined ? null : `Unrecognized token '${word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
}

function parseRecord(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return parseExact(firstValueText(text));
  }
}

/** An array at the top stands for several rows. */
function rowsOf(fields: readonly Field[], format: JsonFormat, json: unknown): Value[][] {
  const elements: readonly unknown[] = Array.isArray(json) ? json : [json];
  return elements.flatMap((element) => {
    if (isObject(element)) return [fields.map((field) => valueOf(field, element, format))];
    if (format.ignoreParseErrors) return [];
    throw new FieldError(`a JSON object is needed, not ${excerptOf(compactText(element))}`);
  });
}

function valueOf({ column, read, decodeExact }: Field, object: JsonObject, format: JsonFormat): Value {
  const json = read(object);
  if (json === undefined && format.failOnMissingField) {
    throw new FieldError(`Some field is missing in the JSON data. It is '${column.name}', and json.fail-on-missing-field is set`);
  }
  const value = json === undefined || json === null ? null : decodeExact(json);
  if (value !== undefined) return value;
  if (format.ignoreParseErrors) return null;
  const got = excerptOf(compactText(json));
  throw new FieldError(`Fail to deserialize at field: ${column.name}. ${got} cannot be read as ${typeText(column.type)}`);
}
