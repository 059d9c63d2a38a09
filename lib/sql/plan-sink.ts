/** The table that an INSERT writes, and the query made to fit it: by position, with Flink's implicit casts. */
import { castTo, literal } from '../core/expression.ts';
import { asDecimal, isBinary, isFloating, isInteger, isText, isTimestamp } from '../core/functions/type-rules.ts';
import type { SinkNode } from '../core/plan.ts';
import { innersOf, isNested, sameType, typeText, type Column, type NestedType, type SqlType } from '../core/types.ts';
import type { Insert, MetadataColumn } from './ast.ts';
import { requireWritable } from './connectors.ts';
import { didYouMean } from './diagnostic.ts';
import { checkSinkOptions } from './sink-options.ts';
import { recordsOf } from './sink-options-kafka.ts';
import type { Table } from './plan-context.ts';
import type { Field, Pipeline } from './plan-scope.ts';
import { invalid, orInvalid, unsupported } from './refusal.ts';
import { storedColumns } from './stored-columns.ts';

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

/** Of Kafka's metadata, the time of a record. */
function requireWritableMetadata(table: Table, { name, key, type: { type } }: MetadataColumn, span: Insert['span']): void {
  const wanted = key?.value ?? name.name;
  const column = `The metadata column '${name.name}' ('${wanted}') of a sink`;
  if (!isTopic(table)) return unsupported(span, column, 'Declare it as VIRTUAL if it is for reading only.');
  if (wanted !== 'timestamp') return unsupported(span, column, "Only 'timestamp' can be written; declare the column as VIRTUAL if it is for reading only.");
  if (type.kind !== 'TIMESTAMP_LTZ') return unsupported(span, `${column} as ${typeText(type)}`, 'Declare it as TIMESTAMP_LTZ(3).');
}

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
    if (target === undefined || implicitlyCast(field.expression.type, target.type)) return;
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

/** Casts that need no CAST (LogicalTypeCasts.supportsImplicitCast): those that lose nothing but digits of a fraction. */
function implicitlyCast(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'NULL' || sameType(from, to)) return true;
  if (isNested(from) || isNested(to)) return isNested(from) && isNested(to) && from.kind === to.kind && partsImplicitlyCast(from, to);
  if (isInteger(from) && isInteger(to)) return (asDecimal(from)?.precision ?? 0) <= (asDecimal(to)?.precision ?? 0);
  if (asDecimal(from) !== null) return to.kind === 'DECIMAL' || isFloating(to);
  if (isFloating(from)) return to.kind === 'DOUBLE';
  if (isTimestamp(from)) return isTimestamp(to);
  if (isText(from)) return isText(to) && (from.kind === 'CHAR' || lengthOf(from) <= lengthOf(to));
  return isBinary(from) && isBinary(to) && lengthOf(from) <= lengthOf(to);
}

/** Part by part; what is NOT NULL takes no part that may be NULL. */
function partsImplicitlyCast(from: NestedType, to: NestedType): boolean {
  const [parts, targets] = [innersOf(from), innersOf(to)];
  return parts.length === targets.length && parts.every(({ type, nullable }, i) => {
    const target = targets[i];
    return target !== undefined && (target.nullable || !nullable) && implicitlyCast(type, target.type);
  });
}

const lengthOf = (type: SqlType): number => ('length' in type ? type.length : 0);

/** What a table does not have is not in its plan. */
export function sinkNode({ table, ...node }: Pick<SinkNode, 'uid' | 'family' | 'input' | 'connector' | 'columns' | 'changelog'> & { readonly table: Table }): SinkNode {
  const { path, primaryKey, partitionedBy, options } = table;
  const keys = { ...(primaryKey.length > 0 && { primaryKey }), ...(partitionedBy.length > 0 && { partitionedBy }) };
  return { kind: 'sink', table: path, ...node, ...keys, ...recordsOf(node.connector, table), options };
}
