/** A `filesystem` table from its plan. */
import { SluiceError } from '../../core/errors.ts';
import { compileCsvEncoder } from '../../core/format/csv-encode.ts';
import { compileJsonEncoder } from '../../core/format/json-encode.ts';
import { parseMemorySize } from '../../core/memory-size.ts';
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import { DEFAULT_PARTITION, tableFormatOf, type TableFormat } from '../../core/table-files.ts';
import type { Column } from '../../core/types.ts';
import type { Blob } from '../../ports/blob.ts';
import { lineDrafts, wholeDrafts, type Drafts } from './drafts.ts';
import { FilesystemSink } from './sink.ts';

export interface FilesystemParts {
  readonly job: JobId;
  readonly node: SinkNode;
  /** The objects below `path`. */
  readonly openDirectory: (path: string) => Blob;
}

/** `sink.rolling-policy.file-size`, as in Flink. */
const FILE_BYTES = 128 * 1024 * 1024;

/** Sends nothing yet. Throws OPTION_INVALID. */
export async function openFilesystemSink({ job, node, openDirectory }: FilesystemParts): Promise<FilesystemSink> {
  const { columns, options, partitionedBy = [] } = node;
  const path = options['path'];
  if (path === undefined) throw new SluiceError('OPTION_INVALID', { message: `table ${node.table} has no 'path'` });
  const format = tableFormatOf(options);
  const stored = columns.filter(({ name }) => !partitionedBy.includes(name));
  const table = {
    place: path,
    blob: openDirectory(path),
    format,
    columns,
    partitions: partitionedBy.map((name) => columns.findIndex((column) => column.name === name)),
    nullName: options['partition.default-name'] ?? DEFAULT_PARTITION,
    drafts: await draftsOf(format, stored, options),
    fileBytes: parseMemorySize(options['sink.rolling-policy.file-size'] ?? '') ?? FILE_BYTES,
  };
  return new FilesystemSink(table, job, node);
}

async function draftsOf(format: TableFormat, columns: readonly Column[], options: SinkNode['options']): Promise<Drafts> {
  if (format.kind === 'csv') return lineDrafts(compileCsvEncoder(columns, format.csv));
  if (format.kind === 'json') return lineDrafts(compileJsonEncoder(columns));
  const { compileParquet, PARQUET_CODECS, plainBytes } = await import('./parquet.ts'); // only tables of Parquet pay for its library
  const codec = PARQUET_CODECS.find((each) => each === options['parquet.compression']?.toUpperCase()) ?? 'SNAPPY';
  return wholeDrafts(compileParquet(columns, codec), plainBytes);
}
