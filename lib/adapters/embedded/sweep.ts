/** Deletes what the engine has found to be no longer needed. Policy is the engine's: which positions, which chunks. */
import type { Seq } from '../../core/numbers.ts';
import type { LogKey } from '../../ports/log.ts';
import { textOf } from './columns.ts';
import type { Store } from './store.ts';

export interface SweepOrder {
  /** Delete the entries of `log` with a sequence number below `below`. */
  readonly logs: readonly { readonly log: LogKey; readonly below: Seq }[];
  readonly chunks: readonly { readonly collection: string; readonly key: string }[];
}

/** What was deleted. */
export interface Swept {
  readonly entries: number;
  readonly chunks: number;
}

/**
 * One transaction, so that no reader sees half of it. The head of a log stays, whatever `below` says: a log without its head
 * looks new and would begin again at 0 (I2). Throws a StoreError.
 */
export function sweep(store: Store, order: SweepOrder): Swept {
  const deleteEntries = store.prepare('DELETE FROM log WHERE log = $log AND seq < min($below, (SELECT max(seq) FROM log WHERE log = $log))');
  const deleteChunk = store.prepare('DELETE FROM chunk WHERE collection = ? AND key = ?');
  const count = (results: readonly { changes: number | bigint }[]): number =>
    results.reduce((sum, { changes }) => sum + Number(changes), 0);
  return store.locked(() =>
    store.attempt(() => ({
      entries: count(order.logs.map(({ log, below }) => deleteEntries.run({ log, below }))),
      chunks: count(order.chunks.map(({ collection, key }) => deleteChunk.run(collection, key))),
    })),
  );
}

/** Keys of a collection in order, for the sweep to compare with the lists of the checkpoints; never a way to find state (8.1). */
export function chunkKeys(store: Store, collection: string, page: { after: string; limit: number }): string[] {
  const statement = store.reader('SELECT key FROM chunk WHERE collection = ? AND key > ? ORDER BY key LIMIT ?');
  return store.attempt(() => statement.all(collection, page.after, page.limit)).map((row) => textOf(row, 'key', collection));
}
