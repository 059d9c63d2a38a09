/** What a table of an Iceberg catalog can be, as far as SQL says it. */
import { isNested } from '../core/types.ts';
import type { AlterTable, CreateTable, Option, Span, Text } from './ast.ts';
import { sqlError } from './diagnostic.ts';
import type { OptionReader } from './option-reader.ts';
import type { Table } from './plan-context.ts';

/** Throws SQL_UNSUPPORTED or OPTION_INVALID for what an Iceberg catalog cannot keep, as Flink's does. */
export function checkIcebergTable(statement: CreateTable): void {
  const { columns, watermark, options } = statement;
  const other = columns.find(({ kind }) => kind !== 'physical-column');
  if (other !== undefined) throw unsupported(statement, other.span, `a ${other.kind === 'computed-column' ? 'computed' : 'metadata'} column in a table of an Iceberg catalog`);
  if (watermark !== null) throw unsupported(statement, watermark.span, 'a watermark in a table of an Iceberg catalog');
  checkKeys(statement);
  checkIcebergOptions(statement, options);
}

/** What other readers of the table would refuse to load, and what is not written. */
function checkKeys({ source, columns, primaryKey, partitionedBy }: CreateTable): void {
  const nested = columns.find(hasNestedType);
  if (nested !== undefined) throw sqlError('SQL_UNSUPPORTED', source, nested.span, `a column of a nested type ('${nested.name.name}') in an Iceberg table`, NESTED_HINT);
  const floating = primaryKey?.columns.find(({ name }) => isFloating(columns, name));
  if (floating !== undefined) throw sqlError('SQL_UNSUPPORTED', source, floating.span, `a primary key of a floating-point number ('${floating.name}') in an Iceberg table`, FLOATING_HINT);
  const again = partitionedBy.find(({ name }, i) => partitionedBy.findIndex((each) => each.name === name) < i);
  if (again !== undefined) throw sqlError('SQL_VALIDATE', source, again.span, `The table is partitioned by '${again.name}' twice.`, 'Name the column once.');
}

const NESTED_HINT = 'Use STRING, and JSON_STRING(value).';

const hasNestedType = (column: CreateTable['columns'][number]): boolean => column.kind === 'physical-column' && isNested(column.type.type);

const FLOATING_HINT = 'Iceberg identifies rows by no FLOAT or DOUBLE: take the column out of the key, or declare it as DECIMAL.';

const isFloating = (columns: CreateTable['columns'], name: string): boolean => {
  const column = columns.find((each) => each.name.name === name);
  return column?.kind === 'physical-column' && (column.type.type.kind === 'FLOAT' || column.type.type.kind === 'DOUBLE');
};

/** As `checkIcebergTable`, of a table that a catalog of another type declares. */
export function checkIcebergKeys(reader: OptionReader, { columns, primaryKey, partitionedBy }: Pick<Table, 'columns' | 'primaryKey' | 'partitionedBy'>): void {
  const nested = columns.find(hasNestedType);
  if (nested !== undefined) reader.fail(`has the column '${nested.name.name}' of a nested type`, NESTED_HINT);
  const floating = primaryKey.find((name) => isFloating(columns, name));
  if (floating !== undefined) reader.fail(`has a primary key of a floating-point number ('${floating}')`, FLOATING_HINT);
  const again = partitionedBy.find((name, i) => partitionedBy.indexOf(name) < i);
  if (again !== undefined) reader.fail(`is partitioned by '${again}' twice`, 'Name the column once.');
}

const unsupported = ({ source }: CreateTable, span: Span, what: string): Error => sqlError('SQL_UNSUPPORTED', source, span, what, 'Declare it in a catalog of another type.');

/** Of such a table ALTER TABLE changes the options. Throws SQL_UNSUPPORTED or OPTION_INVALID. */
export function checkIcebergChange(statement: AlterTable): void {
  const { source, span, change } = statement;
  if (change.kind === 'set') return checkIcebergOptions(statement, change.options);
  if (change.kind === 'reset') return checkIcebergOptions(statement, [], change.keys);
  throw sqlError('SQL_UNSUPPORTED', source, span, 'ALTER TABLE of anything but the options of an Iceberg table', 'Change its columns with another engine, or make a new table.');
}

/** Table properties that are set, and those that are removed. Throws OPTION_INVALID. */
function checkIcebergOptions({ source }: CreateTable | AlterTable, set: readonly Option[], reset: readonly Text[] = []): void {
  for (const { key, value } of set) refuse(source, key, problemOf(key.value, value.value));
  for (const key of reset) refuse(source, key, isOurs(key.value) ? WHICH_ROWS : null);
}

function refuse(source: string, { span, value }: Text, problem: string | null): void {
  if (problem !== null) throw sqlError('OPTION_INVALID', source, span, `'${value}' ${problem}`, HINTS[value]);
}

const HINTS: Readonly<Record<string, string>> = {
  connector: 'Tables of other connectors go into default_catalog, or into a catalog of another type.',
  location: 'The catalog chooses the place: leave the option out.',
};

const WHICH_ROWS = 'says which rows have been written, and is not for people';

/** What jobs have committed. */
const isOurs = (key: string): boolean => key.startsWith('sluice.');

function problemOf(key: string, value: string): string | null {
  if (isOurs(key)) return WHICH_ROWS;
  if (key === 'connector') return 'is not an option of tables of an Iceberg catalog';
  if (key === 'location') return 'of an Iceberg table cannot be set';
  if (key === 'format-version' && value !== '2') return `must be '2', the version of Iceberg's format that Sluice writes, not '${value}'`;
  if (key === 'write.format.default' && value !== 'parquet') return `must be 'parquet', not '${value}'`;
  return null;
}
