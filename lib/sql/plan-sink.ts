/** The table that an INSERT writes, and the query made to fit it: by position, with Flink's implicit casts. */
import { castTo, literal } from '../core/expression.ts';
import { castsImplicitly, isBinary, isText } from '../core/functions/type-rules.ts';
import type { SinkNode } from '../core/plan.ts';
import { typeText, type Column, type SqlType } from '../core/types.ts';
import type { Insert, MetadataColumn } from './ast.ts';
import { requireWritable } from './connectors.ts';
import { didYouMean } from './diagnostic.ts';
import { checkSinkOptions } from './sink-options.ts';
import { recordsOf } from './sink-options-kafka.ts';
import type { Table } from './plan-context.ts';
import type { Field, Pipeline } from './plan-scope.ts';
import { invalid, orInvalid, unsupported } from './refusal.ts';
import { metadataKey, storedColumns } from './stored-columns.ts';

/** The connector of a table that is written, its options checked. */
export function sinkConnector(table: Table, insert: Insert): SinkNode['connector'] {
  const connector = requireWritable(table, insert.table.span);
  checkSinkOptions(connector, table);
  return connector;
}

/** Columns that are stored. Throws SQL_UNSUPPORTED for metadata that cannot be written. */
export function sinkColumns(table: Table, insert: Insert): readonly Column[] {
  return storedColumns(table.columns).map(({ column, metadata }) => {
    if (metadata !== null) requireWritableMetadata(table, metadata, insert.table.span);
    return column;
  });
}

/** Of Kafka's metadata, the time and the headers of a record. */
function requireWritableMetadata(table: Table, metadata: MetadataColumn, span: Insert['span']): void {
  const { type } = metadata.type;
  const wanted = metadataKey(metadata);
  const column = `The metadata column '${metadata.name.name}' ('${wanted}') of a sink`;
  if (!isTopic(table)) return unsupported(span, column, 'Declare it as VIRTUAL if it is for reading only.');
  const writable = WRITABLE.get(wanted);
  if (writable === undefined) return unsupported(span, column, "Only 'timestamp' and 'headers' can be written; declare the column as VIRTUAL if it is for reading only.");
  if (!writable.fits(type)) return unsupported(span, `${column} as ${typeText(type)}`, `Declare it as ${writable.type}.`);
}

const WRITABLE: ReadonlyMap<string, { readonly type: string; readonly fits: (type: SqlType) => boolean }> = new Map([
  ['timestamp', { type: 'TIMESTAMP_LTZ(3)', fits: ({ kind }) => kind === 'TIMESTAMP_LTZ' }],
  ['headers', { type: 'MAP<STRING, BYTES>', fits: (type) => type.kind === 'MAP' && isText(type.key.type) && isBinary(type.value.type) }],
]);

const isTopic = ({ connector }: Table): boolean => connector === 'kafka' || connector === 'upsert-kafka';

/** The query's fields as the columns of the sink, cast; columns that the INSERT does not name are NULL. */
export function fitSink(insert: Insert, query: Pipeline, table: Table, columns: readonly Column[]): Field[] {
  const targets = insert.columns === null ? columns : insert.columns.map((name) => targetOf(name.name, name.span, table, columns));
  const twice = insert.columns?.find(({ name }, i, all) => all.findIndex((other) => other.name === name) < i);
  if (twice !== undefined) return invalid(twice.span, `Target column '${twice.name}' is assigned more than once`);
  checkSchema(insert, query.fields, targets, table);
  return columns.map((column): Field => {
    const field = query.fields[targets.indexOf(column)];
    if (field !== undefined) {
      return { ...field, name: column.name, expression: orInvalid(castTo(field.expression, column.type), insert.table.span) };
    }
    if (!column.nullable) return invalid(insert.table.span, `Column '${column.name}' has no default value and does not allow NULLs`);
    return { name: column.name, qualifier: null, expression: literal(column.type, null), nullable: true, timeAttribute: false };
  });
}

function targetOf(name: string, span: Insert['span'], table: Table, columns: readonly Column[]): Column {
  const names = columns.map((column) => column.name);
  const found = columns.find((column) => column.name === name);
  return found ?? invalid(span, `Unknown target column '${name}' of table '${table.path}'`, didYouMean(name, names));
}

function checkSchema(insert: Insert, fields: readonly Field[], targets: readonly Column[], table: Table): void {
  if (fields.length !== targets.length) return mismatch(insert, fields, targets, table, 'Different number of columns.');
  fields.forEach((field, i) => {
    const target = targets[i];
    if (target === undefined || castsImplicitly(field.expression.type, target.type)) return;
    mismatch(insert, fields, targets, table, `Incompatible types for sink column '${target.name}' at position ${i}.`);
  });
}

function mismatch(insert: Insert, fields: readonly Field[], targets: readonly Column[], table: Table, cause: string): never {
  const query = fields.map(({ name, expression: { type }, nullable }) => ({ name, type, nullable }));
  const message = [
    `Column types of query result and sink for '${table.path}' do not match.`,
    `Cause: ${cause}`,
    '',
    `Query schema: ${schemaText(query)}`,
    `Sink schema:  ${schemaText(targets)}`,
  ];
  return invalid(insert.query.span, message.join('\n'), 'Columns are matched by position; use CAST where a type must change.');
}

const schemaText = (columns: readonly Column[]): string =>
  `[${columns.map(({ name, type, nullable }) => `${name}: ${typeText(type)}${nullable ? '' : ' NOT NULL'}`).join(', ')}]`;

/** What a table does not have is not in its plan. */
export function sinkNode({ table, ...node }: Pick<SinkNode, 'uid' | 'family' | 'input' | 'connector' | 'columns' | 'changelog'> & { readonly table: Table }): SinkNode {
  const { path, primaryKey, partitionedBy, options } = table;
  const keys = { ...(primaryKey.length > 0 && { primaryKey }), ...(partitionedBy.length > 0 && { partitionedBy }) };
  return { kind: 'sink', table: path, ...node, ...keys, ...recordsOf(node.connector, table), options };
}
