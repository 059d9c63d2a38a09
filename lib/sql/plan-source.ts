/** A table that is read: what its records give, and fields for all columns, computed ones included. */
import { assert } from '../core/errors.ts';
import { columnAt, isProcessingTime } from '../core/expression.ts';
import type { KeyColumn, SourceNode } from '../core/plan.ts';
import type { Column } from '../core/types.ts';
import type { ColumnDefinition, ComputedColumn, NamedTable, PhysicalColumn } from './ast.ts';
import { requireReadable } from './connectors.ts';
import { withFields } from './format-options.ts';
import { datagenOptions, type DatagenOptions } from './datagen-options.ts';
import { kafkaOptions, type KafkaOptions } from './options.ts';
import { locating, type PlanContext, type Table } from './plan-context.ts';
import type { Field, Pipeline } from './plan-scope.ts';
import { KAFKA_METADATA, keyColumnsOf, metadataField, metadataSource, requireTypes, withRecordFields } from './plan-record.ts';
import { FILE_METADATA, fileOptions, type FileOptions } from './source-options-filesystem.ts';
import { invalid } from './refusal.ts';
import { fieldsOfTable, rowTimeOf, type RowTime } from './table-columns.ts';
import { withHints } from './table-hints.ts';

/** The base of a pipeline that reads a table; its columns are the physical ones, then those of metadata as the connector gives them. */
export interface SourceTable {
  readonly kind: 'source';
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly options: KafkaOptions | DatagenOptions | FileOptions;
  /** Columns that come from the key. */
  readonly keyColumns: readonly KeyColumn[];
  readonly metadata: NonNullable<SourceNode['metadata']>;
  readonly rowTime: RowTime | null;
}

/** `FROM table [AS alias]`. */
export function planNamedTable(reference: NamedTable, context: PlanContext): Pipeline {
  const table = withHints(context.table(reference.name), reference.hints, context);
  requireReadable(table, reference.span);
  const identity = JSON.stringify([table.path, table.options]);
  const pipeline = context.planned.get(identity) ?? locating(table.source, () => sourcePipeline(table));
  context.planned.set(identity, pipeline);
  const qualifier = reference.alias?.name ?? table.name;
  return { ...pipeline, fields: pipeline.fields.map((field) => ({ ...field, qualifier })) };
}

function sourcePipeline(table: Table): Pipeline {
  const base = sourceTable(table);
  const isRowTime = ({ name }: Field): boolean => name === base.rowTime?.name;
  const fields = fieldsOf(table, base.columns).map((field) => ({ ...field, timeAttribute: isRowTime(field) || isProcessingTime(field.expression) }));
  return { base, where: null, window: null, fields };
}

/** What the options of a connector make of the columns of a table. */
type Connection = Pick<SourceTable, 'columns' | 'options' | 'keyColumns' | 'metadata'>;

function sourceTable(table: Table): SourceTable {
  const physical = table.columns.filter((column) => column.kind === 'physical-column').map(columnOf);
  const connection = connect(table, physical);
  const fields = fieldsOf(table, connection.columns);
  const rowTime = table.watermark === null ? null : rowTimeOf(table.watermark, fields, connection.columns);
  return { kind: 'source', table, ...connection, rowTime };
}

function connect(table: Table, physical: readonly Column[]): Connection {
  if (table.connector === 'datagen') return ofGenerator(table, physical);
  return table.connector === 'filesystem' ? ofFiles(table, physical) : ofTopics(table, physical);
}

function ofTopics(table: Table, physical: readonly Column[]): Connection {
  const options = withRecordFields(table, kafkaOptions(table.options, table.path), physical);
  const sources = table.columns.filter((column) => column.kind === 'metadata-column').map((column) => metadataSource(column, table.path, KAFKA_METADATA));
  const metadata = sources.map(({ key }, i) => ({ column: physical.length + i, key }));
  return { columns: [...physical, ...sources.map(({ column }) => column)], options, keyColumns: keyColumnsOf(table, options, physical), metadata };
}

/** Columns of the partition and of metadata are the same for all rows of a file: they come with its key. */
function ofFiles(table: Table, physical: readonly Column[]): Connection {
  const given = fileOptions(table);
  const isOfPartition = ({ name }: Column): boolean => table.partitionedBy.includes(name);
  const inLines = physical.filter((column) => !isOfPartition(column));
  requireTypes(table, given.format.kind, inLines);
  const options = { ...given, format: withFields(given.format, inLines.map(({ name }) => name)) };
  const sources = table.columns.filter((column) => column.kind === 'metadata-column').map((column) => metadataSource(column, table.path, FILE_METADATA));
  const ofPartition = physical.flatMap((column, i) => (isOfPartition(column) ? [{ column: i, field: column.name }] : []));
  const ofFile = sources.map(({ key }, i) => ({ column: physical.length + i, field: key }));
  return { columns: [...physical, ...sources.map(({ column }) => column)], options, keyColumns: [...ofPartition, ...ofFile], metadata: [] };
}

function ofGenerator(table: Table, physical: readonly Column[]): Connection {
  const options = datagenOptions(table, physical);
  const declared = table.columns.find((column) => column.kind === 'metadata-column');
  if (declared !== undefined) {
    const reason = "the underlying DynamicTableSource doesn't implement the SupportsReadingMetadata interface. Therefore, metadata cannot be read from the given source.";
    invalid(declared.span, `Table '${table.path}' declares metadata columns, but ${reason}`, 'Leave the column out, or compute it: `LOCALTIMESTAMP` is the time at which a row is read.');
  }
  return { columns: physical, options, keyColumns: [], metadata: [] };
}

export const columnOf = ({ name, type }: PhysicalColumn): Column => ({ name: name.name, type: type.type, nullable: type.nullable });

/** One field per column of the table, in order. */
function fieldsOf({ columns }: Table, base: readonly Column[]): Field[] {
  const given = columns.flatMap((column) => (column.kind === 'computed-column' ? [] : [givenField(column, base)]));
  return fieldsOfTable(columns, given, base);
}

/** The field of a column that the record gives. */
function givenField(column: Exclude<ColumnDefinition, ComputedColumn>, columns: readonly Column[]): Field {
  const index = columns.findIndex(({ name }) => name === column.name.name);
  const given = columns[index];
  assert(given !== undefined, 'the base has every column that is given');
  if (column.kind === 'metadata-column') return metadataField(column, given, index);
  const { name, type, nullable } = columnOf(column);
  return { name, qualifier: null, expression: columnAt(index, type), nullable, timeAttribute: false };
}
