/** What every part of a plan is made of: expressions as data, JSON, and what finds a node again. */
import type { Uid } from './numbers.ts';
import type { SqlType } from './types.ts';

/**
 * A typed expression over the columns of one input row. Literals are stored as `encodeValue` writes them. `zone` is the time zone of the session,
 * for calls that depend on it; absent: UTC.
 */
export type Expression =
  | { readonly op: 'column'; readonly index: number; readonly type: SqlType }
  | { readonly op: 'literal'; readonly value: JsonValue; readonly type: SqlType }
  | { readonly op: 'call'; readonly fn: string; readonly args: readonly Expression[]; readonly type: SqlType; readonly zone?: string };

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What finds a node again in the next plan (protocol V1): of nodes with state, and of those with a place outside of the job. */
export interface Identity {
  readonly uid: Uid;
  /**
   * The uid that several nodes of a plan would share: aggregations that differ in their filter, tables of one name. They are siblings, and the next plan
   * recognizes them by what they mean. Absent: the node's own uid.
   */
  readonly family?: Uid;
}
