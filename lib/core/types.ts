/**
 * SQL types and the JavaScript values that carry them.
 *
 * | type | value |
 * |---|---|
 * | BOOLEAN | boolean |
 * | TINYINT, SMALLINT, INT, FLOAT, DOUBLE | number |
 * | BIGINT | bigint, wrapped to 64 bits |
 * | DECIMAL(p, s) | bigint, unscaled (12.50 of DECIMAL(10, 2) is 1250n) |
 * | CHAR, VARCHAR, STRING | string |
 * | BINARY, VARBINARY, BYTES | Uint8Array |
 * | DATE | number, days since 1970-01-01 |
 * | TIME(p) | number, milliseconds of the day |
 * | TIMESTAMP(p), TIMESTAMP_LTZ(p), p <= 3 | number, epoch milliseconds |
 * | TIMESTAMP(p), TIMESTAMP_LTZ(p), p > 3 | bigint, epoch nanoseconds |
 * | INTERVAL DAY TO SECOND | number, milliseconds |
 * | INTERVAL YEAR TO MONTH | number, months |
 * | ARRAY | array of its elements |
 * | MAP | array of `[key, value]`, in the order in which keys came; a key stands once |
 * | MULTISET | array of `[element, count]`; the count is a number |
 * | ROW | array of its fields |
 * | RAW | a `Raw`: a value of the program's own, as `stored-value.ts` stores it |
 *
 * SQL NULL is null for every type.
 */
export type SqlType =
  | { readonly kind: 'BOOLEAN' | 'TINYINT' | 'SMALLINT' | 'INT' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'DATE' | 'NULL' }
  | { readonly kind: 'DECIMAL'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'CHAR' | 'VARCHAR' | 'BINARY' | 'VARBINARY'; readonly length: number }
  | { readonly kind: 'TIME' | 'TIMESTAMP' | 'TIMESTAMP_LTZ'; readonly precision: number }
  | { readonly kind: 'INTERVAL_DAY' | 'INTERVAL_YEAR' }
  | { readonly kind: 'RAW' }
  | { readonly kind: 'ARRAY'; readonly element: Inner }
  | { readonly kind: 'MULTISET'; readonly element: Inner }
  | { readonly kind: 'MAP'; readonly key: Inner; readonly value: Inner }
  | { readonly kind: 'ROW'; readonly fields: readonly RowField[] };

/** The type of what a collection holds; `nullable: false` is NOT NULL. */
export interface Inner {
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** A field of a ROW; the comment is for people. */
export interface RowField extends Inner {
  readonly name: string;
  readonly comment?: string;
}

/** Whatever a program's functions hand to each other; SQL sees nothing of it. */
export class Raw {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

export type Value = null | boolean | number | bigint | string | Uint8Array | Raw | readonly Value[];
export type Row = readonly Value[];

/** A named, typed column; `nullable: false` is NOT NULL. */
export interface Column {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** Length of STRING and BYTES, which are VARCHAR and VARBINARY without a limit. */
export const LENGTH_MAX = 2147483647;

export const BOOLEAN: SqlType = { kind: 'BOOLEAN' };
export const INT: SqlType = { kind: 'INT' };
export const BIGINT: SqlType = { kind: 'BIGINT' };
export const DOUBLE: SqlType = { kind: 'DOUBLE' };
export const STRING: SqlType = { kind: 'VARCHAR', length: LENGTH_MAX };
export const BYTES: SqlType = { kind: 'VARBINARY', length: LENGTH_MAX };
export const RAW: SqlType = { kind: 'RAW' };
export const TIMESTAMP3: SqlType = { kind: 'TIMESTAMP', precision: 3 };

/** In front of the columns of a row that is a change. */
export const ROW_KIND: Column = { name: '$row_kind', type: STRING, nullable: false };

/** The type as Flink prints it: `BIGINT`, `DECIMAL(10, 2)`, `STRING`, `TIMESTAMP(3)`, ``ROW<`a` ARRAY<INT NOT NULL>>``. */
export function typeText(type: SqlType): string {
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'CHAR':
    case 'BINARY':
      return `${type.kind}(${type.length})`;
    case 'VARCHAR':
      return type.length === LENGTH_MAX ? 'STRING' : `VARCHAR(${type.length})`;
    case 'VARBINARY':
      return type.length === LENGTH_MAX ? 'BYTES' : `VARBINARY(${type.length})`;
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `${type.kind}(${type.precision})`;
    case 'INTERVAL_DAY':
      return 'INTERVAL DAY TO SECOND';
    case 'INTERVAL_YEAR':
      return 'INTERVAL YEAR TO MONTH';
    case 'ARRAY':
    case 'MULTISET':
      return `${type.kind}<${innerText(type.element)}>`;
    case 'MAP':
      return `MAP<${innerText(type.key)}, ${innerText(type.value)}>`;
    case 'ROW':
      return `ROW<${type.fields.map((field) => `\`${field.name.replaceAll('`', '``')}\` ${innerText(field)}`).join(', ')}>`;
    default:
      return type.kind;
  }
}

const innerText = ({ type, nullable }: Inner): string => typeText(type) + (nullable ? '' : ' NOT NULL');

export function sameType(a: SqlType, b: SqlType): boolean {
  return typeText(a) === typeText(b);
}

/** ARRAY, MULTISET, MAP or ROW: the value is an array. */
export type NestedType = Extract<SqlType, { kind: 'ARRAY' | 'MULTISET' | 'MAP' | 'ROW' }>;

export const isNested = (type: SqlType): type is NestedType => ['ARRAY', 'MULTISET', 'MAP', 'ROW'].includes(type.kind);

/** True for TIMESTAMP types whose value is bigint nanoseconds. */
export const isNanos = (type: SqlType): boolean =>
  (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.precision > 3;

/** Wraps to a signed 64-bit integer, as Java's long arithmetic does. */
export const wrapBigint = (value: bigint): bigint => BigInt.asIntN(64, value);

/** What values of a nested type are made of: elements; entries of key and value, or element and count; fields. */
export function innersOf(type: NestedType): readonly Inner[] {
  switch (type.kind) {
    case 'ARRAY':
      return [type.element];
    case 'MULTISET':
      return [type.element, { type: INT, nullable: false }];
    case 'MAP':
      return [type.key, type.value];
    case 'ROW':
      return type.fields;
  }
}

/** The types alone. */
export const innerTypes = (type: NestedType): readonly SqlType[] => innersOf(type).map((inner) => inner.type);
