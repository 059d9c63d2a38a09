/** The text of a CSV field to a value, compiled per column, by the rules of Flink's CsvToRowDataConverters. */
import { daysFromCivil } from '../calendar.ts';
import { timestampParser, withNanos } from '../parse-time.ts';
import type { CsvReadFormat, JsonFormat } from '../plan.ts';
import { isNanos, type SqlType, type Value } from '../types.ts';
import { fieldDecoder } from './json-fields.ts';

/** `undefined` says that the text is no value of the column. */
export type CsvFieldDecoder = (text: string) => Value | undefined;

/** Numbers, booleans and bytes are those of strings in JSON. */
const AS_IN_JSON: JsonFormat = { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'SQL' };

export function csvFieldDecoder(type: SqlType, format: CsvReadFormat): CsvFieldDecoder {
  const decode = decoderOf(type, format);
  const { nullLiteral } = format;
  return nullLiteral === null ? decode : (text) => (text === nullLiteral ? null : decode(text));
}

function decoderOf(type: SqlType, format: CsvReadFormat): CsvFieldDecoder {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return (text) => text;
    case 'DATE':
      return decodeDate;
    case 'TIME':
      return timeDecoder(type.precision);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestampDecoder(type);
    case 'DECIMAL':
      return decimalDecoder(fieldDecoder(type, AS_IN_JSON));
    case 'ARRAY':
      return arrayDecoder(csvFieldDecoder(type.element.type, format), format);
    case 'ROW':
      return rowDecoder(type.fields.map((field) => csvFieldDecoder(field.type, format)), format);
    default:
      return fieldDecoder(type, AS_IN_JSON);
  }
}

/** The empty text is the empty array. Where errors are ignored, an element that is none is NULL. */
function arrayDecoder(decode: CsvFieldDecoder, format: CsvReadFormat): CsvFieldDecoder {
  return (text) => (text === '' ? [] : decodedParts(text.split(format.arrayDelimiter), () => decode, format));
}

/** The empty text is NULL. */
function rowDecoder(fields: readonly CsvFieldDecoder[], format: CsvReadFormat): CsvFieldDecoder {
  return (text) => {
    if (text === '') return null;
    const parts = text.split(format.arrayDelimiter);
    if (parts.length !== fields.length && !format.ignoreParseErrors) return undefined;
    const given = fields.map((_, i) => parts[i] ?? null);
    return decodedParts(given, (i) => fields[i] ?? (() => undefined), format);
  };
}

function decodedParts(parts: readonly (string | null)[], decoderAt: (i: number) => CsvFieldDecoder, { ignoreParseErrors }: CsvReadFormat): Value | undefined {
  const values = parts.map((part, i) => (part === null ? null : decoderAt(i)(part)));
  if (!ignoreParseErrors && values.includes(undefined)) return undefined;
  return values.map((value) => value ?? null);
}

/** `new BigDecimal(text)` takes no blanks, where all other numbers are trimmed. */
const decimalDecoder =
  (decode: CsvFieldDecoder): CsvFieldDecoder =>
  (text) =>
    /^\s|\s$/.test(text) ? undefined : decode(text);

/** java.sql.Date.valueOf: one or two digits of month and day, and the 31st of a shorter month is a day of the next. */
function decodeDate(text: string): number | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  if (match === null || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return daysFromCivil(year, month, 1) + day - 1;
}

const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?$/;

/** ISO_LOCAL_TIME; what the precision of the column has no room for is cut off. */
function timeDecoder(precision: number): CsvFieldDecoder {
  const unit = 10 ** (3 - precision);
  return (text) => {
    const [match, hours, minutes, seconds = 0, digits = ''] = TIME.exec(text) ?? [];
    if (match === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
    const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(digits.slice(0, 3).padEnd(3, '0'));
    return ms - (ms % unit);
  };
}

function timestampDecoder(type: SqlType): CsvFieldDecoder {
  const parse = timestampParser({ separator: ' ', optionalSeconds: false, zone: type.kind === 'TIMESTAMP_LTZ', smart: true });
  return (text) => {
    const trimmed = text.trim();
    const ms = parse(trimmed);
    if (Number.isNaN(ms)) return undefined;
    return isNanos(type) ? withNanos(trimmed, ms) : ms;
  };
}
