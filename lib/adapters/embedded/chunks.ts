/** Window state chunks in SQLite. They do not expire here; a sweep deletes what no checkpoint lists. */
import type { StatementSync } from 'node:sqlite';
import { StoreError } from '../../core/errors.ts';
import type { Chunk, ChunkPut, Chunks } from '../../ports/chunks.ts';
import { verified } from './checksum.ts';
import { bytesOf, integerOf, textOf, type SqlRow } from './columns.ts';
import type { Store } from './store.ts';

export class EmbeddedChunks implements Chunks {
  readonly #store: Store;
  readonly #put: StatementSync;
  readonly #stored: StatementSync;
  readonly #get: StatementSync;

  constructor(store: Store) {
    this.#store = store;
    this.#put = store.prepare(
      `INSERT INTO chunk (collection, key, sha, data, expires_at, sum)
       VALUES ($collection, $key, $sha, $data, $expiresAt, checksum($collection, $key, $sha, $expiresAt))
       ON CONFLICT DO NOTHING`,
    );
    this.#stored = store.reader('SELECT collection, key, sha, expires_at, sum FROM chunk WHERE collection = ? AND key = ?');
    this.#get = store.reader('SELECT * FROM chunk WHERE collection = ? AND key = ?');
  }

  async put(collection: string, key: string, { sha, data, expiresAt }: Chunk): Promise<ChunkPut> {
    const { changes } = this.#store.attempt(() => this.#put.run({ collection, key, sha, data, expiresAt }));
    if (changes === 1) return { kind: 'written' };
    const stored = this.#store.attempt(() => this.#stored.get(collection, key));
    if (stored !== undefined) return { kind: 'exists', ...labelOf(stored) };
    throw new StoreError('no', { message: `chunk ${collection} ${key} was swept away during the put` });
  }

  async get(collection: string, key: string): Promise<Chunk | null> {
    const row = this.#store.attempt(() => this.#get.get(collection, key));
    if (row === undefined) return null;
    return { ...labelOf(row), data: bytesOf(row, 'data', key) };
  }
}

/** All but the data, which must match `sha`: its reader checks that, and has an older checkpoint to turn to (C6). */
function labelOf(row: SqlRow): Omit<Chunk, 'data'> {
  const key = `chunk ${String(row['collection'])} ${String(row['key'])}`;
  verified(row, ['collection', 'key', 'sha', 'expires_at'], key);
  return { sha: textOf(row, 'sha', key), expiresAt: integerOf(row, 'expires_at', key) };
}
