/** Iceberg types in Parquet, with field ids (https://iceberg.apache.org/spec/#parquet). */
import type { SchemaElement } from 'hyparquet-writer';
import { compatibleName } from './compatible-name.ts';
import { decimalSize } from './single-value.ts';
import type { WrittenField } from './table-schema.ts';
import type { PrimitiveType } from './types.ts';

export function parquetSchema(fields: readonly WrittenField[]): SchemaElement[] {
  const columns = fields.map((field): SchemaElement => ({
    name: compatibleName(field.name),
    field_id: field.id,
    repetition_type: field.required ? 'REQUIRED' : 'OPTIONAL',
    ...physical(field.type),
  }));
  return [{ name: 'table', num_children: columns.length }, ...columns];
}

type Physical = Pick<SchemaElement, 'type' | 'type_length' | 'converted_type' | 'logical_type' | 'precision' | 'scale'>;

/** `converted_type` only where it says the same: TIMESTAMP_MICROS of old readers is an instant. */
function physical(type: PrimitiveType): Physical {
  switch (type.kind) {
    case 'boolean':
      return { type: 'BOOLEAN' };
    case 'int':
      return { type: 'INT32' };
    case 'long':
      return { type: 'INT64' };
    case 'float':
      return { type: 'FLOAT' };
    case 'double':
      return { type: 'DOUBLE' };
    case 'date':
      return { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } };
    case 'time':
      return { type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' } };
    case 'timestamp':
      return { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } };
    case 'timestamptz':
      return { type: 'INT64', converted_type: 'TIMESTAMP_MICROS', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } };
    case 'string':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
    case 'uuid':
      return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } };
    case 'fixed':
      return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: type.length };
    case 'binary':
      return { type: 'BYTE_ARRAY' };
    case 'decimal':
      return decimal(type.precision, type.scale);
  }
}

/** INT32 up to 9 digits, INT64 up to 18, else as many bytes as they need. */
function decimal(precision: number, scale: number): Physical {
  const meaning: Physical = { converted_type: 'DECIMAL', precision, scale, logical_type: { type: 'DECIMAL', precision, scale } };
  if (precision <= 9) return { type: 'INT32', ...meaning };
  return precision <= 18 ? { type: 'INT64', ...meaning } : { type: 'FIXED_LEN_BYTE_ARRAY', type_length: decimalSize(precision), ...meaning };
}
