/** Avro files by avsc, which knows nothing of ours. */
import avro from 'avsc';

/** All 64 bits, in the little-endian form that avsc hands over. */
const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

const typeOf = (schema: avro.Schema): avro.Type => avro.Type.forSchema(schema, { registry: { long } });

export type AvroRecords = Record<string, unknown>[];

/** Logical types are not applied: a date is its number. */
export function readRecords(bytes: Uint8Array): Promise<AvroRecords> {
  const { promise, resolve, reject } = Promise.withResolvers<AvroRecords>();
  const decoder = new avro.streams.BlockDecoder({ parseHook: typeOf });
  const records: AvroRecords = [];
  decoder.on('data', (record: object) => records.push({ ...record }));
  decoder.on('error', reject);
  decoder.on('end', () => resolve(records));
  decoder.end(Buffer.from(bytes));
  return promise;
}

/** The file as another writer makes it; longs are numbers here. */
export function writeRecords(schema: avro.Schema, records: AvroRecords, codec: 'null' | 'deflate'): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const encoder = new avro.streams.BlockEncoder(schema, { codec });
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  encoder.on('error', reject);
  encoder.on('end', () => resolve(Buffer.concat(chunks)));
  for (const record of records) encoder.write(record);
  encoder.end();
  return promise;
}
