/** WITH options of the connectors, with Flink's names and defaults (KafkaConnectorOptions, JsonFormatOptions). */
import type { JsonFormat, SinkNode, StartupMode } from '../core/plan.ts';
import { OptionReader } from './option-reader.ts';

export interface KafkaOptions {
  readonly topics: readonly string[];
  readonly startup: StartupMode;
  readonly format: JsonFormat;
  /** null: the session decides. */
  readonly idleTimeoutMs: number | null;
}

type Options = Readonly<Record<string, string>>;

/** Options of a table that is read with `'connector' = 'kafka'`. */
export function kafkaOptions(options: Options, table: string): KafkaOptions {
  const reader = new OptionReader(options, `table '${table}'`);
  reader.required('connector');
  const topics = reader.required('topic').split(';').map((topic) => topic.trim()).filter((topic) => topic !== '');
  if (topics.length === 0) reader.fail("needs a topic in 'topic'");
  reader.required('properties.bootstrap.servers');
  const startup = startupMode(reader, topics, table);
  const result = { topics, startup, format: jsonFormat(reader), idleTimeoutMs: reader.duration('scan.watermark.idle-timeout') ?? null };
  reader.prefixed('properties.');
  for (const key of IGNORED) reader.text(key);
  reader.finish();
  return result;
}

/** Options whose effect Sluice has anyway, or has no use for. */
const IGNORED = ['scan.topic-partition-discovery.interval', 'scan.parallelism', 'scan.watermark.emit.strategy'];

const MODES = ['earliest-offset', 'latest-offset', 'group-offsets', 'timestamp', 'specific-offsets'] as const;

function startupMode(reader: OptionReader, topics: readonly string[], table: string): StartupMode {
  const mode = reader.oneOf('scan.startup.mode', MODES, 'group-offsets');
  const group = reader.text('properties.group.id') ?? `KafkaSource-${table}`;
  const reset = reader.oneOf('properties.auto.offset.reset', ['earliest', 'latest', 'none'], 'none');
  const epochMs = reader.integer('scan.startup.timestamp-millis');
  const offsets = reader.text('scan.startup.specific-offsets');
  switch (mode) {
    case 'group-offsets':
      return { kind: mode, group, reset };
    case 'timestamp':
      return { kind: mode, epochMs: epochMs ?? reader.fail("is missing the required option 'scan.startup.timestamp-millis'") };
    case 'specific-offsets':
      return { kind: mode, offsets: specificOffsets(reader, offsets, topics) };
    default:
      return { kind: mode };
  }
}

/** `partition:0,offset:42;partition:1,offset:300`, which Flink takes for a single topic only. */
function specificOffsets(reader: OptionReader, text: string | undefined, topics: readonly string[]): Readonly<Record<string, number>> {
  const key = 'scan.startup.specific-offsets';
  if (topics.length > 1) reader.fail("cannot start from 'specific-offsets' with several topics");
  const entries = (text ?? reader.required(key)).split(';').map((entry): [string, number] => {
    const match = /^\s*partition:(\d+)\s*,\s*offset:(\d+)\s*$/.exec(entry);
    if (match === null) return reader.wrong(key, "'partition:0,offset:42;partition:1,offset:300'", entry);
    return [match[1] ?? '', Number(match[2])];
  });
  return Object.fromEntries(entries);
}

/** `format` or `value.format`, which put their prefix in front of the options of the format. */
function jsonFormat(reader: OptionReader): JsonFormat {
  const value = reader.text('value.format');
  const format = reader.text('format') ?? value ?? reader.required('format');
  if (format !== 'json') reader.fail(`has the format '${format}', which Sluice does not read`, "The format is 'json'.");
  const prefix = value === undefined ? 'json.' : 'value.json.';
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

/** Checks the options of a table that is written. Tables of a filesystem catalog have theirs made by the catalog. */
export function checkSinkOptions(connector: SinkNode['connector'], options: Options, table: string): void {
  const reader = new OptionReader(options, `table '${table}'`);
  reader.text('connector');
  if (connector === 'filesystem') filesystemOptions(reader);
  if (connector === 'print') PRINT.forEach((key) => reader.text(key));
  reader.finish();
}

const PRINT = ['print-identifier', 'standard-error', 'sink.parallelism'];

function filesystemOptions(reader: OptionReader): void {
  reader.required('path');
  const format = reader.required('format');
  if (format !== 'json') reader.fail(`has the format '${format}', which Sluice does not write`, "The format is 'json'.");
  reader.prefixed('json.');
  reader.prefixed('sink.');
}
