/** WITH options of a table that is read with `'connector' = 'datagen'` (DataGenConnectorOptions). */
import type { GeneratedRows } from '../core/generated-rows.ts';
import type { Column } from '../core/types.ts';
import { fieldValues } from './datagen-fields.ts';
import { OptionReader } from './option-reader.ts';
import type { Table } from './plan-context.ts';
import { NO_WATERMARK_OPTIONS, type WatermarkOptions } from './watermark-options.ts';

const ROWS_PER_SECOND = 10_000;
/** So many partitions have so many logs. */
const PARTITIONS_MAX = 1000;

export interface DatagenOptions extends WatermarkOptions {
  readonly connector: 'datagen';
  readonly generated: GeneratedRows;
}

/** The rows of the physical columns. They end with `number-of-rows`, or with the shortest sequence. */
export function datagenOptions({ options, path }: Pick<Table, 'options' | 'path'>, physical: readonly Column[]): DatagenOptions {
  const reader = new OptionReader(options, `table '${path}'`);
  reader.required('connector');
  const rowsPerSecond = atLeast(reader, 'rows-per-second', 1) ?? ROWS_PER_SECOND;
  const numberOfRows = atLeast(reader, 'number-of-rows', 0);
  const partitions = atLeast(reader, 'scan.parallelism', 1) ?? 1;
  if (partitions > PARTITIONS_MAX) reader.wrong('scan.parallelism', `at most ${PARTITIONS_MAX}`, String(partitions));
  const fields = physical.map((column) => ({ name: column.name, ...fieldValues(reader, column) }));
  reader.finish();
  const counts = [numberOfRows ?? null, ...fields.map(({ count }) => count)].filter((count) => count !== null);
  const count = counts.length === 0 ? null : Math.min(...counts);
  const generated = { rowsPerSecond, partitions, count, fields: fields.map(({ name, values }) => ({ name, values })) };
  return { connector: 'datagen', generated, ...NO_WATERMARK_OPTIONS };
}

function atLeast(reader: OptionReader, key: string, least: number): number | undefined {
  const value = reader.integer(key);
  return value === undefined || value >= least ? value : reader.wrong(key, `a whole number from ${least}`, String(value));
}
