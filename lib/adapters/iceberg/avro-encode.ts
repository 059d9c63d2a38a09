/** Avro's binary encoding. */
import { SluiceError } from '../../core/errors.ts';
import { type AvroSchema, type AvroValue, isObject, isUnion } from './avro-schema.ts';

const text = new TextEncoder();

/** Bytes that grow. */
export class AvroBytes {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written so far; valid until more is written. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Zigzag, seven bits a byte. */
  long(value: number | bigint): void {
    if (value >= 0 && value < 64) return this.byte(Number(value) * 2);
    let rest = BigInt(value);
    rest = BigInt.asUintN(64, (rest << 1n) ^ (rest >> 63n));
    for (; rest > 0x7fn; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest));
  }

  bytes(bytes: Uint8Array): void {
    this.long(bytes.length);
    this.raw(bytes);
  }

  string(value: string): void {
    this.bytes(text.encode(value));
  }

  float(value: number, size: 4 | 8): void {
    const view = new DataView(new ArrayBuffer(size));
    if (size === 4) view.setFloat32(0, value, true);
    else view.setFloat64(0, value, true);
    this.raw(new Uint8Array(view.buffer));
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size));
    grown.set(this.written);
    this.#bytes = grown;
  }
}

/** Unions are those of null and one other type. A value that does not fit its schema is a defect. */
export function encodeAvro(out: AvroBytes, schema: AvroSchema, value: AvroValue | undefined): void {
  if (typeof schema === 'string') return encodePrimitive(out, schema, value);
  if (isUnion(schema)) return encodeUnion(out, schema, value);
  switch (schema.type) {
    case 'record':
      if (!isObject(value)) throw misfit(schema.name, value);
      for (const field of schema.fields) encodeAvro(out, field.type, value[field.name]);
      return;
    case 'array':
      return encodeArray(out, schema.items, value);
    case 'fixed':
      if (!(value instanceof Uint8Array) || value.length !== schema.size) throw misfit(schema.name, value);
      return out.raw(value);
    case 'map':
    case 'enum':
      throw misfit(schema.type, value);
    default:
      return encodePrimitive(out, schema.type, value);
  }
}

function encodeUnion(out: AvroBytes, branches: readonly AvroSchema[], value: AvroValue | undefined): void {
  const index = branches.findIndex((branch) => (branch === 'null') === (value === null || value === undefined));
  const branch = branches[index];
  if (branch === undefined) throw misfit('union', value);
  out.long(index);
  encodeAvro(out, branch, value);
}

function encodeArray(out: AvroBytes, items: AvroSchema, value: AvroValue | undefined): void {
  if (!Array.isArray(value)) throw misfit('array', value);
  if (value.length > 0) out.long(value.length);
  for (const item of value) encodeAvro(out, items, item);
  out.long(0);
}

function encodePrimitive(out: AvroBytes, type: string, value: AvroValue | undefined): void {
  if (type === 'null') return;
  if (type === 'boolean' && typeof value === 'boolean') return out.byte(value ? 1 : 0);
  if ((type === 'int' || type === 'long') && (typeof value === 'number' || typeof value === 'bigint')) return out.long(value);
  if ((type === 'float' || type === 'double') && typeof value === 'number') return out.float(value, type === 'float' ? 4 : 8);
  if (type === 'string' && typeof value === 'string') return out.string(value);
  if (type === 'bytes' && value instanceof Uint8Array) return out.bytes(value);
  throw misfit(type, value);
}

const misfit = (type: string, value: AvroValue | undefined): SluiceError =>
  new SluiceError('INVARIANT', { message: `a value should be Avro's ${type} but is ${value === null ? 'null' : typeof value}` });
