/** A table that is read: what its records give, and fields for all columns, computed ones included. */
import { assert } from '../core/errors.ts';
import { columnAt, isNullable, isProcessingTime } from '../core/expression.ts';
import type { Expression, KeyColumn, SourceNode } from '../core/plan.ts';
import type { Column } from '../core/types.ts';
import { typeText } from '../core/types.ts';
import type { ColumnDefinition, ComputedColumn, NamedTable, PhysicalColumn, Span, WatermarkDefinition } from './ast.ts';
import { requireReadable } from './connectors.ts';
import { didYouMean } from './diagnostic.ts';
import { datagenOptions, type DatagenOptions } from './datagen-options.ts';
import { kafkaOptions, type KafkaOptions } from './options.ts';
import { locating, type PlanContext, type Table } from './plan-context.ts';
import { translate, type Scope } from './plan-expression.ts';
import type { Field, Pipeline } from './plan-scope.ts';
import { keyColumnsOf, metadataField, metadataSource, withRecordFields } from './plan-record.ts';
import { withHints } from './table-hints.ts';
import { invalid } from './refusal.ts';

/** The base of a pipeline that reads a table; its columns are the physical ones, then those of metadata as the connector gives them. */
export interface SourceTable {
  readonly kind: 'source';
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly options: KafkaOptions | DatagenOptions;
  /** Columns that come from the key. */
  readonly keyColumns: readonly KeyColumn[];
  readonly metadata: NonNullable<SourceNode['metadata']>;
  readonly rowTime: RowTime | null;
}

/** `WATERMARK FOR`, over the columns of the base. */
export interface RowTime {
  readonly name: string;
  readonly expression: Expression;
  readonly watermark: Expression;
}

/** `FROM table [AS alias]`. */
export function planNamedTable(reference: NamedTable, context: PlanContext): Pipeline {
  const table = withHints(context.table(reference.name), reference.hints);
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
  const connection = table.connector === 'datagen' ? ofGenerator(table, physical) : ofTopics(table, physical);
  const fields = fieldsOf(table, connection.columns);
  const rowTime = table.watermark === null ? null : rowTimeOf(table.watermark, fields);
  return { kind: 'source', table, ...connection, rowTime };
}

function ofTopics(table: Table, physical: readonly Column[]): Connection {
  const options = withRecordFields(table, kafkaOptions(table.options, table.path), physical);
  const sources = table.columns.filter((column) => column.kind === 'metadata-column').map(metadataSource);
  const metadata = sources.map(({ key }, i) => ({ column: physical.length + i, key }));
  return { columns: [...physical, ...sources.map(({ column }) => column)], options, keyColumns: keyColumnsOf(table, options, physical), metadata };
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

/** One field per column of the table, in order. A computed column may refer to all that are not computed. */
function fieldsOf(table: Table, columns: readonly Column[]): Field[] {
  const given = table.columns.flatMap((column) => (column.kind === 'computed-column' ? [] : [givenField(column, columns)]));
  return table.columns.map((column) => given.find(({ name }) => name === column.name.name) ?? computed(column, given, columns));
}

/** The field of a column that the record gives. */
function givenField(column: Exclude<ColumnDefinition, ComputedColumn>, columns: readonly Column[]): Field {
  const index = columns.findIndex(({ name }) => name === column.name.name);
  if (column.kind === 'metadata-column') return metadataField(column, metadataSource(column), index);
  const { name, type, nullable } = columnOf(column);
  return { name, qualifier: null, expression: columnAt(index, type), nullable, timeAttribute: false };
}

function computed(column: ColumnDefinition, given: readonly Field[], columns: readonly Column[]): Field {
  assert(column.kind === 'computed-column', 'all other columns are given');
  const expression = translate(column.expression, { fields: given });
  return { name: column.name.name, qualifier: null, expression, nullable: isNullable(expression, columns), timeAttribute: false };
}

/** The checks of Flink's DefaultSchemaResolver, in its words; `scope` is what names in the expression mean. */
export function rowTimeOf(definition: WatermarkDefinition, fields: readonly Field[], scope: Scope = { fields }): RowTime {
  const { name, span } = definition.column;
  const names = fields.map((candidate) => candidate.name);
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    const message = `Invalid column name '${name}' for rowtime attribute in watermark declaration. Available columns are: [${names.join(', ')}]`;
    return invalid(span, message, didYouMean(name, names));
  }
  const { expression } = field;
  requireRowTimeType(expression, span, 'time field');
  const watermark = translate(definition.expression, scope);
  requireRowTimeType(watermark, definition.expression.span, 'watermark expression');
  if (watermark.type.kind !== expression.type.kind) {
    const message = `The watermark declaration's output data type '${typeText(watermark.type)}' is different from the time field's data type '${typeText(expression.type)}'.`;
    return invalid(definition.expression.span, message);
  }
  return { name, expression, watermark };
}

function requireRowTimeType({ type }: Expression, span: Span, what: 'time field' | 'watermark expression'): void {
  if ((type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.precision <= 3) return;
  const of = what === 'time field' ? 'time field' : 'expression';
  const rule = "The field must be of type TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3";
  invalid(span, `Invalid data type of ${of} for watermark definition. ${rule}, but the ${what} type is ${typeText(type)}`);
}
