/** Window state chunks in SQLite. They do not expire here; a sweep deletes what no checkpoint lists. */
import type { StatementSync } from 'node:sqlite';
import { StoreError } from '../../core/errors.ts';
import type { Chunk, ChunkPut, Chunks } from '../../ports/chunks.ts';
import { bytesOf, integerOf, textOf } from './columns.ts';
import type { Store } from './store.ts';

export class EmbeddedChunks implements Chunks {
  readonly #store: Store;
  readonly #put: StatementSync;
  readonly #stored: StatementSync;
  readonly #get: StatementSync;

  constructor(store: Store) {
    this.#store = store;
    this.#put = store.prepare(
      'INSERT INTO chunk (collection, key, sha, data, expires_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#stored = store.prepare('SELECT sha, expires_at FROM chunk WHERE collection = ? AND key = ?');
    this.#get = store.prepare('SELECT sha, data, expires_at FROM chunk WHERE collection = ? AND key = ?');
  }

  async put(collection: string, key: string, chunk: Chunk): Promise<ChunkPut> {
    const { changes } = this.#store.attempt(() => this.#put.run(collection, key, chunk.sha, chunk.data, chunk.expiresAt));
    if (changes === 1) return { kind: 'written' };
    const stored = this.#store.attempt(() => this.#stored.get(collection, key));
    if (stored !== undefined) return { kind: 'exists', sha: textOf(stored, 'sha'), expiresAt: integerOf(stored, 'expires_at') };
    throw new StoreError('no', { message: `chunk ${collection} ${key} was swept away during the put` });
  }

  async get(collection: string, key: string): Promise<Chunk | null> {
    const row = this.#store.attempt(() => this.#get.get(collection, key));
    if (row === undefined) return null;
    return { sha: textOf(row, 'sha'), data: bytesOf(row, 'data'), expiresAt: integerOf(row, 'expires_at') };
  }
}
