/** Where the rows of a plan go. */
import type { Uid } from './numbers.ts';
import type { Identity } from './plan-expression.ts';
import type { WriteFormat } from './plan-format.ts';
import type { KeyColumn } from './plan-source.ts';
import type { Column } from './types.ts';

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
