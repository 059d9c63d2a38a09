/** Positions of consumer groups in SQLite. */
import type { StatementSync } from 'node:sqlite';
import { offset, type Offset } from '../../core/numbers.ts';
import type { Offsets } from '../../ports/source.ts';
import { verified } from './checksum.ts';
import { integerOf } from './columns.ts';
import type { Store } from './store.ts';

export class EmbeddedOffsets implements Offsets {
  readonly #store: Store;
  readonly #commit: StatementSync;
  readonly #committed: StatementSync;

  constructor(store: Store) {
    this.#store = store;
    this.#commit = store.prepare(
      `INSERT INTO consumer_offset (consumer_group, topic, partition, next, sum)
       VALUES ($group, $topic, $partition, $next, checksum($group, $topic, $partition, $next))
       ON CONFLICT DO UPDATE SET next = excluded.next, sum = excluded.sum`,
    );
    this.#committed = store.reader('SELECT * FROM consumer_offset WHERE consumer_group = ? AND topic = ? AND partition = ?');
  }

  async commit(group: string, topic: string, partition: number, next: Offset): Promise<void> {
    this.#store.attempt(() => this.#commit.run({ group, topic, partition, next }));
  }

  async committed(group: string, topic: string, partition: number): Promise<Offset | null> {
    const row = this.#store.attempt(() => this.#committed.get(group, topic, partition));
    if (row === undefined) return null;
    const key = `offset of group ${group} in ${topic}-${partition}`;
    return offset(integerOf(verified(row, ['consumer_group', 'topic', 'partition', 'next'], key), 'next', key));
  }
}
