/** Where the rows of a plan come from. */
import type { GeneratedRows } from './generated-rows.ts';
import type { Expression, Identity } from './plan-expression.ts';
import type { RecordFormat } from './plan-format.ts';
import type { Column } from './types.ts';

/** A table read from topics, or from what is read as topics are. Its output columns are `columns`, already projected to what the plan needs. */
export interface SourceNode extends Identity {
  readonly kind: 'source';
  /** `catalog.database.table`, for people. */
  readonly table: string;
  readonly connector: 'kafka' | 'datagen' | 'filesystem';
  /** One of `datagen` has the rows of `generated`, as JSON; one of `filesystem` has the lines of `files`, and as keys what is known of each file. */
  readonly topics: readonly string[];
  /** Of `datagen` alone. */
  readonly generated?: GeneratedRows;
  /** Of `filesystem` alone. */
  readonly files?: FileTable;
  readonly startup: StartupMode;
  /** `scan.bounded.mode`; absent: unbounded. */
  readonly bounded?: BoundedMode;
  /** `properties.*` without the prefix: names of the Java client. Absent in plans that were made without them. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Of the value. */
  readonly format: RecordFormat;
  readonly columns: readonly Column[];
  /** Columns that come from the key of a record; absent: none. */
  readonly key?: { readonly format: RecordFormat; readonly columns: readonly KeyColumn[] };
  /** Columns that come from neither key nor value, of the types of `METADATA`; absent: none. All other columns come from the value. */
  readonly metadata?: readonly { readonly column: number; readonly key: MetadataKey }[];
  /** Row time and watermark, null for a table without WATERMARK FOR. */
  readonly eventTime: EventTimeSpec | null;
  /** `scan.watermark.idle-timeout` or `table.exec.source.idle-timeout`, ms; 0 is off. */
  readonly idleTimeoutMs: number;
  /** `scan.watermark.emit.strategy` (E8); absent: `on-periodic`. */
  readonly emitStrategy?: 'on-periodic' | 'on-event';
  /** All options of the WITH clause, as the user wrote them. */
  readonly options: Readonly<Record<string, string>>;
}

/** A directory, or a file, whose lines are read. */
export interface FileTable {
  /** Absolute. */
  readonly path: string;
  /** `source.monitor-interval`; null: what is there when the job is created is all. */
  readonly monitorIntervalMs: number | null;
  /** Columns that the folders name, in their order. */
  readonly partitionedBy: readonly string[];
  /** The folder of NULL. */
  readonly defaultPartition: string;
  /** A blank line is a record, as `raw` has it; absent: it is none. */
  readonly blankLines?: true;
}

/**
 * `WATERMARK FOR`, over the columns of the source. The row time is a column, or what a computed column makes of several; a record whose row time is
 * NULL fails. Older plans name the one column that a computed row time depends on.
 */
export type EventTimeSpec = { readonly watermark: Expression } & (
  | { readonly column: number }
  /** `name` is that of the computed column, for people. */
  | { readonly name: string; readonly time: Expression }
);

export type StartupMode =
  | { readonly kind: 'earliest-offset' | 'latest-offset' }
  | { readonly kind: 'group-offsets'; readonly group: string; readonly reset: 'earliest' | 'latest' | 'none' }
  | { readonly kind: 'timestamp'; readonly epochMs: number }
  | { readonly kind: 'specific-offsets'; readonly offsets: Readonly<Record<string, number>> };

/** Where a bounded source ends, per partition. */
export type BoundedMode =
  | { readonly kind: 'latest-offset' }
  | { readonly kind: 'group-offsets'; readonly group: string }
  | { readonly kind: 'timestamp'; readonly epochMs: number }
  | { readonly kind: 'specific-offsets'; readonly offsets: Readonly<Record<string, number>> };

/** A column of the table, and the name of its field in the key, which `key.fields-prefix` does not stand in front of. */
export interface KeyColumn {
  readonly column: number;
  readonly field: string;
}

/** What Flink's connector shows of a record beside key and value. */
export type MetadataKey = 'topic' | 'partition' | 'offset' | 'timestamp' | 'timestamp-type' | 'headers' | 'leader-epoch';
