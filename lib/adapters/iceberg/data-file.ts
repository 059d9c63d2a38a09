/** A data file as a manifest lists it. */
import type { ColumnMetrics } from './bounds.ts';
import type { PartitionTuple } from './partition.ts';

export interface DataFile {
  readonly location: string;
  readonly bytes: number;
  readonly partition: PartitionTuple;
  readonly content: ParquetContent;
}

/** What is known of a Parquet file once it is written; columns by field id. */
export interface ParquetContent {
  readonly rows: number;
  /** Bytes per column, compressed. */
  readonly columnSizes: ReadonlyMap<number, number>;
  /** Only of the columns whose metrics are kept. */
  readonly metrics: ReadonlyMap<number, ColumnMetrics>;
  /** Offsets of the row groups. */
  readonly splits: readonly number[];
}
