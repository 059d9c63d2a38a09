/** Flink's `raw` format: the bytes of a record are the value of one column (RawFormatDeserializationSchema, RawFormatSerializationSchema). A tombstone is NULL. */
import { textDecoder, textEncoder } from '../charset.ts';
import type { RawFormat } from '../plan.ts';
import { assert } from '../errors.ts';
import { typeText, type Column, type SqlType, type Value } from '../types.ts';
import { bigintOf, bytesOf, numberOf, stringOf } from '../value-access.ts';
import type { FormatDecoder } from './decoder.ts';
import { excerptOf } from './json-text.ts';

/** A value of a fixed number of bytes. */
interface FixedSize {
  readonly size: number;
  readonly read: (view: DataView, littleEndian: boolean) => Value;
  readonly write: (view: DataView, value: Value, littleEndian: boolean) => void;
}

const FIXED: Partial<Record<SqlType['kind'], FixedSize>> = {
  BOOLEAN: { size: 1, read: (view) => view.getUint8(0) !== 0, write: (view, value) => view.setUint8(0, value === true ? 1 : 0) },
  TINYINT: { size: 1, read: (view) => view.getInt8(0), write: (view, value) => view.setInt8(0, numberOf(value)) },
  SMALLINT: { size: 2, read: (view, little) => view.getInt16(0, little), write: (view, value, little) => view.setInt16(0, numberOf(value), little) },
  INT: { size: 4, read: (view, little) => view.getInt32(0, little), write: (view, value, little) => view.setInt32(0, numberOf(value), little) },
  BIGINT: { size: 8, read: (view, little) => view.getBigInt64(0, little), write: (view, value, little) => view.setBigInt64(0, bigintOf(value), little) },
  FLOAT: { size: 4, read: (view, little) => view.getFloat32(0, little), write: (view, value, little) => view.setFloat32(0, numberOf(value), little) },
  DOUBLE: { size: 8, read: (view, little) => view.getFloat64(0, little), write: (view, value, little) => view.setFloat64(0, numberOf(value), little) },
};

const TEXT: readonly SqlType['kind'][] = ['CHAR', 'VARCHAR'];
const BYTES: readonly SqlType['kind'][] = ['BINARY', 'VARBINARY'];

/** Whether the format has a column of this type. */
export const isRawType = ({ kind }: SqlType): boolean => kind in FIXED || TEXT.includes(kind) || BYTES.includes(kind);

const looseText = textDecoder('UTF-8');

/** Compiles a decoder for one column of a type that the format has, or for none, which gives an empty row per record. */
export function compileRawDecoder(columns: readonly Column[], format: RawFormat): FormatDecoder {
  const [column, second] = columns;
  assert(second === undefined, 'the raw format has one column');
  const read = column === undefined ? null : valueReader(column.type, format);
  const row: Value[] = [];
  return ({ bytes, starts, ends }, { from, to }, _nonce, visit) => {
    for (let index = from; index < to; index++) {
      const end = ends[index] ?? -1;
      const record = end < 0 ? null : bytes.subarray(starts[index], end);
      const value = record === null || read === null ? null : read(record);
      if (value === undefined) return { index, message: sizeMessage(column, record), excerpt: excerptOf(record === null ? '' : looseText(record.subarray(0, 1000))) };
      if (read !== null) row[0] = value;
      visit(row, index);
    }
    return null;
  };
}

/** `undefined` says that the bytes are not as many as the type has. */
function valueReader(type: SqlType, { endianness, charset }: RawFormat): (record: Uint8Array) => Value | undefined {
  if (TEXT.includes(type.kind)) return textDecoder(charset ?? 'UTF-8');
  if (BYTES.includes(type.kind)) return (record) => record.slice();
  const fixed = FIXED[type.kind];
  assert(fixed, `the raw format has no type ${typeText(type)}`);
  const isLittle = endianness === 'little-endian';
  return (record) => {
    if (record.length !== fixed.size) return undefined;
    return fixed.read(new DataView(record.buffer, record.byteOffset, record.length), isLittle);
  };
}

/** Compiles an encoder of one value of a type that the format has; NULL is null. */
export function compileRawEncoder(type: SqlType, { endianness, charset }: RawFormat): (value: Value) => string | Uint8Array | null {
  if (TEXT.includes(type.kind)) {
    const encode = charset === undefined ? (text: string) => text : textEncoder(charset);
    return (value) => (value === null ? null : encode(stringOf(value)));
  }
  if (BYTES.includes(type.kind)) return (value) => (value === null ? null : bytesOf(value));
  const fixed = FIXED[type.kind];
  assert(fixed, `the raw format has no type ${typeText(type)}`);
  return (value) => {
    if (value === null) return null;
    const bytes = new Uint8Array(fixed.size);
    fixed.write(new DataView(bytes.buffer), value, endianness === 'little-endian');
    return bytes;
  };
}

const sizeMessage = (column: Column | undefined, record: Uint8Array | null): string =>
  column === undefined ? '' : `'${column.name}': ${typeText(column.type)} has ${FIXED[column.type.kind]?.size ?? 0} bytes in the raw format, not ${record?.length ?? 0}`;
