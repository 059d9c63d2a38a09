/** Options of a `filesystem` table that is written (FileSystemConnectorOptions, CsvFormatOptions, JsonFormatOptions, ParquetFileFormatFactory). */
import { csvFormatOf } from '../core/format/csv-format.ts';
import { isError } from '../core/errors.ts';
import { parseMemorySize } from '../core/memory-size.ts';
import { TABLE_FORMATS } from '../core/table-files.ts';
import { isInterval } from '../core/functions/type-rules.ts';
import { isNested, typeText, type Column } from '../core/types.ts';
import type { OptionReader } from './option-reader.ts';
import { requireTypes } from './plan-record.ts';
import { columnOf } from './plan-source.ts';
import type { WrittenTable } from './sink-options.ts';

export function checkFilesystem(reader: OptionReader, table: WrittenTable): void {
  reader.required('path');
  checkFormat(reader, table);
  checkRolling(reader);
  checkPartitions(reader, table);
  checkCommit(reader);
  reader.parallelism('sink.parallelism');
  reader.duration('source.monitor-interval');
  for (const key of WITHOUT_EFFECT) reader.text(key);
}

function checkFormat(reader: OptionReader, table: WrittenTable): void {
  const format = reader.required('format');
  if (format === 'json') checkJson(reader, table);
  else if (format === 'csv') checkCsv(reader, table);
  else if (format === 'parquet') checkParquet(reader, table);
  else reader.fail(`has the format '${format}', which Sluice does not write`, `The formats are ${TABLE_FORMATS.map((name) => `'${name}'`).join(', ')}.`);
}

const physicalColumns = ({ columns }: WrittenTable): Column[] => columns.flatMap((column) => (column.kind === 'physical-column' ? [columnOf(column)] : []));

/** NDJSON has one form: times in ISO-8601, DECIMAL as text in plain digits, which no reader takes for a double. */
function checkJson(reader: OptionReader, table: WrittenTable): void {
  requireTypes(table, 'json', physicalColumns(table));
  for (const key of JSON_WITHOUT_EFFECT) reader.text(`json.${key}`);
  const standard = reader.text('json.timestamp-format.standard');
  if (standard !== undefined && standard.toUpperCase() !== 'ISO-8601') {
    reader.fail(`asks for '${standard}' in 'json.timestamp-format.standard'`, "Files hold timestamps in ISO-8601: leave the option out, or set it to 'ISO-8601'.");
  }
  if (reader.boolean('json.encode.decimal-as-plain-number', false)) {
    reader.fail("sets 'json.encode.decimal-as-plain-number', which Sluice does not do", 'Leave it out: DECIMAL is written as text, so that all its digits are kept; or CAST the column to DOUBLE.');
  }
  if (reader.boolean('json.encode.ignore-null-fields', false)) reader.fail("sets 'json.encode.ignore-null-fields', which Sluice does not do", 'Leave it out: NULL is written as null.');
}

const JSON_WITHOUT_EFFECT = [
  'fail-on-missing-field',
  'ignore-parse-errors',
  'map-null-key.mode',
  'map-null-key.literal',
  'decode.json-parser.enabled',
];

function checkCsv(reader: OptionReader, table: WrittenTable): void {
  requireTypes(table, 'csv', physicalColumns(table));
  for (const key of ['field-delimiter', 'quote-character', 'escape-character', 'null-literal', 'array-element-delimiter']) reader.text(`csv.${key}`);
  for (const key of ['disable-quote-character', 'write-bigdecimal-in-scientific-notation', 'allow-comments', 'ignore-parse-errors']) reader.boolean(`csv.${key}`, false);
  try {
    csvFormatOf(table.options);
  } catch (error) {
    if (!isError(error, 'OPTION_INVALID')) throw error;
    reader.fail(`cannot be written as CSV: ${error.message}`, error.hint);
  }
}

/** Flink's defaults for timestamps, INT96 in the zone of the JVM, are not written; its options may say what is. */
function checkParquet(reader: OptionReader, table: WrittenTable): void {
  reader.oneOf('parquet.compression', ['SNAPPY', 'GZIP', 'ZSTD', 'UNCOMPRESSED'], 'SNAPPY');
  const hint = 'Timestamps are INT64 in UTC, of microseconds, or of nanoseconds where the column has more than 6 digits: leave the option out.';
  for (const key of ['parquet.utc-timezone', 'parquet.write.int64.timestamp']) if (!reader.boolean(key, true)) reader.fail(`sets '${key}' to false`, hint);
  if (reader.oneOf('parquet.timestamp.time.unit', ['nanos', 'micros', 'millis'], 'micros') !== 'micros') reader.fail("changes 'parquet.timestamp.time.unit'", hint);
  for (const { name, type } of physicalColumns(table)) {
    if (isInterval(type)) reader.fail(`has the column '${name}' of type ${typeText(type)}, which Parquet cannot store`, 'Use BIGINT.');
    if (isNested(type)) reader.fail(`has the column '${name}' of type ${typeText(type)}, which Sluice does not write as Parquet`, 'Use STRING, and JSON_STRING(value).');
  }
}

function checkRolling(reader: OptionReader): void {
  const size = reader.text('sink.rolling-policy.file-size');
  if (size !== undefined && !((parseMemorySize(size) ?? 0) > 0)) reader.wrong('sink.rolling-policy.file-size', "a size such as '128MB'", size);
  for (const key of ['rollover-interval', 'inactivity-interval', 'check-interval']) reader.duration(`sink.rolling-policy.${key}`);
}

function checkPartitions(reader: OptionReader, { columns, partitionedBy }: WrittenTable): void {
  if (reader.text('partition.default-name') === '') reader.fail("has an empty 'partition.default-name'");
  const physical = columns.flatMap((column) => (column.kind === 'physical-column' ? [{ name: column.name.name, type: column.type.type }] : []));
  const parts = physical.filter(({ name }) => partitionedBy.includes(name));
  const binary = parts.find(({ type }) => type.kind === 'BINARY' || type.kind === 'VARBINARY');
  if (binary !== undefined) reader.fail(`is partitioned by '${binary.name}' of type ${typeText(binary.type)}`, 'Partitions are folders: use a type that reads as text.');
  if (parts.length > 0 && parts.length === physical.length) reader.fail('has no column that is not in PARTITIONED BY, so its files would be empty');
}

/** Nobody is told of a partition: rows appear with their FIRE, and late ones may follow. */
function checkCommit(reader: OptionReader): void {
  if (reader.text('sink.partition-commit.policy.kind') !== undefined) {
    reader.fail("has a 'sink.partition-commit.policy.kind'", 'Sluice commits no partitions, to no metastore and by no _SUCCESS file; every FIRE is complete by itself. Leave the option out.');
  }
  for (const key of ['auto-compaction', 'sink.shuffle-by-partition.enable']) reader.boolean(key, false);
  if (reader.boolean('auto-compaction', false)) reader.fail("sets 'auto-compaction', which Sluice does not do", 'Make larger files by firing less often, or write into an Iceberg table.');
}

/** Of reading, of threads, and of the commit that never happens. */
const WITHOUT_EFFECT = [
  'sink.partition-commit.trigger',
  'sink.partition-commit.delay',
  'sink.partition-commit.watermark-time-zone',
  'sink.partition-commit.success-file.name',
  'compaction.file-size',
  'compaction.parallelism',
  'partition.time-extractor.kind',
  'partition.time-extractor.class',
  'partition.time-extractor.timestamp-pattern',
  'partition.time-extractor.timestamp-formatter',
  'source.path.regex-pattern',
  'source.report-statistics',
];
