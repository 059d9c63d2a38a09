/** Tables of Kafka that are written: `kafka` (KafkaDynamicTableFactory) and `upsert-kafka` (UpsertKafkaDynamicTableFactory). */
import type { DeliveryGuarantee, MetadataKey, RecordLayout, SinkNode, WriteFormat } from '../core/plan.ts';
import type { Column } from '../core/types.ts';
import { keyOptions, keyPlace, valueFormat, writeFormat, type KeyOptions } from './format-options.ts';
import { OptionReader } from './option-reader.ts';
import { PRIMARY_KEY_OF_KAFKA } from './options.ts';
import type { Table } from './plan-context.ts';
import { columnsOfRecord, requireTypes } from './plan-record.ts';
import { metadataKey, storedColumns } from './stored-columns.ts';
import { WATERMARK_OPTIONS } from './watermark-options.ts';

type Written = Pick<Table, 'path' | 'options' | 'columns' | 'primaryKey' | 'partitionedBy'>;

/** How rows of the stored columns become records; nothing for tables of other connectors. */
export function recordsOf(connector: SinkNode['connector'], table: Written): Pick<SinkNode, 'records'> {
  if (connector !== 'kafka' && connector !== 'upsert-kafka') return {};
  const reader = new OptionReader(table.options, `table '${table.path}'`);
  return { records: connector === 'kafka' ? kafkaLayout(reader, table) : upsertKafkaLayout(reader, table) };
}

/** Reads all options of a `kafka` table. */
export function kafkaLayout(reader: OptionReader, table: Written): RecordLayout {
  if (table.primaryKey.length > 0) {
    reader.fail(PRIMARY_KEY_OF_KAFKA, "Use 'connector' = 'upsert-kafka', or remove the PRIMARY KEY.");
  }
  const value = valueFormat(reader, writeFormat, 'sink');
  const key = keyOptions(reader, writeFormat);
  const partitioner = partitionerOf(reader);
  if (partitioner === 'round-robin' && key !== null) reader.fail("has key fields: Currently 'round-robin' partitioner only works when option 'key.fields' is not specified.", "Remove 'sink.partitioner': equal keys go to one partition.");
  for (const option of READING) reader.text(option);
  return { ...layoutOf(reader, table, key, value), partitioner };
}

/** Reads all options of an `upsert-kafka` table: its primary key is the key of its records. Rows are inserted and updated, never deleted (`plan-updates.ts`), so it has no tombstones. */
export function upsertKafkaLayout(reader: OptionReader, table: Written): RecordLayout {
  if (table.primaryKey.length === 0) reader.fail("needs a PRIMARY KEY, which becomes the key of its records", 'Add PRIMARY KEY (column, …) NOT ENFORCED.');
  const format = writeFormat(reader, reader.required('key.format'), 'key.');
  const value = writeFormat(reader, reader.required('value.format'), 'value.');
  const key = { format, fields: table.primaryKey, ...keyPlace(reader) };
  for (const option of UPSERT) reader.text(option);
  return { ...layoutOf(reader, table, key, value), partitioner: 'default' };
}

function layoutOf(reader: OptionReader, table: Written, key: KeyOptions<WriteFormat> | null, format: WriteFormat): Omit<RecordLayout, 'partitioner'> {
  if (table.partitionedBy.length > 0) reader.fail('is PARTITIONED BY columns, which topics are not', "Name the columns in 'key.fields': equal keys go to one partition.");
  reader.required('properties.bootstrap.servers');
  reader.parallelism('sink.parallelism');
  const { physical, indexes, timestamp, headers } = storedIndexes(table);
  const { inKey, inValue } = columnsOfRecord(table, key, physical);
  if (key !== null) requireTypes(table, key.format.kind, inKey.flatMap(({ column }) => physical[column] ?? []));
  requireTypes(table, format.kind, inValue.flatMap((column) => physical[column] ?? []));
  const stored = (column: number): number => indexes[column] ?? column;
  return {
    topic: topicOf(reader),
    properties: reader.prefixed('properties.'),
    key: key === null ? null : { format: key.format, columns: inKey.map(({ column, field }) => ({ column: stored(column), field })) },
    value: { format, columns: inValue.map(stored) },
    timestamp,
    ...(headers !== null && { headers }),
    ...delivery(reader),
  };
}

interface Stored {
  readonly physical: readonly Column[];
  /** Where the physical columns are among the stored ones. */
  readonly indexes: readonly number[];
  /** Where the metadata is. */
  readonly timestamp: number | null;
  readonly headers: number | null;
}

function storedIndexes(table: Written): Stored {
  const all = storedColumns(table.columns).map((stored, index) => ({ ...stored, index }));
  const physical = all.filter(({ metadata }) => metadata === null);
  const of = (key: MetadataKey): number | null => all.find(({ metadata }) => metadata !== null && metadataKey(metadata) === key)?.index ?? null;
  return { physical: physical.map(({ column }) => column), indexes: physical.map(({ index }) => index), timestamp: of('timestamp'), headers: of('headers') };
}

function topicOf(reader: OptionReader): string {
  if (reader.text('topic-pattern') !== undefined) reader.fail("has a 'topic-pattern': Flink Kafka sink currently only supports single topic", "Name one topic in 'topic'.");
  const [topic, second] = reader.list('topic') ?? [];
  if (topic === undefined) return reader.fail("needs a topic in 'topic'");
  return second === undefined ? topic : reader.fail("names several topics in 'topic': Flink Kafka sink currently only supports single topic", 'Make one table per topic.');
}

function partitionerOf(reader: OptionReader): RecordLayout['partitioner'] {
  const value = reader.text('sink.partitioner');
  if (value?.includes('.')) reader.fail(`has the partitioner class '${value}', which is not Java here`, "'sink.partitioner' is 'default', 'fixed' or 'round-robin'.");
  return reader.oneOf('sink.partitioner', ['default', 'fixed', 'round-robin'], 'default');
}

/** One transactional id per sink serves either naming strategy. */
function delivery(reader: OptionReader): Pick<RecordLayout, 'guarantee' | 'transactionalIdPrefix'> {
  if (reader.text('sink.semantic') !== undefined) reader.fail("has the option 'sink.semantic', which Flink has removed", "Use 'sink.delivery-guarantee'.");
  const guarantee = reader.oneOf<DeliveryGuarantee>('sink.delivery-guarantee', ['exactly-once', 'at-least-once', 'none'], 'at-least-once');
  const prefix = reader.text('sink.transactional-id-prefix');
  reader.oneOf('sink.transaction-naming-strategy', ['incrementing', 'pooling'], 'incrementing');
  if (guarantee === 'exactly-once' && (prefix === undefined || prefix === '')) {
    reader.fail("needs a prefix: sink.transactional-id-prefix must be specified when using DeliveryGuarantee.EXACTLY_ONCE.", "Choose one that no other program writes under, such as 'sluice'.");
  }
  return { guarantee, transactionalIdPrefix: prefix ?? 'sluice' };
}

/** Of the same table where it is read. */
const READING = [
  'scan.startup.mode', 'scan.startup.specific-offsets', 'scan.startup.timestamp-millis', 'scan.bounded.mode', 'scan.bounded.specific-offsets', 'scan.bounded.timestamp-millis',
  'scan.topic-partition-discovery.interval', 'scan.parallelism', ...WATERMARK_OPTIONS,
];

/** A FIRE is written at once, whatever the buffer would be. */
const UPSERT = ['sink.buffer-flush.max-rows', 'sink.buffer-flush.interval', 'scan.parallelism', 'scan.bounded.mode', 'scan.bounded.specific-offsets', 'scan.bounded.timestamp-millis'];
