/** WITH options of the connectors, with Flink's names and defaults (KafkaConnectorOptions, JsonFormatOptions). */
import type { BoundedMode, RecordFormat, StartupMode } from '../core/plan.ts';
import { keyOptions, readFormat, valueFormat, type KeyOptions } from './format-options.ts';
import { OptionReader } from './option-reader.ts';
import { boundedMode, knowScanOptions, startupMode } from './scan-options.ts';
import { watermarkOptions, type WatermarkOptions } from './watermark-options.ts';

export interface KafkaOptions extends WatermarkOptions {
  readonly connector: 'kafka';
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
}

/** What is wrong with a `kafka` table that is written and has one (validatePKConstraints). One that is read may have it: nothing depends on it. */
export const PRIMARY_KEY_OF_KAFKA = "doesn't support defining PRIMARY KEY constraint on the table, because it can't guarantee the semantic of primary key";

type Options = Readonly<Record<string, string>>;

/** Options of a table that is read with `'connector' = 'kafka'`. */
export function kafkaOptions(options: Options, table: string): KafkaOptions {
  const reader = new OptionReader(options, `table '${table}'`);
  reader.required('connector');
  const topics = topicsOf(reader);
  reader.required('properties.bootstrap.servers');
  const scanned = { topics, group: reader.text('properties.group.id') ?? `KafkaSource-${table}` };
  const result: KafkaOptions = {
    connector: 'kafka',
    topics,
    startup: startupMode(reader, scanned),
    bounded: boundedMode(reader, scanned),
    properties: reader.prefixed('properties.'),
    format: valueFormat(reader, readFormat, 'scan'),
    key: keyOptions(reader, readFormat),
    ...watermarkOptions(reader),
  };
  knowScanOptions(reader);
  knowOptionsWithoutEffect(reader);
  reader.finish();
  return result;
}

function topicsOf(reader: OptionReader): readonly string[] {
  const isNamed = reader.text('topic') !== undefined;
  if (reader.text('topic-pattern') !== undefined) {
    if (isNamed) reader.fail("names topics twice: Option 'topic' and 'topic-pattern' shouldn't be set together.");
    reader.fail("has a 'topic-pattern', which Sluice does not read", "Name the topics in 'topic', separated by ';'.");
  }
  const topics = reader.list('topic') ?? [];
  return topics.length === 0 ? reader.fail("needs a topic in 'topic': Either 'topic' or 'topic-pattern' must be set.") : [...new Set(topics)];
}

/** New partitions are found as fast as windows fire, and every partition is read by itself; the sink's options are for another statement. */
function knowOptionsWithoutEffect(reader: OptionReader): void {
  reader.duration('scan.topic-partition-discovery.interval');
  reader.parallelism('scan.parallelism');
  reader.parallelism('sink.parallelism');
  for (const key of KAFKA_SINK) reader.text(key);
}

const KAFKA_SINK = [
  'sink.partitioner',
  'sink.delivery-guarantee',
  'sink.transactional-id-prefix',
  'sink.transaction-naming-strategy',
  'sink.semantic',
];
