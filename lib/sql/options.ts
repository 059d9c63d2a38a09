/** WITH options of the connectors, with Flink's names and defaults (KafkaConnectorOptions, JsonFormatOptions). */
import type { BoundedMode, RecordFormat, SourceNode, StartupMode } from '../core/plan.ts';
import { keyOptions, readFormat, valueFormat, type KeyOptions } from './format-options.ts';
import { OptionReader } from './option-reader.ts';
import { boundedMode, knowScanOptions, startupMode } from './scan-options.ts';

export interface KafkaOptions {
  readonly topics: readonly string[];
  readonly startup: StartupMode;
  /** undefined: unbounded. */
  readonly bounded: BoundedMode | undefined;
  /** `properties.*` without the prefix. */
  readonly properties: Readonly<Record<string, string>>;
  /** Of the value. */
  readonly format: RecordFormat;
  /** null: keys are not read. */
  readonly key: KeyOptions | null;
  /** null: the session decides. */
  readonly idleTimeoutMs: number | null;
  readonly emitStrategy: NonNullable<SourceNode['emitStrategy']>;
}

type Options = Readonly<Record<string, string>>;

/** Options of a table that is read with `'connector' = 'kafka'`. */
export function kafkaOptions(options: Options, table: string): KafkaOptions {
  const reader = new OptionReader(options, `table '${table}'`);
  reader.required('connector');
  const topics = topicsOf(reader);
  reader.required('properties.bootstrap.servers');
  const scanned = { topics, group: reader.text('properties.group.id') ?? `KafkaSource-${table}` };
  const result = {
    topics,
    startup: startupMode(reader, scanned),
    bounded: boundedMode(reader, scanned),
    properties: reader.prefixed('properties.'),
    format: valueFormat(reader, readFormat),
    key: keyOptions(reader, readFormat),
    idleTimeoutMs: reader.duration('scan.watermark.idle-timeout') ?? null,
    emitStrategy: reader.oneOf('scan.watermark.emit.strategy', ['on-periodic', 'on-event'], 'on-periodic'),
  };
  knowScanOptions(reader);
  knowOptionsWithoutEffect(reader);
  reader.finish();
  return result;
}

function topicsOf(reader: OptionReader): readonly string[] {
  if (reader.text('topic-pattern') !== undefined) {
    reader.fail("has a 'topic-pattern', which Sluice does not read", "Name the topics in 'topic', separated by ';'.");
  }
  const topics = reader.list('topic') ?? [];
  return topics.length === 0 ? reader.fail("needs a topic in 'topic'") : [...new Set(topics)];
}

/** New partitions are found as fast as windows fire, and every partition is read by itself; the sink's options are for another statement. */
function knowOptionsWithoutEffect(reader: OptionReader): void {
  reader.duration('scan.topic-partition-discovery.interval');
  reader.integer('scan.parallelism');
  reader.integer('sink.parallelism');
  for (const key of KAFKA_SINK) reader.text(key);
}

const KAFKA_SINK = [
  'sink.partitioner',
  'sink.delivery-guarantee',
  'sink.transactional-id-prefix',
  'sink.transaction-naming-strategy',
  'sink.semantic',
];
