/** Tables between SQL and Iceberg, as Flink's connector maps them (FlinkSchemaUtil, FlinkCatalog). */
import { assert, SluiceError } from '../../core/errors.ts';
import { typeText } from '../../core/types.ts';
import type { CatalogColumn, ExternalTable } from '../../ports/table-catalog.ts';
import type { NewTable } from './catalog.ts';
import { currentSchema, defaultSpec, type NestedField, type PartitionSpec, type Schema, type TableMetadata } from './metadata.ts';
import { icebergType, icebergTypeText, primitiveType, sqlType } from './types.ts';

const FIRST_PARTITION_ID = 1000;
/** Where the comment of a table goes, as with Spark. */
const COMMENT = 'comment';
/** Not a property of the table: it says which kind of metadata is made. */
const FORMAT_VERSION = 'format-version';

/** Throws SQL_UNSUPPORTED for a type that Iceberg does not have, and for keys that other readers of the table would refuse. */
export function newTable(table: ExternalTable): NewTable {
  checkKeys(table);
  const { columns, primaryKey, partitionedBy, options, comment } = table;
  const fields = columns.map(newField);
  const idOf = (name: string): number => fields.find((field) => field.name === name)?.id ?? 0;
  const { [FORMAT_VERSION]: _, ...properties } = options;
  return {
    schema: { type: 'struct', 'schema-id': 0, ...(primaryKey.length === 0 ? {} : { 'identifier-field-ids': primaryKey.map(idOf) }), fields },
    spec: { 'spec-id': 0, fields: partitionedBy.map((name, i) => ({ 'source-id': idOf(name), 'field-id': FIRST_PARTITION_ID + i, name, transform: 'identity' })) },
    properties: comment === null ? properties : { ...properties, [COMMENT]: comment },
  };
}

function checkKeys({ columns, primaryKey, partitionedBy }: ExternalTable): void {
  const floating = columns.find(({ name, type }) => primaryKey.includes(name) && (type.kind === 'FLOAT' || type.kind === 'DOUBLE'));
  if (floating !== undefined) throw new SluiceError('SQL_UNSUPPORTED', { message: `'${floating.name}' of type ${typeText(floating.type)} in the primary key of an Iceberg table: Iceberg identifies rows by no such numbers` });
  const again = partitionedBy.find((name, i) => partitionedBy.indexOf(name) < i);
  if (again !== undefined) throw new SluiceError('SQL_UNSUPPORTED', { message: `an Iceberg table that is partitioned by '${again}' twice` });
}

function newField({ name, type, nullable, comment }: CatalogColumn, index: number): NestedField {
  const iceberg = icebergType(type);
  if (iceberg === null) throw new SluiceError('SQL_UNSUPPORTED', { message: `column '${name}' of type ${typeText(type)} in an Iceberg table: Iceberg has no such type` });
  return { id: index + 1, name, required: !nullable, type: icebergTypeText(iceberg), ...(comment === null ? {} : { doc: comment }) };
}

/** Throws SQL_UNSUPPORTED for columns of nested types; `where` names the table. */
export function externalTable(metadata: TableMetadata, where: string): ExternalTable {
  const schema = schemaOf(metadata, where);
  const { [COMMENT]: comment = null, ...options } = metadata.properties;
  return {
    columns: schema.fields.map((field) => column(field, where)),
    primaryKey: (schema['identifier-field-ids'] ?? []).flatMap((id) => schema.fields.find((field) => field.id === id)?.name ?? []),
    partitionedBy: partitionColumns(schema, defaultSpec(metadata)),
    options,
    comment,
  };
}

export function schemaOf(metadata: TableMetadata, where: string): Schema {
  const schema = currentSchema(metadata);
  assert(schema !== undefined, `${where} has its current schema`);
  return schema;
}

export function column({ name, type, required, doc }: NestedField, where: string): CatalogColumn {
  const primitive = primitiveType(type);
  if (primitive !== null) return { name, type: sqlType(primitive), nullable: !required, comment: doc ?? null };
  throw new SluiceError('SQL_UNSUPPORTED', { message: `column '${name}' of Iceberg table '${where}' has the type ${icebergTypeText(type)}, which Sluice does not know`, hint: 'ARRAY, MAP and ROW are not supported yet.' });
}

/** SQL has only columns as they are to partition by; of other transforms it shows nothing, as Flink does. */
function partitionColumns(schema: Schema, spec: PartitionSpec | undefined): string[] {
  const fields = (spec?.fields ?? []).filter(({ transform }) => transform !== 'void');
  if (fields.some(({ transform }) => transform !== 'identity')) return [];
  return fields.flatMap((field) => schema.fields.find(({ id }) => id === field['source-id'])?.name ?? []);
}
