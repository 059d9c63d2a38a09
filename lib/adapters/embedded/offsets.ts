/** Positions of consumer groups in SQLite. */
import type { StatementSync } from 'node:sqlite';
import { offset, type Offset } from '../../core/numbers.ts';
import type { Offsets } from '../../ports/source.ts';
import { integerOf } from './columns.ts';
import type { Store } from './store.ts';

export class EmbeddedOffsets implements Offsets {
  readonly #store: Store;
  readonly #commit: StatementSync;
  readonly #committed: StatementSync;

  constructor(store: Store) {
    this.#store = store;
    this.#commit = store.prepare(
      `INSERT INTO consumer_offset (consumer_group, topic, partition, next) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET next = excluded.next`,
    );
    this.#committed = store.prepare('SELECT next FROM consumer_offset WHERE consumer_group = ? AND topic = ? AND partition = ?');
  }

  async commit(group: string, topic: string, partition: number, next: Offset): Promise<void> {
    this.#store.attempt(() => this.#commit.run(group, topic, partition, next));
  }

  async committed(group: string, topic: string, partition: number): Promise<Offset | null> {
    const row = this.#store.attempt(() => this.#committed.get(group, topic, partition));
    return row === undefined ? null : offset(integerOf(row, 'next'));
  }
}
