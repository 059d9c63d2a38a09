/** Avro object container files: manifests and manifest lists. */
import { inflateRawSync } from 'node:zlib';
import { SluiceError } from '../../core/errors.ts';
import { unzstd } from '../compression.ts';
import { AvroReader, blocks, decodeRecord, namedTypes } from './avro-decode.ts';
import { AvroBytes, encodeAvro } from './avro-encode.ts';
import type { AvroObject, AvroRecord } from './avro-schema.ts';

const MAGIC = Uint8Array.of(0x4f, 0x62, 0x6a, 1);
const SYNC_BYTES = 16;

export interface AvroFile {
  readonly schema: AvroRecord;
  readonly metadata: ReadonlyMap<string, Uint8Array>;
  readonly records: readonly AvroObject[];
}

/** One block without compression: every reader can read it. `sync` is 16 random bytes. */
export function writeAvro(schema: AvroRecord, metadata: Readonly<Record<string, string>>, records: readonly AvroObject[], sync: Uint8Array): Uint8Array {
  const out = new AvroBytes();
  out.raw(MAGIC);
  const entries = Object.entries({ ...metadata, 'avro.schema': JSON.stringify(schema), 'avro.codec': 'null' });
  out.long(entries.length);
  for (const [key, value] of entries) {
    out.string(key);
    out.string(value);
  }
  out.long(0);
  out.raw(sync);
  if (records.length > 0) writeBlock(out, schema, records, sync);
  return out.written.slice();
}

function writeBlock(out: AvroBytes, schema: AvroRecord, records: readonly AvroObject[], sync: Uint8Array): void {
  const block = new AvroBytes();
  for (const record of records) encodeAvro(block, schema, record);
  out.long(records.length);
  out.bytes(block.written);
  out.raw(sync);
}

/** Throws STORE_CORRUPT; `where` names the file. */
export function readAvro(bytes: Uint8Array, where: string): AvroFile {
  try {
    return parseFile(new AvroReader(bytes));
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    throw new SluiceError('STORE_CORRUPT', { message: `${where} is no Avro file that can be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause });
  }
}

function parseFile(reader: AvroReader): AvroFile {
  if (Buffer.compare(reader.raw(MAGIC.length), MAGIC) !== 0) throw new TypeError('it does not begin with Obj1');
  const metadata = new Map(blocks(reader, (): [string, Uint8Array] => [reader.string(), reader.bytes()]));
  const schema: AvroRecord = JSON.parse(textOf(metadata.get('avro.schema')));
  if (schema.type !== 'record') throw new TypeError('it holds no records');
  const decompress = decompressor(textOf(metadata.get('avro.codec')) || 'null');
  reader.raw(SYNC_BYTES);
  const records: AvroObject[] = [];
  const names = namedTypes(schema);
  while (!reader.isAtEnd) {
    const count = reader.int();
    const block = new AvroReader(decompress(reader.bytes()));
    reader.raw(SYNC_BYTES);
    for (let n = 0; n < count; n++) records.push(decodeRecord(block, schema, names));
  }
  return { schema, metadata, records };
}

const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

function decompressor(codec: string): (bytes: Uint8Array) => Uint8Array {
  switch (codec) {
    case 'null':
      return (bytes) => bytes;
    case 'deflate':
      return inflateRawSync;
    case 'zstandard':
      return unzstd;
    default:
      throw new TypeError(`its codec is '${codec}'; those that can be read are null, deflate and zstandard`);
  }
}
