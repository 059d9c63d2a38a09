/** Single values as bytes, the form of bounds (https://iceberg.apache.org/spec/#appendix-d-single-value-serialization). */
import { bigintOf, bytesOf, numberOf, type Present, stringOf } from '../../core/value-access.ts';
import type { PrimitiveType } from './types.ts';

const encoder = new TextEncoder();

export function singleValue(type: PrimitiveType, value: Present): Uint8Array {
  switch (type.kind) {
    case 'boolean':
      return Uint8Array.of(value === true ? 1 : 0);
    case 'int':
    case 'date':
      return written(4, (view) => view.setInt32(0, numberOf(value), true));
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return longBytes(bigintOf(value));
    case 'float':
      return written(4, (view) => view.setFloat32(0, numberOf(value), true));
    case 'double':
      return written(8, (view) => view.setFloat64(0, numberOf(value), true));
    case 'string':
      return encoder.encode(stringOf(value));
    case 'decimal':
      return unscaledBytes(bigintOf(value));
    default:
      return bytesOf(value);
  }
}

export const longBytes = (value: bigint): Uint8Array => written(8, (view) => view.setBigInt64(0, value, true));

function written(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** Two's complement, big-endian, as few bytes as hold it (java.math.BigInteger.toByteArray). */
export function unscaledBytes(value: bigint): Uint8Array {
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  return fixedBytes(value, size);
}

/** Two's complement, big-endian, in exactly `size` bytes. */
export function fixedBytes(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = size - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/** Bytes that hold every decimal of `precision` digits. */
export function decimalSize(precision: number): number {
  let size = 1;
  while (2n ** BigInt(size * 8 - 1) <= 10n ** BigInt(precision)) size++;
  return size;
}
