/** Rows as Parquet files of a target size. */
import { constants } from 'node:zlib';
import { ByteWriter, type ColumnSource, ParquetWriter, type ParquetWriteOptions } from 'hyparquet-writer';
import { SluiceError } from '../../core/errors.ts';
import type { Row } from '../../core/types.ts';
import type { Present } from '../../core/value-access.ts';
import { gzip as gzipSync, hasZstd, zstd as zstdCompressSync } from '../compression.ts';
import { ColumnBounds, metricsMode, type ColumnMetrics } from './bounds.ts';
import { compatibleName } from './compatible-name.ts';
import type { ParquetContent } from './data-file.ts';
import { jsonText } from './json.ts';
import { parquetSchema } from './parquet-schema.ts';
import type { WrittenField, WrittenTable } from './table-schema.ts';

export interface ParquetSettings {
  readonly codec: ParquetCodec;
  /** A file ends with the row group that reaches this. */
  readonly targetBytes: number;
  /** Properties of the table, which say what metrics are kept. */
  readonly properties: Readonly<Record<string, string>>;
}

type ParquetCodec = Pick<ParquetWriteOptions, 'codec' | 'compressors'>;

/** Rows of a row group. V8 collects the arrays of so many values at once; those beyond 128 kB it keeps for long, 300 MB of them for a million rows. */
const ROWS_PER_GROUP = 16_000;
/** Rows are cut finer where they are wide. */
const GROUP_BYTES = 32 * 1024 * 1024;
const DEFAULT_TARGET_BYTES = 512 * 1024 * 1024;
/** A file is made in memory, whole, and its buffer grows by copying: files are never wanted larger than this. */
const TARGET_BYTES_MAX = 64 * 1024 * 1024;

/** Throws OPTION_INVALID for what Sluice cannot write. */
export function parquetSettings(properties: Readonly<Record<string, string>>): ParquetSettings {
  const format = properties['write.format.default'] ?? 'parquet';
  if (format.toLowerCase() !== 'parquet') throw wrong('write.format.default', format, 'parquet');
  const target = properties['write.target-file-size-bytes'];
  const targetBytes = target === undefined ? DEFAULT_TARGET_BYTES : Number(target);
  if (!Number.isSafeInteger(targetBytes) || targetBytes < 1) throw wrong('write.target-file-size-bytes', String(target), 'a positive number of bytes');
  return { codec: codecOf(properties), targetBytes: Math.min(targetBytes, TARGET_BYTES_MAX), properties };
}

const wrong = (key: string, value: string, allowed: string): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `the table property '${key}' is '${value}'`, hint: `Sluice writes ${allowed}; set the property with ALTER TABLE … SET.` });

/** A table that names no codec gets Iceberg's default, or gzip from a Node that has no zstd. */
function codecOf(properties: Readonly<Record<string, string>>): ParquetCodec {
  const name = properties['write.parquet.compression-codec'] ?? (hasZstd() ? 'zstd' : 'gzip');
  switch (name.toLowerCase()) {
    case 'zstd': {
      const level = levelOf(properties, 1, 22);
      const options = level === undefined ? {} : { params: { [constants.ZSTD_c_compressionLevel]: level } };
      return { codec: 'ZSTD', compressors: { ZSTD: (input) => zstdCompressSync(input, options) } };
    }
    case 'gzip': {
      const level = levelOf(properties, 0, 9);
      return { codec: 'GZIP', compressors: { GZIP: (input) => gzipSync(input, level === undefined ? {} : { level }) } };
    }
    case 'snappy':
      return { codec: 'SNAPPY' };
    case 'uncompressed':
      return { codec: 'UNCOMPRESSED' };
    default:
      throw wrong('write.parquet.compression-codec', name, 'zstd, gzip, snappy or uncompressed');
  }
}

function levelOf(properties: Readonly<Record<string, string>>, least: number, most: number): number | undefined {
  const key = 'write.parquet.compression-level';
  const text = properties[key];
  if (text === undefined || text === 'null') return undefined;
  const level = Number(text);
  if (!Number.isInteger(level) || level < least || level > most) throw wrong(key, text, `levels from ${least} to ${most} of this codec`);
  return level;
}

export interface ParquetFile {
  readonly bytes: Uint8Array;
  readonly content: ParquetContent;
}

/** One file after the other, each whole in memory: up to the target and one row group. The same rows always make the same bytes. */
export function* parquetFiles(table: WrittenTable, settings: ParquetSettings, rows: readonly Row[]): Generator<ParquetFile> {
  const groupRows = rowsPerGroup(rows);
  let file: OpenFile | null = null;
  for (let start = 0; start < rows.length; start += groupRows) {
    file ??= new OpenFile(table, settings);
    file.add(rows.slice(start, start + groupRows));
    if (file.bytes < settings.targetBytes) continue;
    yield file.finish();
    file = null;
  }
  if (file !== null) yield file.finish();
}

const SAMPLE_ROWS = 1000;

function rowsPerGroup(rows: readonly Row[]): number {
  const step = Math.ceil(rows.length / SAMPLE_ROWS) || 1;
  let sampled = 0;
  let bytes = 0;
  for (let i = 0; i < rows.length; i += step, sampled++) for (const value of rows[i] ?? []) bytes += estimatedBytes(value);
  return Math.max(1, Math.min(ROWS_PER_GROUP, Math.floor((GROUP_BYTES * sampled) / Math.max(1, bytes))));
}

const estimatedBytes = (value: Row[number]): number => (typeof value === 'string' || value instanceof Uint8Array ? value.length + 4 : 8);

/** A file under way. */
class OpenFile {
  readonly #table: WrittenTable;
  readonly #properties: ParquetSettings['properties'];
  readonly #out = new ByteWriter();
  readonly #parquet: ParquetWriter;
  readonly #bounds: readonly ColumnBounds[];
  #rows = 0;

  constructor(table: WrittenTable, { codec, properties }: ParquetSettings) {
    this.#table = table;
    this.#properties = properties;
    this.#bounds = table.fields.map(({ type }) => new ColumnBounds(type));
    const kvMetadata = [{ key: 'iceberg.schema', value: jsonText(table.schema) }];
    this.#parquet = new ParquetWriter({ writer: this.#out, schema: parquetSchema(table.fields), kvMetadata, createdBy: 'sluice', ...codec });
  }

  get bytes(): number {
    return this.#out.offset;
  }

  add(rows: readonly Row[]): void {
    const columnData = this.#table.fields.map((field, i) => this.#column(field, i, rows));
    // Synchronous as long as the writer has no `flush`.
    void this.#parquet.write({ columnData, rowGroupSize: rows.length });
    this.#rows += rows.length;
  }

  finish(): ParquetFile {
    void this.#parquet.finish();
    return { bytes: this.#out.getBytes(), content: { rows: this.#rows, columnSizes: this.#columnSizes(), metrics: this.#metrics(), splits: this.#splits() } };
  }

  /**
   * Floating columns go without a dictionary, which would make 0 of -0. Bounds leave NaN out, and a reader that takes it for the largest number would skip its
   * row group.
   */
  #column({ name, type, column, convert }: WrittenField, index: number, rows: readonly Row[]): ColumnSource {
    const data = rows.map((row): Present | null => {
      const value = row[column] ?? null;
      return value === null ? null : convert(value);
    });
    this.#bounds[index]?.add(data);
    return { name: compatibleName(name), data, ...(type.kind === 'float' || type.kind === 'double' ? { encoding: 'PLAIN', statistics: !data.some(Number.isNaN) } : {}) };
  }

  #columnSizes(): Map<number, number> {
    const sizes = new Map<number, number>();
    for (const group of this.#parquet.row_groups) {
      this.#table.fields.forEach(({ id }, i) => sizes.set(id, (sizes.get(id) ?? 0) + Number(group.columns[i]?.meta_data?.total_compressed_size ?? 0)));
    }
    return sizes;
  }

  #metrics(): Map<number, ColumnMetrics> {
    const metrics = new Map<number, ColumnMetrics>();
    this.#table.fields.forEach(({ id, name }, i) => {
      const mode = metricsMode(this.#properties, name);
      const bounds = this.#bounds[i];
      if (mode.kind !== 'none' && bounds !== undefined) metrics.set(id, bounds.metrics(mode));
    });
    return metrics;
  }

  #splits(): number[] {
    return this.#parquet.row_groups.map(({ columns }) => Number(columns[0]?.meta_data?.dictionary_page_offset ?? columns[0]?.meta_data?.data_page_offset ?? 0));
  }
}
