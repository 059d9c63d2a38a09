/**
 * Rows as lines of CSV, as Flink's `csv` format writes values (RowDataToCsvConverters): no header, times as SQL has them, bytes as base64,
 * DECIMAL without trailing zeros; one without whole digits never has an exponent, with which DuckDB does not read it. Values are quoted where they need it, and the empty text always, so that it is not NULL.
 */
import { toBase64 } from '../base64.ts';
import { dateText } from '../calendar.ts';
import { bigDecimalText } from '../decimal.ts';
import { doubleText, floatText } from '../float-text.ts';
import { innerTypes, isNested, typeText, type Column, type Row, type SqlType, type Value } from '../types.ts';
import { bigintOf, bytesOf, itemsOf, numberOf, stringOf } from '../value-access.ts';
import { valueText } from '../value-text.ts';
import type { CsvFormat } from './csv-format.ts';

/** Compiles the encoder of rows with these columns: one line, without a newline. */
export function compileCsvEncoder(columns: readonly Column[], format: CsvFormat): (row: Row) => string {
  const encoders = columns.map(({ type }) => encoderOf(type, format));
  const quoted = quoter(format);
  return (row) => encoders.map((encode, i) => fieldOf(row[i] ?? null, encode, quoted, format.nullLiteral)).join(format.delimiter);
}

type Encode = (value: Value) => string;

const fieldOf = (value: Value, encode: Encode, quoted: (text: string) => string, nullLiteral: string): string =>
  value === null ? nullLiteral : quoted(encode(value));

/** What could be taken for something else is quoted: what ends a field or a line, what is trimmed by some readers, and what NULL looks like. */
function quoter({ delimiter, quote, escape, nullLiteral }: CsvFormat): (text: string) => string {
  const special = [delimiter, '\n', '\r', ...(quote === null ? [] : [quote]), ...(escape === null ? [] : [escape])];
  const isPlain = (text: string): boolean => !special.some((each) => text.includes(each));
  if (quote === null) return escape === null ? (text) => text : (text) => escaped(text, special, escape);
  const inside = escape === null ? (text: string) => text.replaceAll(quote, quote + quote) : (text: string) => escaped(text, [quote, escape], escape);
  return (text) => (isPlain(text) && text !== '' && text !== nullLiteral && text === text.trim() ? text : quote + inside(text) + quote);
}

const escaped = (text: string, special: readonly string[], escape: string): string =>
  Array.from(text, (char) => (special.includes(char) ? escape + char : char)).join('');

function encoderOf(type: SqlType, format: CsvFormat): Encode {
  const { isScientific } = format;
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return stringOf;
    case 'FLOAT':
      return (value) => floatText(numberOf(value));
    case 'DOUBLE':
      return (value) => doubleText(numberOf(value));
    case 'DECIMAL':
      return (value) => bigDecimalText(bigintOf(value), type.scale, !isScientific || type.scale === type.precision);
    case 'BINARY':
    case 'VARBINARY':
      return (value) => toBase64(bytesOf(value));
    case 'DATE':
      return (value) => dateText(numberOf(value));
    case 'TIME':
    case 'TIMESTAMP':
      return (value) => withoutTrailingZeros(valueText(type, value));
    case 'TIMESTAMP_LTZ':
      return (value) => `${withoutTrailingZeros(valueText(type, value))}Z`;
    case 'ARRAY':
    case 'ROW':
      return partsOf(type, format);
    default:
      return String;
  }
}

/** Elements and fields with a delimiter between them. */
function partsOf(type: Extract<SqlType, { kind: 'ARRAY' | 'ROW' }>, format: CsvFormat): Encode {
  const encoders = innerTypes(type).map((inner) => encoderOf(inner, format));
  const partOf = (part: Value, i: number): string => (part === null ? format.nullLiteral : (encoders[type.kind === 'ARRAY' ? 0 : i]?.(part) ?? ''));
  return (value) => itemsOf(value).map(partOf).join(format.arrayDelimiter ?? ';');
}

/** Why CSV has no place for values of the type; null if it has one (CsvRowSchemaConverter). */
export function csvTypeProblem(type: SqlType): string | null {
  if (!isNested(type)) return null;
  if (type.kind === 'MAP' || type.kind === 'MULTISET') return `CSV has no type ${typeText(type)}`;
  return innerTypes(type).some(isNested) ? `Only simple types are supported in the second level nesting of fields in CSV, not ${typeText(type)}` : null;
}

/** Fractions of a second have the digits that they need. */
const withoutTrailingZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
