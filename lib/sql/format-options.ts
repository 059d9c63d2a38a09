/** Formats of a Kafka table, and which columns are in the key: `format`, `key.*`, `value.*` (KafkaConnectorOptionsUtil). */
import type { JsonFormat, RawFormat, RecordFormat } from '../core/plan.ts';
import type { OptionReader } from './option-reader.ts';

export interface KeyOptions {
  readonly format: RecordFormat;
  /** Names of columns. */
  readonly fields: readonly string[];
  /** In front of the names of columns, but not of the fields in the key. */
  readonly prefix: string;
  /** `value.fields-include` = `ALL`: the columns are in the value as well, and the value counts. */
  readonly inValue: boolean;
}

/** `format` or `value.format`, which puts its prefix in front of the options of the format; `format` comes first. */
export function valueFormat(reader: OptionReader): RecordFormat {
  const format = reader.text('format');
  const value = reader.text('value.format');
  if (format !== undefined) return recordFormat(reader, format, '');
  return recordFormat(reader, value ?? reader.fail("needs a 'format' or 'value.format'"), 'value.');
}

/** null for a table that does not read keys. */
export function keyOptions(reader: OptionReader): KeyOptions | null {
  const format = reader.text('key.format');
  const fields = reader.list('key.fields') ?? [];
  const prefix = reader.text('key.fields-prefix') ?? '';
  const inValue = reader.oneOf('value.fields-include', ['ALL', 'EXCEPT_KEY'], 'ALL') === 'ALL';
  if (inValue && prefix !== '') {
    const hint = "Set 'value.fields-include' to 'EXCEPT_KEY', so that fields of key and value do not overlap.";
    reader.fail("has a 'key.fields-prefix', which is not allowed with 'value.fields-include' = 'ALL'", hint);
  }
  if (format === undefined) {
    if (fields.length > 0) reader.fail("has 'key.fields', but no format of the key", "Set 'key.format' to 'json' or 'raw'.");
    return null;
  }
  if (fields.length === 0) reader.fail(`has the key format '${format}', but no 'key.fields'`, "Name the columns of the key, separated by ';'.");
  return { format: recordFormat(reader, format, 'key.'), fields, prefix, inValue };
}

/** A format by name; its options have the prefix of its role and its own name in front. */
function recordFormat(reader: OptionReader, name: string, role: '' | 'key.' | 'value.'): RecordFormat {
  if (name === 'json') return jsonFormat(reader, `${role}json.`);
  if (name === 'raw') return rawFormat(reader, `${role}raw.`);
  return reader.fail(`has the ${role === 'key.' ? 'key ' : ''}format '${name}', which Sluice does not read`, "The formats are 'json' and 'raw'.");
}

function jsonFormat(reader: OptionReader, prefix: string): JsonFormat {
  const failOnMissingField = reader.boolean(`${prefix}fail-on-missing-field`, false);
  const ignoreParseErrors = reader.boolean(`${prefix}ignore-parse-errors`, false);
  if (failOnMissingField && ignoreParseErrors) {
    reader.fail(`cannot have both '${prefix}fail-on-missing-field' and '${prefix}ignore-parse-errors'`);
  }
  const timestampStandard = reader.oneOf(`${prefix}timestamp-format.standard`, ['SQL', 'ISO-8601'], 'SQL');
  for (const key of UNUSED_JSON) reader.text(prefix + key);
  return { kind: 'json', failOnMissingField, ignoreParseErrors, timestampStandard };
}

/** Of maps, which are not supported, and of encoding, which has one form. */
const UNUSED_JSON = [
  'map-null-key.mode',
  'map-null-key.literal',
  'encode.decimal-as-plain-number',
  'encode.ignore-null-fields',
  'decode.json-parser.enabled',
];

function rawFormat(reader: OptionReader, prefix: string): RawFormat {
  reader.oneOf(`${prefix}charset`, ['UTF-8'], 'UTF-8');
  return { kind: 'raw', endianness: reader.oneOf(`${prefix}endianness`, ['big-endian', 'little-endian'], 'big-endian') };
}
