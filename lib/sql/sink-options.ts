/** WITH options of tables that are written, by connector. */
import type { SinkConnector } from '../core/plan.ts';
import { readIcebergTable } from './iceberg-options.ts';
import { OptionReader } from './option-reader.ts';
import type { Table } from './plan-context.ts';

/** What connectors look at. */
export type WrittenTable = Pick<Table, 'path' | 'options' | 'columns' | 'primaryKey' | 'partitionedBy'>;

/** Reads all options that the connector knows, and refuses what it cannot do. */
type Check = (reader: OptionReader, table: WrittenTable) => void;

const CHECKS: Readonly<Partial<Record<SinkConnector, Check>>> = {
  filesystem,
  print: (reader) => PRINT.forEach((key) => reader.text(key)),
  blackhole: () => {},
  iceberg: readIcebergTable,
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

const PRINT = ['print-identifier', 'standard-error', 'sink.parallelism'];

function filesystem(reader: OptionReader): void {
  reader.required('path');
  const format = reader.required('format');
  if (format !== 'json') reader.fail(`has the format '${format}', which Sluice does not write`, "The format is 'json'.");
  reader.prefixed('json.');
  reader.prefixed('sink.');
}
