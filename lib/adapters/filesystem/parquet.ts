/** Rows as Parquet, with the types that Flink's `parquet` format gives them; timestamps are INT64, in UTC. */
import { ByteWriter, parquetWrite, type ColumnSource, type ParquetWriteOptions, type SchemaElement } from 'hyparquet-writer';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { SluiceError } from '../../core/errors.ts';
import { typeText, type Column, type Row, type SqlType, type Value } from '../../core/types.ts';
import { bigintOf, numberOf } from '../../core/value-access.ts';
import { epochNanos } from '../../core/value-text.ts';

export const PARQUET_CODECS = ['SNAPPY', 'GZIP', 'ZSTD', 'UNCOMPRESSED'] as const;
export type ParquetCodec = (typeof PARQUET_CODECS)[number];

/** Flink's hadoop-parquet has 128 MB; so many rows are less in every practical table. */
const GROUP_ROWS = 100_000;
const COMPRESSORS: NonNullable<ParquetWriteOptions['compressors']> = { GZIP: (bytes) => gzipSync(bytes), ZSTD: (bytes) => zstdCompressSync(bytes) };

/** How one SQL type is stored. */
interface Stored {
  readonly element: Omit<SchemaElement, 'name'>;
  readonly convert?: (value: Exclude<Value, null>) => unknown;
}

/** Compiles the writer of whole files with these columns. Throws OPTION_INVALID for a type that Parquet has not. */
export function compileParquet(columns: readonly Column[], codec: ParquetCodec): (rows: readonly Row[]) => Uint8Array {
  const stored = columns.map(storedColumn);
  const schema: SchemaElement[] = [
    { name: 'schema', num_children: columns.length },
    ...columns.map(({ name }, i) => ({ name, repetition_type: 'OPTIONAL' as const, ...stored[i]?.element })),
  ];
  return (rows) => {
    const columnData = columns.map(({ name }, i): ColumnSource => ({ name, data: rows.map((row) => converted(stored[i], row[i] ?? null)) }));
    const writer = new ByteWriter();
    parquetWrite({ writer, columnData, schema, codec, compressors: COMPRESSORS, rowGroupSize: GROUP_ROWS, createdBy: 'sluice' });
    return writer.getBytes();
  };
}

/** Bytes that a row has before it is encoded and compressed. */
export const plainBytes = (row: Row): number => row.reduce<number>((sum, value) => sum + bytesIn(value), 0);

function bytesIn(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return 4 + value.length;
  return value === null ? 1 : 8;
}

const converted = (stored: Stored | undefined, value: Value): unknown => (value === null || stored?.convert === undefined ? value : stored.convert(value));

function storedColumn({ name, type }: Column): Stored {
  const stored = storedType(type);
  if (stored !== null) return stored;
  throw new SluiceError('OPTION_INVALID', { message: `column '${name}' of type ${typeText(type)} cannot be stored in Parquet`, hint: 'Cast it to a type that Parquet has.' });
}

function storedType(type: SqlType): Stored | null {
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
      return timestamp(type, type.precision, type.kind === 'TIMESTAMP_LTZ');
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
function timestamp(type: SqlType, precision: number, isAdjustedToUTC: boolean): Stored {
  const unit = precision > 6 ? 'NANOS' : 'MICROS';
  const convert = (value: Value): bigint => (precision <= 3 ? BigInt(numberOf(value)) * 1000n : inUnit(epochNanos(type, bigintOf(value)), unit));
  return { element: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC, unit } }, convert };
}

/** Towards the past, also before 1970. */
const inUnit = (nanos: bigint, unit: 'MICROS' | 'NANOS'): bigint => (unit === 'NANOS' ? nanos : (nanos - (((nanos % 1000n) + 1000n) % 1000n)) / 1000n);
