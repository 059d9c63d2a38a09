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
import { lineDrafts, rowDrafts, type Drafts } from './drafts.ts';
import { FilesystemSink, type FileTable } from './sink.ts';

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
    ...(await formatOf(format, stored, options)),
    fileBytes: parseMemorySize(options['sink.rolling-policy.file-size'] ?? '') ?? FILE_BYTES,
  };
  return new FilesystemSink(table, job, node);
}

async function formatOf(format: TableFormat, columns: readonly Column[], options: SinkNode['options']): Promise<Pick<FileTable, 'drafts' | 'digestIn'>> {
  if (format.kind !== 'parquet') return { drafts: textDrafts(format, columns), digestIn: async () => null };
  const { compileParquet, digestIn, PARQUET_CODECS, plainBytes } = await import('./parquet.ts'); // only tables of Parquet pay for its libraries
  const codec = PARQUET_CODECS.find((each) => each === options['parquet.compression']?.toUpperCase()) ?? 'SNAPPY';
  return { drafts: rowDrafts(compileParquet(columns, codec), plainBytes), digestIn };
}

const textDrafts = (format: Exclude<TableFormat, { kind: 'parquet' }>, columns: readonly Column[]): Drafts =>
  lineDrafts(format.kind === 'csv' ? compileCsvEncoder(columns, format.csv) : compileJsonEncoder(columns));
