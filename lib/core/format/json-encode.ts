/**
 * Rows as NDJSON lines that any reader takes: BIGINT as exact integer, DECIMAL as text with its scale, timestamps in ISO-8601
 * with all digits of their precision (`Z` for TIMESTAMP_LTZ), non-finite numbers as text, bytes as base64, halves of surrogate pairs as U+FFFD,
 * ROW, MAP and MULTISET as objects.
 */
import { toBase64 } from '../base64.ts';
import { floatAsDouble } from '../float-text.ts';
import type { Column, Row, SqlType, Value } from '../types.ts';
import { bytesOf, numberOf, stringOf, type Present } from '../value-access.ts';
import { isoText } from '../value-text.ts';
import { nestedJson, type NestedRules } from './json-nested.ts';

/** Compiles the encoder of rows with these columns: one JSON object, without a newline. NULL is written as null. */
export function compileJsonEncoder(columns: readonly Column[]): (row: Row) => string {
  const fields = columns.map((column, index) => {
    const label = `${JSON.stringify(column.name)}:`;
    const encode = encoderOf(column.type);
    return (row: Row): string => {
      const value = row[index] ?? null;
      return label + (value === null ? 'null' : encode(value));
    };
  });
  return (row) => `{${fields.map((field) => field(row)).join(',')}}`;
}

function encoderOf(type: SqlType): (value: Present) => string {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return String;
    case 'FLOAT':
      return (value) => numberJson(floatAsDouble(numberOf(value)));
    case 'DOUBLE':
      return (value) => numberJson(numberOf(value));
    case 'CHAR':
    case 'VARCHAR':
      return (value) => quote(stringOf(value));
    case 'BINARY':
    case 'VARBINARY':
      return (value) => `"${toBase64(bytesOf(value))}"`;
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
    case 'ROW':
      return nestedJson(type, NESTED);
    default:
      return lastRemembered((value) => `"${isoText(type, value)}"`);
  }
}

const quote = (text: string): string => JSON.stringify(text.toWellFormed());

/** A key that is NULL is written as `null`: a file cannot refuse a row. */
const NESTED: NestedRules = { textOf: encoderOf, quote, omitsNulls: false, nullKeys: { literal: 'null' } };

/** Times of neighbouring rows are mostly the same: all rows of a window carry its bounds. */
function lastRemembered(encode: (value: Present) => string): (value: Present) => string {
  let last: Value = null;
  let text = '';
  return (value) => {
    if (value !== last) {
      text = encode(value);
      last = value;
    }
    return text;
  };
}

function numberJson(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}
