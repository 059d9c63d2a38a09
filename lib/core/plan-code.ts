/** What a program adds to a plan: its functions run under the uids of these nodes (`process/code.ts`); the plan says what they keep. */
import type { Uid } from './numbers.ts';
import type { Identity } from './plan-expression.ts';
import type { Column } from './types.ts';

/** A function of the program over each row, which keeps nothing: map, filter, flatMap, keys, rows to objects and back. */
export interface CodeNode {
  readonly kind: 'code';
  readonly uid: Uid;
  readonly input: Uid;
  readonly columns: readonly Column[];
}

/**
 * A function of the program with state: over keys, with timers (Flink's KeyedProcessOperator), or over source partitions (CheckpointedFunction). Its input
 * has the columns of `KEYED_ROW`, over partitions those of `STREAM_ROW`; its output has those of `PROCESS_OUTPUT`, of which a calc behind it picks the rows of
 * one output.
 */
export interface ProcessNode extends Identity {
  readonly kind: 'process';
  readonly input: Uid;
  /** By which its state was saved under another uid. */
  readonly previous?: Uid;
  /** Absent: its state belongs to keys. `partition`: to the source partitions that its rows come from, through stateless nodes alone. */
  readonly scope?: 'partition';
  /** The keys are those by which the topic of its one source is partitioned: writers run it, each with the state of its partition (protocol 13.3). */
  readonly prePartitioned?: true;
  readonly states: readonly StateSpec[];
  readonly columns: readonly Column[];
}

export type StateKind = 'value' | 'list' | 'map' | 'reducing' | 'aggregating';

/** What becomes of the lists of source partitions at a restore (Flink's OperatorStateHandle.Mode): each stays with its partition, or each partition gets all. */
export type Redistribution = 'list' | 'union';

/** A state of each key, as far as it can be said without the program. */
export interface StateSpec {
  /** By which the next plan finds it again (V1). */
  readonly name: string;
  readonly kind: StateKind;
  /** Of the values; a savepoint with a smaller one needs migrations (V4). */
  readonly version: number;
  /** Absent: values stay until they are cleared. */
  readonly ttl?: TtlSpec;
  /** Of list states over source partitions. */
  readonly redistribution?: Redistribution;
}

/** Flink's StateTtlConfig. Each value, element of a list and entry of a map has a time of its own. */
export interface TtlSpec {
  readonly ttlMs: number;
  /** What sets the time anew (UpdateType). */
  readonly update: 'on-create-and-write' | 'on-read-and-write';
  /** What a read gives behind the time (StateVisibility). */
  readonly visibility: 'never-return-expired' | 'return-expired-if-not-cleaned-up';
}
