/** Which connectors can be read and written, and why others cannot: in the words of Flink's FactoryUtil where it refuses them too. */
import type { SinkConnector } from '../core/plan.ts';
import type { Span } from './ast.ts';
import { didYouMean } from './diagnostic.ts';
import type { Table } from './plan-context.ts';
import { invalid, unsupported } from './refusal.ts';
import { isSinkConnector, SINK_CONNECTORS } from './sink-options.ts';

type Connected = Pick<Table, 'path' | 'connector'>;

const READ = ['kafka', 'datagen', 'filesystem'];
const SOURCES = "Sources have 'connector' = 'kafka', 'filesystem' or 'datagen'.";

/** What Flink reads, Sluice does not, and how to get the same. */
const NOT_READ: ReadonlyMap<string, string> = new Map([
  ['upsert-kafka', "Its records are updates, and Sluice takes in inserts only: read the topic with 'connector' = 'kafka' if every record is a row of its own."],
  ['iceberg', "Read the topic that its rows came from, with 'connector' = 'kafka'; `sluice query` reads the table itself."],
  ['dynamodb', "Read a topic that its changes are sent to, with 'connector' = 'kafka'."],
]);

const SINKS_ONLY: readonly string[] = ['print', 'blackhole'];
const OTHERS: readonly string[] = ['jdbc', 'elasticsearch-7', 'elasticsearch-8', 'opensearch', 'kinesis', 'kinesis-legacy', 'firehose', 'hbase-2.2', 'hbase-2.6', 'mongodb', 'pulsar', 'mysql-cdc', 'postgres-cdc', 'hive', 'hudi', 'paimon'];
const KNOWN: readonly string[] = [...READ, ...NOT_READ.keys(), ...SINKS_ONLY, ...OTHERS];

/** Those that a table can have, for completion. */
export const connectorNames = (): readonly string[] => [...new Set([...READ, ...SINK_CONNECTORS])];

/** Refuses a table that cannot be the source of a stream. */
export function requireReadable(table: Connected, span: Span): void {
  const { connector } = table;
  if (READ.includes(connector)) return;
  requireKnown(table, span);
  if (SINKS_ONLY.includes(connector)) {
    invalid(span, `Table '${table.path}': Connector '${connector}' can only be used as a sink. It cannot be used as a source.`, SOURCES);
  }
  const hint = NOT_READ.get(connector) ?? SOURCES;
  unsupported(span, `Reading the table '${table.path}' of connector '${connector}' as a stream`, hint);
}

/** Refuses a table that cannot be the target of an INSERT; gives its connector. */
export function requireWritable(table: Connected, span: Span): SinkConnector {
  const { connector, path } = table;
  if (isSinkConnector(connector)) return connector;
  requireKnown(table, span);
  const sinks = `Sinks are ${SINK_CONNECTORS.join(', ')}.`;
  if (connector === 'datagen') invalid(span, `Table '${path}': Connector '${connector}' can only be used as a source. It cannot be used as a sink.`, sinks);
  return unsupported(span, `The connector '${connector}' of table '${path}'`, sinks);
}

function requireKnown({ connector, path }: Connected, span: Span): void {
  if (KNOWN.includes(connector)) return;
  if (connector === '') invalid(span, `Table '${path}': Table options do not contain an option key 'connector' for discovering a connector.`, "Add 'connector' = 'kafka' and the options that it needs.");
  const hint = didYouMean(connector, KNOWN) ?? `${SOURCES} Sinks are ${SINK_CONNECTORS.join(', ')}.`;
  invalid(span, `Table '${path}': Could not find any factory for identifier '${connector}'`, hint);
}
