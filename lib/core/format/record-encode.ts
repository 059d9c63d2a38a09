/** Keys and values of records as Flink's formats write them: `json` (RowDataToJsonConverters), `csv` (RowDataToCsvConverters) and `raw` (RawFormatSerializationSchema). */
import { toBase64 } from '../base64.ts';
import { dateText } from '../calendar.ts';
import { bigDecimalText, decimalText } from '../decimal.ts';
import { assert } from '../errors.ts';
import { floatText, doubleText } from '../float-text.ts';
import type { CsvWriteFormat, JsonWriteFormat, WriteFormat } from '../plan.ts';
import type { Column, Row, SqlType, Value } from '../types.ts';
import { bigintOf, bytesOf, numberOf, stringOf, type Present } from '../value-access.ts';
import { isoText, valueText } from '../value-text.ts';
import { compileCsvEncoder } from './csv-encode.ts';
import { nestedJson } from './json-nested.ts';
import { quoteText } from './json-text.ts';
import { compileRawEncoder } from './raw.ts';

/** A column of the rows under the name that it has in the record. */
export interface Field {
  readonly name: string;
  readonly index: number;
  readonly type: SqlType;
}

/** Bytes, or text that stands for its UTF-8; null where the record is to have none. */
export type Encoder = (row: Row) => string | Uint8Array | null;

export const fieldOf = (columns: readonly Column[], index: number, name?: string): Field => {
  const column = columns[index];
  assert(column, `a record names column ${index} of ${columns.length}`);
  return { name: name ?? column.name, index, type: column.type };
};

export function compileRecordEncoder(fields: readonly Field[], format: WriteFormat): Encoder {
  if (format.kind === 'json') return compileJson(fields, format);
  if (format.kind === 'csv') return compileCsv(fields, format);
  const [field, second] = fields;
  assert(field !== undefined && second === undefined, 'the raw format has one column');
  const encode = compileRawEncoder(field.type, format);
  return (row) => encode(row[field.index] ?? null);
}

function compileCsv(fields: readonly Field[], format: CsvWriteFormat): Encoder {
  const encode = compileCsvEncoder(fields.map(({ name, type }): Column => ({ name, type, nullable: true })), format);
  return (row) => encode(fields.map(({ index }) => row[index] ?? null));
}

function compileJson(fields: readonly Field[], format: JsonWriteFormat): Encoder {
  const parts = fields.map(({ name, index, type }) => ({ label: `${quoteText(name)}:`, index, encode: jsonOf(type, format) }));
  return (row) => {
    const texts: string[] = [];
    for (const { label, index, encode } of parts) {
      const value = row[index] ?? null;
      if (value !== null) texts.push(label + encode(value));
      else if (!format.omitsNulls) texts.push(`${label}null`);
    }
    return `{${texts.join(',')}}`;
  };
}

/** What writes a value as JSON. */
export function jsonOf(type: SqlType, format: JsonWriteFormat): (value: Present) => string {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return (value) => quoteText(stringOf(value));
    case 'BINARY':
    case 'VARBINARY':
      return (value) => `"${toBase64(bytesOf(value))}"`;
    case 'DECIMAL':
      if (format.plainDecimals) return (value) => decimalText(bigintOf(value), type.scale);
      return (value) => bigDecimalText(bigintOf(value), type.scale, false);
    case 'FLOAT':
      return (value) => numberText(floatText(numberOf(value)));
    case 'DOUBLE':
      return (value) => numberText(doubleText(numberOf(value)));
    case 'DATE':
      return (value) => `"${dateText(numberOf(value))}"`;
    case 'TIME':
      // Flink writes whole seconds whatever the precision of the column.
      return (value) => `"${valueText({ kind: 'TIME', precision: 0 }, value)}"`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timeOf(type, format);
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
    case 'ROW':
      return nestedJson(type, { textOf: (inner) => jsonOf(inner, format), quote: quoteText, omitsNulls: format.omitsNulls, nullKeys: format.nullKeys ?? 'FAIL' });
    default:
      return String;
  }
}

/** Jackson quotes what is no number in JSON. */
const numberText = (text: string): string => (/^-?\d/.test(text) ? text : `"${text}"`);

/** Fractions of a second have the digits that they need; TIMESTAMP_LTZ has a Z in either standard. Neighbouring rows mostly have the same times. */
function timeOf(type: SqlType, { timestampStandard }: JsonWriteFormat): (value: Present) => string {
  const zone = type.kind === 'TIMESTAMP_LTZ' ? 'Z' : '';
  const textOf = timestampStandard === 'SQL' ? valueText : isoText;
  let last: Value = null;
  let text = '';
  return (value) => {
    if (value === last) return text;
    last = value;
    text = `"${withoutTrailingZeros(textOf(type, value).replace('Z', ''))}${zone}"`;
    return text;
  };
}

const withoutTrailingZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
