/** Reads Avro's binary encoding by the schema that it was written with. */
import { isUnion, type AvroObject, type AvroRecord, type AvroSchema, type AvroValue } from './avro-schema.ts';

const text = new TextDecoder('utf-8', { fatal: true });

/** Items of an array that take no bytes must not make a loop without end. */
const ITEMS_MAX = 100_000_000;

/** Throws RangeError or TypeError at bytes that are no Avro; the caller names the file. */
export class AvroReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  raw(size: number): Uint8Array {
    if (size < 0 || this.#at + size > this.#bytes.length) throw new RangeError(`${size} bytes at ${this.#at} lie behind the end`);
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  long(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#view.getUint8(this.#at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
    throw new RangeError(`the number at ${this.#at} is too long`);
  }

  int(): number {
    const byte = this.#bytes[this.#at] ?? 0x80;
    if (byte >= 0x80) return Number(this.long());
    this.#at++;
    return (byte >> 1) ^ -(byte & 1);
  }

  bytes(): Uint8Array {
    return this.raw(this.int());
  }

  string(): string {
    return text.decode(this.bytes());
  }

  float(size: 4 | 8): number {
    const bytes = this.raw(size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  }
}

/** Types of a schema by name, which it may refer to. */
export type NamedTypes = ReadonlyMap<string, AvroSchema>;

function decodeAvro(reader: AvroReader, schema: AvroSchema, names: NamedTypes): AvroValue {
  if (typeof schema === 'string') return decodePrimitive(reader, schema, names);
  if (isUnion(schema)) return decodeAvro(reader, branchAt(schema, reader.int()), names);
  switch (schema.type) {
    case 'record':
      return decodeRecord(reader, schema, names);
    case 'array':
      return blocks(reader, () => decodeAvro(reader, schema.items, names));
    case 'map':
      return Object.fromEntries(blocks(reader, (): [string, AvroValue] => [reader.string(), decodeAvro(reader, schema.values, names)]));
    case 'fixed':
      return reader.raw(schema.size);
    case 'enum':
      return schema.symbols[reader.int()] ?? null;
    default:
      return decodePrimitive(reader, schema.type, names);
  }
}

function branchAt(branches: readonly AvroSchema[], index: number): AvroSchema {
  const branch = branches[index];
  if (branch === undefined) throw new RangeError(`a union of ${branches.length} types has no type ${index}`);
  return branch;
}

export function decodeRecord(reader: AvroReader, { fields }: AvroRecord, names: NamedTypes): AvroObject {
  const value: Record<string, AvroValue> = {};
  for (const { name, type } of fields) value[name] = decodeAvro(reader, type, names);
  return value;
}

/** Blocks of items; a negative count is followed by the bytes of the block. */
export function blocks<T>(reader: AvroReader, item: () => T): T[] {
  const items: T[] = [];
  for (let count = reader.int(); count !== 0; count = reader.int()) {
    if (count < 0) reader.long();
    if (items.length + Math.abs(count) > ITEMS_MAX) throw new RangeError('too many items');
    for (let n = Math.abs(count); n > 0; n--) items.push(item());
  }
  return items;
}

function decodePrimitive(reader: AvroReader, type: string, names: NamedTypes): AvroValue {
  switch (type) {
    case 'null':
      return null;
    case 'boolean':
      return reader.raw(1)[0] === 1;
    case 'int':
      return reader.int();
    case 'long':
      return reader.long();
    case 'float':
      return reader.float(4);
    case 'double':
      return reader.float(8);
    case 'string':
      return reader.string();
    case 'bytes':
      return reader.bytes();
  }
  const named = names.get(type);
  if (named === undefined) throw new TypeError(`no type is called '${type}'`);
  return decodeAvro(reader, named, names);
}

/** Records, fixed types and enums anywhere in the schema. */
export function namedTypes(schema: AvroSchema, found = new Map<string, AvroSchema>()): Map<string, AvroSchema> {
  if (typeof schema === 'string') return found;
  if (isUnion(schema)) schema.forEach((branch) => namedTypes(branch, found));
  else if (schema.type === 'array') namedTypes(schema.items, found);
  else if (schema.type === 'map') namedTypes(schema.values, found);
  else if ('name' in schema) found.set(schema.name, schema);
  if (!isUnion(schema) && schema.type === 'record') schema.fields.forEach((field) => namedTypes(field.type, found));
  return found;
}
