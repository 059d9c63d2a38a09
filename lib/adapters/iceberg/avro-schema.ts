/** Avro schemas as JSON, with Iceberg's field ids (https://avro.apache.org/docs/1.12.0/specification/). */

export type AvroSchema = string | readonly AvroSchema[] | AvroRecord | AvroArray | AvroMap | AvroFixed | AvroEnum | AvroLogical;

export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly 'field-id'?: number;
  readonly default?: null;
}

export interface AvroArray {
  readonly type: 'array';
  readonly items: AvroSchema;
  readonly 'element-id'?: number;
  /** `map`: the items are records of key and value. */
  readonly logicalType?: 'map';
}

export interface AvroMap {
  readonly type: 'map';
  readonly values: AvroSchema;
}

export interface AvroFixed {
  readonly type: 'fixed';
  readonly name: string;
  readonly size: number;
  readonly logicalType?: string;
  readonly precision?: number;
  readonly scale?: number;
}

export interface AvroEnum {
  readonly type: 'enum';
  readonly name: string;
  readonly symbols: readonly string[];
}

/** A primitive type with a meaning. */
export interface AvroLogical {
  readonly type: 'int' | 'long' | 'bytes' | 'string';
  readonly logicalType?: string;
  readonly 'adjust-to-utc'?: boolean;
}

/** `int` is a number and `long` a bigint when read; both are taken for both when written. */
export type AvroValue = null | boolean | number | bigint | string | Uint8Array | readonly AvroValue[] | AvroObject;

export interface AvroObject {
  readonly [name: string]: AvroValue;
}

export const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema);

export const isObject = (value: AvroValue | undefined): value is AvroObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** A field that may be null. */
export const optional = (name: string, id: number, type: AvroSchema): AvroField => ({ name, type: ['null', type], default: null, 'field-id': id });
export const required = (name: string, id: number, type: AvroSchema): AvroField => ({ name, type, 'field-id': id });
