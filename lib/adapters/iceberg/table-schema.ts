/** The columns of a table that a sink fills, and its partitions: read from the table's metadata and checked against the query. */
import { SluiceError } from '../../core/errors.ts';
import type { Column } from '../../core/types.ts';
import { currentSchema, defaultSpec, type NestedField, type PartitionSpec, type Schema, type TableMetadata } from './metadata.ts';
import { transform, type Transform } from './transforms.ts';
import { bothTypeTexts, conversion, icebergTypeText, primitiveType, type Conversion, type PrimitiveType } from './types.ts';

/** A column that is written. */
export interface WrittenField {
  /** Field id. */
  readonly id: number;
  readonly name: string;
  readonly type: PrimitiveType;
  readonly required: boolean;
  /** Index in the rows of the query. */
  readonly column: number;
  readonly convert: Conversion;
}

export interface WrittenPartition {
  readonly id: number;
  readonly name: string;
  readonly transform: Transform;
  /** null: the column is not written, so the value is null everywhere. */
  readonly source: WrittenField | null;
}

/** How rows of the query become files of the table. */
export interface WrittenTable {
  readonly schema: Schema;
  readonly spec: PartitionSpec;
  readonly fields: readonly WrittenField[];
  readonly partitions: readonly WrittenPartition[];
}

/** Throws SINK_UNAVAILABLE where the table does not fit: it may have been altered while the job was running, and may be mended. `name` is the table's. */
export function writtenTable(name: string, metadata: TableMetadata, columns: readonly Column[]): WrittenTable {
  const schema = currentSchema(metadata);
  const spec = defaultSpec(metadata);
  if (schema === undefined || spec === undefined) throw misfit(name, 'names a schema or a partition spec that it does not have', 'Restore its metadata from a copy.');
  if (metadata.properties['write.upsert.enabled'] === 'true') throw misfit(name, "is an upsert table ('write.upsert.enabled'), which Sluice cannot write", "Set the property to 'false': rows are only appended.");
  const fields = schema.fields.flatMap((field) => writtenField(name, field, columns) ?? []);
  checkColumns(name, schema, columns);
  return { schema, spec, fields, partitions: spec.fields.map((field) => writtenPartition(name, field, metadata, fields)) };
}

const misfit = (table: string, what: string, hint: string): SluiceError =>
  new SluiceError('SINK_UNAVAILABLE', { message: `Iceberg table '${table}' ${what}`, hint, details: { table } });

const MEND = 'Give the table that column again as the job writes it, or stop the job with a savepoint and resume it with a statement that fits the table.';

function checkColumns(name: string, schema: Schema, columns: readonly Column[]): void {
  for (const column of columns) {
    if (schema.fields.some((field) => field.name === column.name)) continue;
    const has = schema.fields.map((field) => field.name).join(', ');
    throw misfit(name, `has no column '${column.name}', which the job writes as ${bothTypeTexts(column.type)}; it has ${has}`, MEND);
  }
}

/** null: the query does not fill this column, and it may be null. */
function writtenField(table: string, field: NestedField, columns: readonly Column[]): WrittenField | null {
  const { id, name, required } = field;
  const index = columns.findIndex((column) => column.name === name);
  const column = columns[index];
  if (column === undefined) {
    if (required) throw misfit(table, `requires the column '${name}', which the job does not write`, MEND);
    return null;
  }
  if (required && column.nullable) throw misfit(table, `requires values in column '${name}', but the job may write NULL`, MEND);
  const type = primitiveType(field.type);
  const convert = type === null ? null : conversion(column.type, type);
  if (type === null || convert === null) {
    throw misfit(table, `has the column '${name}' of type ${icebergTypeText(field.type)}, but the job writes ${bothTypeTexts(column.type)}`, MEND);
  }
  return { id, name, type, required, column: index, convert };
}

function writtenPartition(table: string, field: PartitionSpec['fields'][number], metadata: TableMetadata, fields: readonly WrittenField[]): WrittenPartition {
  const type = sourceType(field, metadata);
  const found = type === null ? null : transform(field.transform, type);
  if (found === null) throw misfit(table, `is partitioned by ${field.transform} of column ${field['source-id']}, which Sluice cannot compute`, 'Change its partition spec.');
  return { id: field['field-id'], name: field.name, transform: found, source: fields.find(({ id }) => id === field['source-id']) ?? null };
}

/** A partition field that was dropped is `void`, and its column may be gone: the type is that of an older schema then, as any will do for nulls. */
function sourceType({ 'source-id': source, transform: name }: PartitionSpec['fields'][number], metadata: TableMetadata): PrimitiveType | null {
  const schemas = name === 'void' ? metadata.schemas : [currentSchema(metadata)];
  const found = schemas.flatMap((schema) => schema?.fields ?? []).findLast(({ id }) => id === source);
  if (found !== undefined) return primitiveType(found.type);
  return name === 'void' ? { kind: 'string' } : null;
}
