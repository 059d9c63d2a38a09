/** WITH options of a table that is read with `'connector' = 'filesystem'` (FileSystemConnectorOptions). */
import type { FileTable, JsonFormat, RecordFormat } from '../core/plan.ts';
import { isS3 } from '../core/s3-url.ts';
import { DEFAULT_PARTITION } from '../core/table-files.ts';
import { BIGINT, STRING } from '../core/types.ts';
import { readFormat } from './format-options.ts';
import { OptionReader } from './option-reader.ts';
import type { Table } from './plan-context.ts';
import type { ConnectorMetadata } from './plan-record.ts';
import { NO_WATERMARK_OPTIONS, type WatermarkOptions } from './watermark-options.ts';

export interface FileOptions extends WatermarkOptions {
  readonly connector: 'filesystem';
  readonly files: FileTable;
  /** Of the lines. */
  readonly format: RecordFormat;
  /** Of what is known of a file. */
  readonly key: { readonly format: JsonFormat };
}

/** What metadata columns show of the file of a row (FileSystemTableSource.ReadableFileInfo). */
export const FILE_METADATA: ConnectorMetadata<'file.path' | 'file.name' | 'file.size' | 'file.modification-time'> = {
  keys: ['file.path', 'file.name', 'file.size', 'file.modification-time'],
  types: {
    'file.path': { type: STRING, nullable: false },
    'file.name': { type: STRING, nullable: false },
    'file.size': { type: BIGINT, nullable: false },
    'file.modification-time': { type: { kind: 'TIMESTAMP_LTZ', precision: 3 }, nullable: false },
  },
};

const FILE_KEY: JsonFormat = { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'SQL' };

export function fileOptions({ options, path, partitionedBy }: Pick<Table, 'options' | 'path' | 'partitionedBy'>): FileOptions {
  const reader = new OptionReader(options, `table '${path}'`);
  reader.required('connector');
  const directory = reader.required('path');
  if (isS3(directory)) reader.fail(`has the path '${directory}', and Sluice reads files of a disk alone`, "Read a topic with 'connector' = 'kafka', or copy the files.");
  const monitorIntervalMs = reader.duration('source.monitor-interval') ?? null;
  if (monitorIntervalMs !== null && monitorIntervalMs <= 0) reader.wrong('source.monitor-interval', 'an interval greater than 0', options['source.monitor-interval'] ?? '');
  if (reader.text('source.path.regex-pattern') !== undefined) reader.fail("has a 'source.path.regex-pattern', which Sluice does not know", 'Put the files that are to be read into a directory of their own.');
  reader.oneOf('source.report-statistics', ['NONE', 'ALL'], 'ALL');
  const defaultPartition = reader.text('partition.default-name') ?? DEFAULT_PARTITION;
  const format = readFormat(reader, reader.required('format'), '');
  for (const key of Object.keys(options)) if (OF_SINKS.test(key)) reader.text(key);
  reader.finish();
  const files: FileTable = { path: directory, monitorIntervalMs, partitionedBy, defaultPartition, ...(format.kind === 'raw' && { blankLines: true }) };
  return { connector: 'filesystem', files, format, key: { format: FILE_KEY }, ...NO_WATERMARK_OPTIONS };
}

/** They are checked where the table is written. */
const OF_SINKS =
  /^(sink\.(rolling-policy\.(file-size|rollover-interval|inactivity-interval|check-interval)|shuffle-by-partition\.enable|parallelism|partition-commit\.(trigger|delay|watermark-time-zone|policy\.(kind|class|class\.parameters)|success-file\.name))|auto-compaction|compaction\.(file-size|parallelism)|partition\.time-extractor\.(kind|class|timestamp-(pattern|formatter)))$/;
