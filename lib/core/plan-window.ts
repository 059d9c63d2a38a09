/** Windows and aggregations over them, as data. */
import type { Uid } from './numbers.ts';
import type { Identity, JsonValue } from './plan-expression.ts';
import type { Column, SqlType } from './types.ts';

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
