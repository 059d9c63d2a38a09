/** Formats of a Kafka table, and which columns are in the key: `format`, `key.*`, `value.*` (KafkaConnectorOptionsUtil). */
import { isError } from '../core/errors.ts';
import { CHARSETS, charsetOf } from '../core/charset.ts';
import { csvFormatOf, csvReadFormatOf } from '../core/format/csv-format.ts';
import { nearest } from '../core/nearest.ts';
import type { CsvReadFormat, CsvWriteFormat, JsonFormat, JsonWriteFormat, RawFormat, RecordFormat, WriteFormat } from '../core/plan.ts';
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
export function valueFormat<Format>(reader: OptionReader, formatOf: FormatOf<Format>, use: 'scan' | 'sink'): Format {
  const format = reader.text('format');
  const value = reader.text('value.format');
  if (format !== undefined) return formatOf(reader, format, '');
  return formatOf(reader, value ?? reader.fail(`needs a 'format' or 'value.format': Could not find required ${use} format 'value.format'.`), 'value.');
}

/** null for a table without keys. */
export function keyOptions<Format>(reader: OptionReader, formatOf: FormatOf<Format>): KeyOptions<Format> | null {
  const format = reader.text('key.format');
  const fields = reader.list('key.fields') ?? [];
  const place = keyPlace(reader);
  if (format === undefined) {
    if (fields.length > 0) reader.fail("has key fields without a format: The option 'key.fields' can only be declared if a key format is defined using 'key.format'.", "Set 'key.format' to 'json', 'csv' or 'raw'.");
    return null;
  }
  if (fields.length === 0) reader.fail(`has no key fields: A key format '${format}' requires the declaration of one or more of key fields using 'key.fields'.`, "Name the columns of the key, separated by ';'.");
  return { format: formatOf(reader, format, 'key.'), fields, ...place };
}

/** `key.fields-prefix` and `value.fields-include`. */
export function keyPlace(reader: OptionReader): Pick<KeyOptions, 'prefix' | 'inValue'> {
  const prefix = reader.text('key.fields-prefix') ?? '';
  const inValue = reader.oneOf('value.fields-include', ['ALL', 'EXCEPT_KEY'], 'ALL') === 'ALL';
  if (inValue && prefix !== '') {
    const problem = "A key prefix is not allowed when option 'value.fields-include' is set to 'ALL'. Set it to 'EXCEPT_KEY' instead to avoid field overlaps.";
    reader.fail(`has a 'key.fields-prefix': ${problem}`);
  }
  return { prefix, inValue };
}

/** Formats of tables that are read. */
export const readFormat: FormatOf<RecordFormat> = (reader, name, role) => {
  if (name === 'json') return jsonFormat(reader, `${role}json.`);
  if (name === 'csv') return csvReadFormat(reader, `${role}csv.`);
  if (name === 'raw') return rawFormat(reader, `${role}raw.`);
  return refuseFormat(reader, name, role, 'read');
};

/** Formats of tables that are written. */
export const writeFormat: FormatOf<WriteFormat> = (reader, name, role) => {
  if (name === 'json') return jsonWriteFormat(reader, `${role}json.`);
  if (name === 'csv') return csvWriteFormat(reader, `${role}csv.`);
  if (name === 'raw') return rawFormat(reader, `${role}raw.`);
  return refuseFormat(reader, name, role, 'write');
};

const FORMATS = ['json', 'csv', 'raw'];
/** Of Flink, for topics. */
const CHANGELOGS = ['debezium-json', 'debezium-avro-confluent', 'canal-json', 'maxwell-json', 'ogg-json'];
const OTHERS = ['avro', 'avro-confluent', 'protobuf', 'parquet', 'orc'];

function refuseFormat(reader: OptionReader, name: string, role: Parameters<FormatOf<unknown>>[2], does: 'read' | 'write'): never {
  const format = `${role === 'key.' ? 'key ' : ''}format '${name}'`;
  const names = FORMATS.map((each) => `'${each}'`).join(', ');
  if (CHANGELOGS.includes(name)) {
    const hint = `Read such records as 'json', with the fields of the envelope as columns; the formats are ${names}.`;
    reader.fail(`has the ${format}, whose records are changes (inserts, updates and deletes), and Sluice takes in inserts only`, does === 'read' ? hint : `The formats are ${names}.`);
  }
  if (OTHERS.includes(name)) reader.fail(`has the ${format}, which Sluice does not ${does}`, `The formats are ${names}.`);
  const near = nearest(name, [...FORMATS, ...CHANGELOGS, ...OTHERS]);
  reader.fail(`has an unknown ${format}: Could not find any factory for identifier '${name}'`, near === undefined ? `The formats are ${names}.` : `Did you mean '${near}'?`);
}

function jsonFormat(reader: OptionReader, prefix: string): JsonFormat {
  const failOnMissingField = reader.boolean(`${prefix}fail-on-missing-field`, false);
  const ignoreParseErrors = reader.boolean(`${prefix}ignore-parse-errors`, false);
  if (failOnMissingField && ignoreParseErrors) {
    reader.fail(`cannot have both '${prefix}fail-on-missing-field' and '${prefix}ignore-parse-errors': fail-on-missing-field and ignore-parse-errors shouldn't both be true.`);
  }
  const timestampStandard = timestampStandardOf(reader, prefix);
  nullKeysOf(reader, prefix);
  for (const key of ['encode.decimal-as-plain-number', 'encode.ignore-null-fields']) reader.boolean(prefix + key, false);
  const usesTree = !reader.boolean(`${prefix}decode.json-parser.enabled`, true);
  return { kind: 'json', failOnMissingField, ignoreParseErrors, timestampStandard, ...(usesTree && { usesTree }) };
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

const csvWriteFormat = (reader: OptionReader, prefix: string): CsvWriteFormat => ({ kind: 'csv', ...csvOptions(reader, prefix, 'written', csvFormatOf) });

/** The fields of its records are the table's to say (`withFields`). */
const csvReadFormat = (reader: OptionReader, prefix: string): CsvReadFormat => ({ ...csvOptions(reader, prefix, 'read', csvReadFormatOf), fields: [] });

function csvOptions<Format>(reader: OptionReader, prefix: string, how: 'written' | 'read', formatOf: (options: Record<string, string>) => Format): Format {
  const texts = CSV.flatMap((key): [string, string][] => {
    const value = reader.text(prefix + key);
    return value === undefined ? [] : [[`csv.${key}`, value]];
  });
  for (const key of CSV_BOOLEANS) reader.boolean(prefix + key, false);
  try {
    return formatOf(Object.fromEntries(texts));
  } catch (error) {
    if (!isError(error, 'OPTION_INVALID')) throw error;
    return reader.fail(`cannot be ${how} as CSV: ${error.message}`, error.hint);
  }
}

/** The format with the names of the fields of its records, which `csv` finds by their place. */
export const withFields = (format: RecordFormat, fields: readonly string[]): RecordFormat => (format.kind === 'csv' ? { ...format, fields } : format);

const CSV_BOOLEANS = ['disable-quote-character', 'write-bigdecimal-in-scientific-notation', 'allow-comments', 'ignore-parse-errors'];
const CSV = ['field-delimiter', 'quote-character', 'escape-character', 'null-literal', 'array-element-delimiter', ...CSV_BOOLEANS];

/** In the very letters, as Flink has it. */
function timestampStandardOf(reader: OptionReader, prefix: string): JsonFormat['timestampStandard'] {
  const value = reader.text(`${prefix}timestamp-format.standard`) ?? 'SQL';
  if (value === 'SQL' || value === 'ISO-8601') return value;
  return reader.fail(`has a wrong '${prefix}timestamp-format.standard': Unsupported value '${value}' for timestamp-format.standard. Supported values are [SQL, ISO-8601].`);
}

/** `map-null-key.*`: what becomes of an entry of a MAP whose key is NULL. */
function nullKeysOf(reader: OptionReader, prefix: string): NonNullable<JsonWriteFormat['nullKeys']> | 'FAIL' {
  const mode = reader.oneOf(`${prefix}map-null-key.mode`, ['FAIL', 'DROP', 'LITERAL'], 'FAIL');
  const literal = reader.text(`${prefix}map-null-key.literal`) ?? 'null';
  return mode === 'LITERAL' ? { literal } : mode;
}

function rawFormat(reader: OptionReader, prefix: string): RawFormat {
  const name = reader.text(`${prefix}charset`) ?? 'UTF-8';
  const charset = charsetOf(name) ?? reader.fail(`has a charset that is not known here: Unsupported '${prefix}charset' name: ${name}.`, `The charsets are ${CHARSETS.join(', ')}.`);
  return { kind: 'raw', ...(charset !== 'UTF-8' && { charset }), endianness: reader.oneOf(`${prefix}endianness`, ['big-endian', 'little-endian'], 'big-endian') };
}
