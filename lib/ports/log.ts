/** The append-only logs: one per partition, one per coordinator. The only thing that exactly-once rests on. */
import type { Seq, WallTime } from '../core/numbers.ts';

/** `J#<job>#g<g>#P<p>` or `J#<job>#g<g>#C`; made by `engine/keys.ts`. */
export type LogKey = string;

/** An entry as the store keeps it; immutable (I2). The engine writes and reads `body` and `data` by its own codec. */
export interface LogItem {
  readonly seq: Seq;
  /** 16 hex digits, drawn for this attempt: tells an own entry from a foreign one. */
  readonly id: string;
  /** The entry as text: 16 hex digits of checksum, then JSON. */
  readonly body: string;
  /** Packed payload, if the entry carries one inline. */
  readonly data: Uint8Array | null;
  /** Epoch seconds after which the store MAY delete the item, in any order. The engine judges expiry (T3). */
  readonly ttl: number;
}

export type AppendResult = { readonly kind: 'appended' } | { readonly kind: 'exists'; readonly item: LogItem };

export interface LogPage {
  readonly items: readonly LogItem[];
  /** True if entries with higher sequence numbers remain. */
  readonly more: boolean;
}

/**
 * Laws, checked by `test/contracts/log.ts` and, where requests and answers get lost or land late, by `test/contracts/faults/log.ts`:
 * 1. `append` succeeds for at most one item per (log, seq), ever, unless the store has expired it; the loser gets what is stored.
 * 2. Reads are strong: an append that was confirmed before a read began is seen by it.
 * 3. Items come back byte for byte, expired ones included as long as they are there.
 * 4. `readAfter` is ascending, without omissions of what exists, and bounded by `limitBytes` (at least one item).
 * 5. A failure is a `StoreError` that says whether the append may have happened. Then only a read tells; while it finds nothing the
 *    append may still land, so nothing but the same item may be put in that place by the same client.
 * 6. `serverTime` is heard with answers: every one brings the store's time, and nothing else moves it.
 */
export interface Log {
  /**
   * The `Date` of the newest answer that this process has got; null before the first, and for ever where the store has no clock of its own
   * (K1, K2). A property that needs no request.
   */
  readonly serverTime: WallTime | null;
  append(log: LogKey, item: LogItem): Promise<AppendResult>;
  /** The entry with the highest sequence number. */
  head(log: LogKey): Promise<LogItem | null>;
  /** Entries with seq > `after` (-1 for all), in order, about `limitBytes` of them. */
  readAfter(log: LogKey, after: number, limitBytes: number): Promise<LogPage>;
  get(log: LogKey, seq: Seq): Promise<LogItem | null>;
}
