/**
 * A job as plain data: what SQL and the TypeScript API both end in, what is stored, shipped and compared.
 * A plan is a list of nodes in topological order; every node names its inputs by uid.
 */
import type { Charset } from './charset.ts';
import type { GeneratedRows } from './generated-rows.ts';
import type { CsvFormat } from './format/csv-format.ts';
import type { Column, SqlType } from './types.ts';
import type { Uid } from './numbers.ts';

export interface Plan {
  readonly formatVersion: 1;
  /** Name of the job, for people: `insert-into_<catalog>.<database>.<table>` unless `pipeline.name` is set. */
  readonly name: string;
  /** The statements the plan was made from, for people; empty if it was built by a program. */
  readonly sql: string;
  readonly nodes: readonly PlanNode[];
  /** Flink option keys in force for this job, for example `execution.checkpointing.interval`. */
  readonly options: Readonly<Record<string, string>>;
}

export type PlanNode = SourceNode | ValuesNode | FailedRecordsNode | CalcNode | ExpandNode | UnionNode | UnnestNode | WindowTableNode | WindowAggregateNode | SinkNode;

/** What finds a node again in the next plan (protocol V1): of nodes with state, and of those with a place outside of the job. */
export interface Identity {
  readonly uid: Uid;
  /**
   * The uid that several nodes of a plan would share: aggregations that differ in their filter, tables of one name. They are siblings, and the next plan
   * recognizes them by what they mean. Absent: the node's own uid.
   */
  readonly family?: Uid;
}

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

export type RecordFormat = JsonFormat | CsvReadFormat | RawFormat;

/**
 * Records that the job cannot take in (W10, `dlq`), from all its sources: one row each, of the columns of `failed-record.ts`. It has no input,
 * since it reads failures, no rows; nothing but calcs and sinks may read it.
 */
export interface FailedRecordsNode {
  readonly kind: 'failed-records';
  readonly uid: Uid;
  readonly columns: readonly Column[];
}

/** Flink's `raw` format: the bytes as one column. */
export interface RawFormat {
  readonly kind: 'raw';
  /** Of texts; absent: UTF-8. */
  readonly charset?: Charset;
  readonly endianness: 'big-endian' | 'little-endian';
}

/** Flink's `csv` format, as it is read; characters are single ones. */
export interface CsvReadFormat {
  readonly kind: 'csv';
  /** Names of all fields of a record, in order, whether they are read or not. */
  readonly fields: readonly string[];
  readonly delimiter: string;
  /** null: quotes are characters like others. */
  readonly quote: string | null;
  readonly escape: string | null;
  /** null: no text stands for NULL. */
  readonly nullLiteral: string | null;
  /** Between the elements of an array and the fields of a row. */
  readonly arrayDelimiter: string;
  /** Lines that begin with '#' are skipped. */
  readonly allowComments: boolean;
  readonly ignoreParseErrors: boolean;
}

/** Flink's `json` format. */
export interface JsonFormat {
  readonly kind: 'json';
  readonly failOnMissingField: boolean;
  readonly ignoreParseErrors: boolean;
  readonly timestampStandard: 'SQL' | 'ISO-8601';
  /** `decode.json-parser.enabled` = `false`: values become text by way of Jackson's tree; absent: by way of its parser. */
  readonly usesTree?: boolean;
}

/** Rows that the plan itself has. They are there once, with the first FIRE of a job. */
export interface ValuesNode {
  readonly kind: 'values';
  readonly uid: Uid;
  /** Over no columns. */
  readonly rows: readonly (readonly Expression[])[];
  readonly columns: readonly Column[];
}

/** Filter and projection in one: rows for which `where` is TRUE become the row of `project`. */
export interface CalcNode {
  readonly kind: 'calc';
  readonly uid: Uid;
  readonly input: Uid;
  readonly where: Expression | null;
  readonly project: readonly Expression[];
  readonly columns: readonly Column[];
}

/** Several rows for each: one per projection, in their order. Grouping sets are made of it. */
export interface ExpandNode {
  readonly kind: 'expand';
  readonly uid: Uid;
  readonly input: Uid;
  readonly projects: readonly (readonly Expression[])[];
  readonly columns: readonly Column[];
}

/** UNION ALL: the rows of several inputs with the same columns. What is below it has several sources above it (F5). */
export interface UnionNode {
  readonly kind: 'union';
  readonly uid: Uid;
  readonly inputs: readonly Uid[];
  readonly columns: readonly Column[];
}

/**
 * A window table function without aggregation: each row once per window that it belongs to, late or not. Its columns are those that are kept of
 * the input, then window_start, window_end and window_time (epoch ms).
 */
export interface WindowTableNode {
  readonly kind: 'window-table';
  readonly uid: Uid;
  readonly input: Uid;
  readonly window: SlicedWindow;
  /** Column of the input that holds the row time. */
  readonly timeColumn: number;
  readonly kept: readonly number[];
  readonly columns: readonly Column[];
}

/** The elements of an ARRAY of ROWs as rows: their fields, then the columns that are kept of the row that has the array. */
export interface UnnestNode {
  readonly kind: 'unnest';
  readonly uid: Uid;
  readonly input: Uid;
  /** Column of the array; NULL gives no rows. */
  readonly column: number;
  /** The fields by which elements are sorted; absent: they stay in their order, as those do that are equal in all of them. */
  readonly order?: readonly SortField[];
  readonly kept: readonly number[];
  readonly columns: readonly Column[];
}

/** A field of a ROW by which rows are sorted. */
export interface SortField {
  readonly field: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/**
 * Windowed aggregation over a window table function. Output columns: the keys, then the aggregates, then window_start,
 * window_end and window_time (epoch ms), unless the window is unbounded; a calc behind it puts them into the order of the SELECT.
 */
export interface WindowAggregateNode extends Identity {
  readonly kind: 'window-aggregate';
  readonly input: Uid;
  readonly window: WindowSpec;
  /**
   * A result that changes leaves as two rows, the one that is taken back and the new one, and every row ends with its RowKind: `+I`, `-U`, `+U`.
   * Absent: only the new one leaves, and an unbounded aggregation folds the rows of a batch first, as Flink's mini-batches do.
   */
  readonly changelog?: true;
  /**
   * Rows carry the window that one below has given them: the time column is its window_time, and its window_start is the last key.
   * `window` is one of a millisecond then, and of the bounds in the output only window_end and window_time are those of the window.
   */
  readonly carried?: true;
  /**
   * Of windows of a millisecond, which fire in their order: only what comes behind a window that has fired is late, and not all that lies behind the watermark
   * (Flink's RowTimeSortOperator). The results are the rows in the order of their time.
   */
  readonly inOrder?: true;
  /** Of an unbounded aggregation: each row that comes is counted and gives a result of its own, but only `count` of them do, behind the first `offset`. */
  readonly limit?: { readonly offset: number; readonly count: number };
  /**
   * `table.exec.emit.allow-lateness`, ms; absent: 0. A window lives on for so long behind its end, and a row that changes its result
   * leaves as an updated row with the next FIRE (E4). Not for SESSION.
   */
  readonly allowedLatenessMs?: number;
  /** `table.exec.emit.early-fire` without a delay: every row gives the results of its windows, before they end. Not for SESSION and processing time. */
  readonly earlyFire?: true;
  /** Column of the input that holds the row time; null: windows of processing time (E9). */
  readonly timeColumn: number | null;
  /** Columns of the input that form the key, besides the window. */
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly columns: readonly Column[];
}

/**
 * Windows that are cut into slices; durations in ms. HOP's size need not be a multiple of its slide, CUMULATE's size is one of its step. `oldestFirst`: the
 * slices are merged in that order, as are the panes of Flink's legacy HOP windows.
 */
export type SlicedWindow =
  | ({ readonly kind: 'tumble'; readonly sizeMs: number; readonly offsetMs: number } & ZonedWindow)
  | ({ readonly kind: 'hop'; readonly sizeMs: number; readonly slideMs: number; readonly offsetMs: number; readonly oldestFirst?: true } & ZonedWindow)
  | ({ readonly kind: 'cumulate'; readonly sizeMs: number; readonly stepMs: number; readonly offsetMs: number } & ZonedWindow);

/** A row opens [t, t + gap); windows of a key that meet, if only at their ends, become one. */
export type SessionWindow = { readonly kind: 'session'; readonly gapMs: number } & ZonedWindow;

/** No window: all rows of a key, for all time (Flink's GroupAggFunction). The result changes with every row, and leaves each time. */
export type Unbounded = { readonly kind: 'unbounded' };

/** Windows that end. */
export type TimeWindow = SlicedWindow | SessionWindow;

export type WindowSpec = TimeWindow | Unbounded;

/**
 * Where row times are instants (TIMESTAMP_LTZ, processing time), windows lie on the wall clock of this time zone, and so do the ends of slices and the
 * spans of sessions; the watermark stays an instant. Absent: UTC, or row times without a zone.
 */
interface ZonedWindow {
  readonly zone?: string;
}

export interface AggregateCall {
  /**
   * What it means, by which its state finds it again in the next plan (protocol V4). SQL takes the function and its argument in terms of the
   * source table, `SUM(amount)`, whatever the alias and the place of the column.
   */
  readonly name: string;
  /** One of `AGGREGATES`. */
  readonly fn: string;
  /** Column of the input; null for COUNT(*). */
  readonly argument: number | null;
  readonly argumentType: SqlType | null;
  readonly type: SqlType;
  /** The arguments behind the first that are no constants; absent: none. */
  readonly more?: readonly { readonly column: number; readonly type: SqlType }[];
  /** Constants that the function takes, as it reads them; absent: none. */
  readonly parameters?: readonly JsonValue[];
  /** FILTER: the column of the input that is TRUE for the rows that count; absent: all do. */
  readonly filter?: number;
  /** DISTINCT: the name of the set of different values, which all calls on the same argument and filter share. */
  readonly distinct?: string;
}

export type SinkConnector = 'filesystem' | 'print' | 'blackhole' | 'iceberg' | 'kafka' | 'upsert-kafka' | 'dynamodb';

/** A table written by the job; its input has exactly these columns, already cast. */
export interface SinkNode extends Identity {
  readonly kind: 'sink';
  readonly input: Uid;
  readonly table: string;
  readonly connector: SinkConnector;
  readonly columns: readonly Column[];
  /** Names of columns; absent: the table has no PRIMARY KEY. */
  readonly primaryKey?: readonly string[];
  /** Names of columns; absent: the table is not PARTITIONED BY anything. */
  readonly partitionedBy?: readonly string[];
  /** The first column is the RowKind of the change that a row is: `+I`, `-U`, `+U`. Absent: rows are what is new. */
  readonly changelog?: true;
  /** How rows become records of a topic; only of `kafka` and `upsert-kafka`. */
  readonly records?: RecordLayout;
  readonly options: Readonly<Record<string, string>>;
}

/** What a table of Kafka makes of a row. Columns are those of the sink, by index. */
export interface RecordLayout {
  readonly topic: string;
  /** `properties.*` without the prefix: names of the Java client. */
  readonly properties: Readonly<Record<string, string>>;
  /** null: records have no key. */
  readonly key: { readonly format: WriteFormat; readonly columns: readonly KeyColumn[] } | null;
  readonly value: { readonly format: WriteFormat; readonly columns: readonly number[] };
  /** Column of the metadata `timestamp`; null: records have the time at which they are written. */
  readonly timestamp: number | null;
  /** Column of the metadata `headers`, a MAP of strings to bytes; absent: records have none of their own. */
  readonly headers?: number;
  /** Of records without a key: `default` and `round-robin` in turn; `fixed` writes all records into one partition. */
  readonly partitioner: 'default' | 'fixed' | 'round-robin';
  readonly guarantee: DeliveryGuarantee;
  /** In front of the transactional id and of the group that keeps the cursor, so that ACLs can name it. */
  readonly transactionalIdPrefix: string;
}

export type DeliveryGuarantee = 'exactly-once' | 'at-least-once' | 'none';

export type WriteFormat = JsonWriteFormat | CsvWriteFormat | RawFormat;

/** Flink's `csv` format, as it writes. */
export interface CsvWriteFormat extends CsvFormat {
  readonly kind: 'csv';
}

/** Flink's `json` format, as it writes. */
export interface JsonWriteFormat {
  readonly kind: 'json';
  readonly timestampStandard: 'SQL' | 'ISO-8601';
  /** `encode.decimal-as-plain-number`; otherwise 1000 is written as 1E+3. */
  readonly plainDecimals: boolean;
  /** `encode.ignore-null-fields`. */
  readonly omitsNulls: boolean;
  /** `map-null-key.mode`: what becomes of an entry of a MAP whose key is NULL; absent: the row cannot be written. */
  readonly nullKeys?: 'DROP' | { readonly literal: string };
}

/**
 * A typed expression over the columns of one input row. Literals are stored as `encodeValue` writes them. `zone` is the time zone of the session,
 * for calls that depend on it; absent: UTC.
 */
export type Expression =
  | { readonly op: 'column'; readonly index: number; readonly type: SqlType }
  | { readonly op: 'literal'; readonly value: JsonValue; readonly type: SqlType }
  | { readonly op: 'call'; readonly fn: string; readonly args: readonly Expression[]; readonly type: SqlType; readonly zone?: string };

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export const isKind =
  <K extends PlanNode['kind']>(kind: K) =>
  (node: PlanNode): node is Extract<PlanNode, { kind: K }> =>
    node.kind === kind;

/** Uids of the nodes whose rows a node takes in. */
export function inputsOf(node: PlanNode): readonly Uid[] {
  if (node.kind === 'source' || node.kind === 'values' || node.kind === 'failed-records') return [];
  return node.kind === 'union' ? node.inputs : [node.input];
}

export const sourcesOf = (plan: Plan): SourceNode[] => plan.nodes.filter(isKind('source'));
export const sinksOf = (plan: Plan): SinkNode[] => plan.nodes.filter(isKind('sink'));
export const statefulOf = (plan: Plan): WindowAggregateNode[] => plan.nodes.filter(isKind('window-aggregate'));
