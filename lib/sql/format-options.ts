/** Formats of a Kafka table, and which columns are in the key: `format`, `key.*`, `value.*` (KafkaConnectorOptionsUtil). */
import { isError } from '../core/errors.ts';
import { csvFormatOf } from '../core/format/csv-format.ts';
import type { CsvWriteFormat, JsonFormat, JsonWriteFormat, RawFormat, RecordFormat, WriteFormat } from '../core/plan.ts';
import type { OptionReader } from './option-reader.ts';

export interface KeyOptions<Format = RecordFormat> {
  readonly format: Format;
  /** Names of columns. */
  readonly fields: readonly string[];
  /** In front of the names of columns, but not of the fields in the key. */
  readonly prefix: string;
  /** `value.fields-include` = `ALL`: the columns are in the value as well, and the value counts. */
  readonly inValue: boolean;
}

/** A format by name; its options have the prefix of its role and its own name in front. */
export type FormatOf<Format> = (reader: OptionReader, name: string, role: '' | 'key.' | 'value.') => Format;

/** `format` or `value.format`, which puts its prefix in front of the options of the format; `format` comes first. */
export function valueFormat<Format>(reader: OptionReader, formatOf: FormatOf<Format>): Format {
  const format = reader.text('format');
  const value = reader.text('value.format');
  if (format !== undefined) return formatOf(reader, format, '');
  return formatOf(reader, value ?? reader.fail("needs a 'format' or 'value.format'"), 'value.');
}

/** null for a table without keys. */
export function keyOptions<Format>(reader: OptionReader, formatOf: FormatOf<Format>): KeyOptions<Format> | null {
  const format = reader.text('key.format');
  const fields = reader.list('key.fields') ?? [];
  const place = keyPlace(reader);
  if (format === undefined) {
    if (fields.length > 0) reader.fail("has 'key.fields', but no format of the key", "Set 'key.format' to 'json' or 'raw'.");
    return null;
  }
  if (fields.length === 0) reader.fail(`has the key format '${format}', but no 'key.fields'`, "Name the columns of the key, separated by ';'.");
  return { format: formatOf(reader, format, 'key.'), fields, ...place };
}

/** `key.fields-prefix` and `value.fields-include`. */
export function keyPlace(reader: OptionReader): Pick<KeyOptions, 'prefix' | 'inValue'> {
  const prefix = reader.text('key.fields-prefix') ?? '';
  const inValue = reader.oneOf('value.fields-include', ['ALL', 'EXCEPT_KEY'], 'ALL') === 'ALL';
  if (inValue && prefix !== '') {
    const hint = "Set 'value.fields-include' to 'EXCEPT_KEY', so that fields of key and value do not overlap.";
    reader.fail("has a 'key.fields-prefix', which is not allowed with 'value.fields-include' = 'ALL'", hint);
  }
  return { prefix, inValue };
}

/** Formats of tables that are read. */
export const readFormat: FormatOf<RecordFormat> = (reader, name, role) => {
  if (name === 'json') return jsonFormat(reader, `${role}json.`);
  if (name === 'raw') return rawFormat(reader, `${role}raw.`);
  return reader.fail(`has the ${role === 'key.' ? 'key ' : ''}format '${name}', which Sluice does not read`, "The formats are 'json' and 'raw'.");
};

/** Formats of tables that are written. */
export const writeFormat: FormatOf<WriteFormat> = (reader, name, role) => {
  if (name === 'json') return jsonWriteFormat(reader, `${role}json.`);
  if (name === 'csv') return csvWriteFormat(reader, `${role}csv.`);
  if (name === 'raw') return rawFormat(reader, `${role}raw.`);
  return reader.fail(`has the ${role === 'key.' ? 'key ' : ''}format '${name}', which Sluice does not write into topics`, "The formats are 'json', 'csv' and 'raw'.");
};

function jsonFormat(reader: OptionReader, prefix: string): JsonFormat {
  const failOnMissingField = reader.boolean(`${prefix}fail-on-missing-field`, false);
  const ignoreParseErrors = reader.boolean(`${prefix}ignore-parse-errors`, false);
  if (failOnMissingField && ignoreParseErrors) {
    reader.fail(`cannot have both '${prefix}fail-on-missing-field' and '${prefix}ignore-parse-errors'`);
  }
  const timestampStandard = timestampStandardOf(reader, prefix);
  nullKeysOf(reader, prefix);
  for (const key of ['decode.json-parser.enabled', 'encode.decimal-as-plain-number', 'encode.ignore-null-fields']) reader.boolean(prefix + key, false);
  return { kind: 'json', failOnMissingField, ignoreParseErrors, timestampStandard };
}

function jsonWriteFormat(reader: OptionReader, prefix: string): JsonWriteFormat {
  for (const key of ['decode.json-parser.enabled', 'fail-on-missing-field', 'ignore-parse-errors']) reader.boolean(prefix + key, false);
  const nullKeys = nullKeysOf(reader, prefix);
  return {
    kind: 'json',
    timestampStandard: timestampStandardOf(reader, prefix),
    plainDecimals: reader.boolean(`${prefix}encode.decimal-as-plain-number`, false),
    omitsNulls: reader.boolean(`${prefix}encode.ignore-null-fields`, false),
    ...(nullKeys !== 'FAIL' && { nullKeys }),
  };
}

function csvWriteFormat(reader: OptionReader, prefix: string): CsvWriteFormat {
  const texts = CSV.flatMap((key): [string, string][] => {
    const value = reader.text(prefix + key);
    return value === undefined ? [] : [[`csv.${key}`, value]];
  });
  for (const key of CSV_BOOLEANS) reader.boolean(prefix + key, false);
  try {
    return { kind: 'csv', ...csvFormatOf(Object.fromEntries(texts)) };
  } catch (error) {
    if (!isError(error, 'OPTION_INVALID')) throw error;
    return reader.fail(`cannot be written as CSV: ${error.message}`, error.hint);
  }
}

const CSV_BOOLEANS = ['disable-quote-character', 'write-bigdecimal-in-scientific-notation', 'allow-comments', 'ignore-parse-errors'];
const CSV = ['field-delimiter', 'quote-character', 'escape-character', 'null-literal', 'array-element-delimiter', ...CSV_BOOLEANS];

const timestampStandardOf = (reader: OptionReader, prefix: string): JsonFormat['timestampStandard'] => reader.oneOf(`${prefix}timestamp-format.standard`, ['SQL', 'ISO-8601'], 'SQL');

/** `map-null-key.*`: what becomes of an entry of a MAP whose key is NULL. */
function nullKeysOf(reader: OptionReader, prefix: string): NonNullable<JsonWriteFormat['nullKeys']> | 'FAIL' {
  const mode = reader.oneOf(`${prefix}map-null-key.mode`, ['FAIL', 'DROP', 'LITERAL'], 'FAIL');
  const literal = reader.text(`${prefix}map-null-key.literal`) ?? 'null';
  return mode === 'LITERAL' ? { literal } : mode;
}

function rawFormat(reader: OptionReader, prefix: string): RawFormat {
  reader.oneOf(`${prefix}charset`, ['UTF-8'], 'UTF-8');
  return { kind: 'raw', endianness: reader.oneOf(`${prefix}endianness`, ['big-endian', 'little-endian'], 'big-endian') };
}
