/** Rows as Parquet, with the types that Flink's `parquet` format gives them; timestamps are INT64, in UTC. */
import { parquetMetadataAsync } from 'hyparquet';
import { ByteWriter, ParquetWriter, type ColumnSource, type ParquetWriteOptions, type SchemaElement } from 'hyparquet-writer';
import { SluiceError } from '../../core/errors.ts';
import { typeText, type Column, type Row, type Value } from '../../core/types.ts';
import { bigintOf, numberOf } from '../../core/value-access.ts';
import { epochNanos, valueText } from '../../core/value-text.ts';
import { gzip, zstd } from '../compression.ts';
import { rowsDigest } from '../rows-digest.ts';
import type { Draft, OpenFile } from './drafts.ts';

export const PARQUET_CODECS = ['SNAPPY', 'GZIP', 'ZSTD', 'UNCOMPRESSED'] as const;
export type ParquetCodec = (typeof PARQUET_CODECS)[number];

/** A row group is encoded as soon as it has so many rows, or bytes: only what is encoded waits for the end of the file. */
const GROUP_ROWS = 16_000;
const GROUP_BYTES = 16 * 2 ** 20;
const COMPRESSORS: NonNullable<ParquetWriteOptions['compressors']> = { GZIP: (bytes) => gzip(bytes), ZSTD: (bytes) => zstd(bytes) };

/** Where the digest of a file's rows is: the same rows become other bytes with another version of a compressor or of the writer. */
const DIGEST = 'sluice.rows-sha256';

/** How one SQL type is stored. */
interface Stored {
  readonly element: Omit<SchemaElement, 'name'>;
  readonly convert?: (value: Exclude<Value, null>) => unknown;
}

/** Compiles the writer of files with these columns. Throws OPTION_INVALID for a type that Parquet has not; files throw SINK_UNAVAILABLE for a value. */
export function compileParquet(columns: readonly Column[], codec: ParquetCodec): () => OpenFile<readonly Row[]> {
  const stored = columns.map(storedColumn);
  const schema: SchemaElement[] = [
    { name: 'schema', num_children: columns.length },
    ...columns.map(({ name }, i) => ({ name, repetition_type: 'OPTIONAL' as const, ...stored[i]?.element })),
  ];
  return () => new ParquetFile(columns, stored, schema, codec);
}

class ParquetFile implements OpenFile<readonly Row[]> {
  readonly #columns: readonly Column[];
  readonly #stored: readonly Stored[];
  readonly #out = new ByteWriter();
  readonly #parquet: ParquetWriter;
  /** All of them, for the digest; they are those of the FIRE. */
  readonly #rows: Row[] = [];
  #encoded = 0;
  #waiting = 0;

  constructor(columns: readonly Column[], stored: readonly Stored[], schema: SchemaElement[], codec: ParquetCodec) {
    this.#columns = columns;
    this.#stored = stored;
    this.#parquet = new ParquetWriter({ writer: this.#out, schema, codec, compressors: COMPRESSORS, createdBy: 'sluice' });
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      this.#rows.push(row);
      this.#waiting += plainBytes(row);
      if (this.#rows.length - this.#encoded >= GROUP_ROWS || this.#waiting >= GROUP_BYTES) this.#encode();
    }
  }

  finish(): Pick<Draft, 'bytes' | 'digest'> {
    this.#encode();
    const digest = rowsDigest(this.#rows);
    this.#parquet.kvMetadata = [{ key: DIGEST, value: digest }];
    void this.#parquet.finish();
    return { bytes: this.#out.getBytes(), digest };
  }

  #encode(): void {
    const rows = this.#rows.slice(this.#encoded);
    if (rows.length === 0) return;
    const columnData = this.#columns.map((column, i) => this.#column(column, i, rows));
    // Synchronous as long as the writer has no `flush`.
    void this.#parquet.write({ columnData, rowGroupSize: rows.length });
    this.#encoded = this.#rows.length;
    this.#waiting = 0;
  }

  /**
   * Bounds leave NaN out, and a reader that takes it for the largest number would skip its row group. Floating columns go without a dictionary, which would
   * make 0 of -0.
   */
  #column({ name, type }: Column, index: number, rows: readonly Row[]): ColumnSource {
    const stored = this.#stored[index];
    const data = rows.map((row) => converted(stored, row[index] ?? null));
    return type.kind === 'FLOAT' || type.kind === 'DOUBLE' ? { name, data, encoding: 'PLAIN', statistics: !data.some(Number.isNaN) } : { name, data };
  }
}

/** The digest of the rows of a stored file; null if it has none, or is no Parquet. */
export async function digestIn(byteLength: number, read: (start: number, end: number) => Promise<Uint8Array>): Promise<string | null> {
  const slice = async (start: number, end = byteLength): Promise<ArrayBuffer> => Uint8Array.from(await read(start, end)).buffer;
  try {
    const { key_value_metadata: entries = [] } = await parquetMetadataAsync({ byteLength, slice }, { initialFetchSize: FOOTER_BYTES });
    return entries.find(({ key }) => key === DIGEST)?.value ?? null;
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    return null;
  }
}

/** Read at once: most footers are smaller. */
const FOOTER_BYTES = 64 * 1024;

/** Bytes that a row has before it is encoded and compressed. */
export const plainBytes = (row: Row): number => row.reduce<number>((sum, value) => sum + bytesIn(value), 0);

function bytesIn(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return 4 + value.length;
  return value === null ? 1 : 8;
}

const converted = (stored: Stored | undefined, value: Value): unknown => (value === null || stored?.convert === undefined ? value : stored.convert(value));

function storedColumn(column: Column): Stored {
  const { name, type } = column;
  const stored = storedType(column);
  if (stored !== null) return stored;
  throw new SluiceError('OPTION_INVALID', { message: `column '${name}' of type ${typeText(type)} cannot be stored in Parquet`, hint: 'Cast it to a type that Parquet has.' });
}

function storedType(column: Column): Stored | null {
  const { type } = column;
  switch (type.kind) {
    case 'BOOLEAN':
    case 'FLOAT':
    case 'DOUBLE':
      return { element: { type: type.kind } };
    case 'TINYINT':
      return { element: { type: 'INT32', converted_type: 'INT_8' } };
    case 'SMALLINT':
      return { element: { type: 'INT32', converted_type: 'INT_16' } };
    case 'INT':
      return { element: { type: 'INT32' } };
    case 'BIGINT':
      return { element: { type: 'INT64' } };
    case 'DECIMAL':
      return { element: decimalElement(type.precision, type.scale) };
    case 'CHAR':
    case 'VARCHAR':
      return { element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' } };
    case 'BINARY':
    case 'VARBINARY':
      return { element: { type: 'BYTE_ARRAY' } };
    case 'DATE':
      return { element: { type: 'INT32', converted_type: 'DATE' } };
    case 'TIME':
      return { element: { type: 'INT32', converted_type: 'TIME_MILLIS' } };
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestamp(column, type.precision, type.kind === 'TIMESTAMP_LTZ');
    default:
      return null;
  }
}

/** The smallest type of the specification; the bytes of a fixed one hold 10^precision and a sign. */
function decimalElement(precision: number, scale: number): Stored['element'] {
  const decimal = { converted_type: 'DECIMAL', precision, scale } as const;
  if (precision <= 9) return { type: 'INT32', ...decimal };
  if (precision <= 18) return { type: 'INT64', ...decimal };
  return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: Math.ceil((precision * Math.log2(10) + 1) / 8), ...decimal };
}

/** Microseconds, which every reader knows; nanoseconds only where the column has more digits. */
function timestamp({ name, type }: Column, precision: number, isAdjustedToUTC: boolean): Stored {
  const unit = precision > 6 ? 'NANOS' : 'MICROS';
  const convert = (value: Value): bigint => {
    if (precision <= 3) return BigInt(numberOf(value)) * 1000n;
    const nanos = epochNanos(type, bigintOf(value));
    if (unit === 'MICROS') return wholeMicros(nanos);
    if (BigInt.asIntN(64, nanos) === nanos) return nanos;
    throw new SluiceError('SINK_UNAVAILABLE', {
      message: `the value ${valueText(type, bigintOf(value))} of column '${name}' is outside of 1677 to 2262, which is what Parquet has nanoseconds for`,
      hint: `cancel the job, and resume an older savepoint with a query that has CAST(${name} AS TIMESTAMP(6)), or that leaves such rows out`,
      details: { column: name },
    });
  };
  return { element: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC, unit } }, convert };
}

/** Towards the past, also before 1970. */
const wholeMicros = (nanos: bigint): bigint => (nanos - (((nanos % 1000n) + 1000n) % 1000n)) / 1000n;
