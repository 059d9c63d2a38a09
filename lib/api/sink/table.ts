/** Tables that a program writes. */
import { quoted } from '../../sql/catalog-table.ts';
import { optionsText } from '../sql/text.ts';
import type { Columns, RowOf } from './column-types.ts';

/** A table that takes rows of type `Row`; made by `table`, `print` and `catalogTable`. */
export interface TableSink<Row> {
  /** The statement that makes the table under this name; null: it is there. */
  readonly create: (name: string) => string | null;
  /** Its name as the program's SQL knows it; null: that of the uid. */
  readonly name: string | null;
  /** Never there: it keeps the type. */
  readonly row?: (row: Row) => void;
}

export interface TableOptions<C extends Columns> {
  /** By name, with their SQL types. */
  readonly columns: C;
  /** The options of its connector, as in SQL: `{ connector: 'kafka', topic: 'alerts', … }`. */
  readonly with: Readonly<Record<string, string>>;
  /** Columns of PRIMARY KEY … NOT ENFORCED. */
  readonly primaryKey?: readonly (keyof C & string)[];
  readonly partitionedBy?: readonly (keyof C & string)[];
}

/** A table with the connectors, formats and options of SQL. */
export const table = <const C extends Columns>(options: TableOptions<C>): TableSink<RowOf<C>> => ({ name: null, create: (name) => createText(name, options) });

/** A table that `job.sql` has created; `name` as SQL has it. Its columns are checked when the job is built. */
export const catalogTable = (name: string): TableSink<object> => ({ name, create: () => null });

function createText<C extends Columns>(name: string, { columns, with: options, primaryKey = [], partitionedBy = [] }: TableOptions<C>): string {
  const elements = [columnsText(columns), ...(primaryKey.length === 0 ? [] : [`PRIMARY KEY (${namesText(primaryKey)}) NOT ENFORCED`])];
  const partitions = partitionedBy.length === 0 ? '' : ` PARTITIONED BY (${namesText(partitionedBy)})`;
  return `CREATE TABLE ${quoted(name)} (${elements.join(', ')})${partitions} WITH (${optionsText(options)})`;
}

/** As they stand in CREATE TABLE. */
export const columnsText = (columns: Columns): string => Object.entries(columns).map(([column, type]) => `${quoted(column)} ${type}`).join(', ');

const namesText = (names: readonly string[]): string => names.map(quoted).join(', ');
