/** WITH options of tables that are written, by connector. */
import type { SinkConnector } from '../core/plan.ts';
import { readIcebergTable } from './iceberg-options.ts';
import { checkIcebergKeys } from './iceberg-table.ts';
import { OptionReader } from './option-reader.ts';
import type { Table } from './plan-context.ts';
import { checkDynamoDb } from './sink-options-dynamodb.ts';
import { checkFilesystem } from './sink-options-filesystem.ts';
import { kafkaLayout, upsertKafkaLayout } from './sink-options-kafka.ts';

/** What connectors look at. */
export type WrittenTable = Pick<Table, 'path' | 'options' | 'columns' | 'primaryKey' | 'partitionedBy'>;

/** Reads all options that the connector knows, and refuses what it cannot do. */
type Check = (reader: OptionReader, table: WrittenTable) => unknown;

const CHECKS: Readonly<Partial<Record<SinkConnector, Check>>> = {
  filesystem: checkFilesystem,
  dynamodb: checkDynamoDb,
  print: checkPrint,
  blackhole: () => {},
  iceberg: (reader, table) => {
    readIcebergTable(reader);
    checkIcebergKeys(reader, table);
  },
  kafka: kafkaLayout,
  'upsert-kafka': upsertKafkaLayout,
};

/** The connectors that can be written, for people. */
export const SINK_CONNECTORS: readonly string[] = Object.keys(CHECKS);

export const isSinkConnector = (name: string): name is SinkConnector => Object.hasOwn(CHECKS, name);

/** Throws OPTION_INVALID. Tables of a filesystem catalog have their options made by the catalog. */
export function checkSinkOptions(connector: SinkConnector, table: WrittenTable): void {
  const reader = new OptionReader(table.options, `table '${table.path}'`);
  reader.text('connector');
  CHECKS[connector]?.(reader, table);
  reader.finish();
}

/** PrintConnectorOptions. Rows are printed by whoever fires, so parallelism has no effect. */
function checkPrint(reader: OptionReader): void {
  reader.text('print-identifier');
  reader.boolean('standard-error', false);
  reader.parallelism('sink.parallelism');
}
