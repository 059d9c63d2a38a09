/** The reference chunk store. */
import type { Chunk, ChunkPut, Chunks } from '../../ports/chunks.ts';
import { dropWhere, entryOf } from './collections.ts';

export class MemoryChunks implements Chunks {
  readonly #collections = new Map<string, Map<string, Chunk>>();

  async put(collection: string, key: string, chunk: Chunk): Promise<ChunkPut> {
    const chunks = entryOf(this.#collections, collection, () => new Map<string, Chunk>());
    const stored = chunks.get(key);
    if (stored !== undefined) return { kind: 'exists', sha: stored.sha, expiresAt: stored.expiresAt };
    chunks.set(key, copy(chunk));
    return { kind: 'written' };
  }

  async get(collection: string, key: string): Promise<Chunk | null> {
    const chunk = this.#collections.get(collection)?.get(key);
    return chunk === undefined ? null : copy(chunk);
  }

  /** Keys of a collection in the order of writing; for checkers, since the engine never looks for state by listing (8.1). */
  keys(collection: string): string[] {
    return [...(this.#collections.get(collection)?.keys() ?? [])];
  }

  /** Of all chunks. */
  get bytes(): number {
    let sum = 0;
    for (const chunks of this.#collections.values()) for (const { data } of chunks.values()) sum += data.length;
    return sum;
  }

  /** Deletes what `drop` names: TTL of a store, or a sweep. */
  forget(drop: (collection: string, key: string, chunk: Chunk) => boolean): void {
    for (const [collection, chunks] of this.#collections) {
      dropWhere(chunks, (key, chunk) => drop(collection, key, chunk));
    }
  }
}

const copy = (chunk: Chunk): Chunk => ({ ...chunk, data: chunk.data.slice() });
