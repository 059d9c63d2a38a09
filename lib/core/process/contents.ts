/**
 * What a key holds in a process function: immutable, so that a step can be thrown away (F3). Values are kept as they are stored, as JSON: what a function reads
 * is always a copy, and what it writes is copied at once, so that a state is the same whether it was restored or never left memory.
 */
import type { JsonValue } from '../plan.ts';
import type { Times } from './time-tree.ts';

/** A value, an element of a list or the value of an entry. `at`, epoch ms of processing time, is when TTL began to count; only states with a TTL have it. */
export interface Stored {
  readonly json: JsonValue;
  readonly at?: number;
}

/** An entry of a map; `key` as it is stored. */
export interface StoredEntry extends Stored {
  readonly key: JsonValue;
}

/** What one state of one key holds. Value, reducing and aggregating states hold a single item: null without, never an item that is null. */
export type Cell =
  | { readonly kind: 'single'; readonly item: Stored | null }
  | { readonly kind: 'list'; readonly items: readonly Stored[] }
  /** By the text of the key, which orders them (`entry-key.ts`). */
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, StoredEntry> };

export interface KeyTimers {
  readonly event: Times;
  readonly processing: Times;
}

export interface KeyContents {
  /** In the order of `ProcessNode.states`. */
  readonly cells: readonly Cell[];
  readonly timers: KeyTimers;
}
