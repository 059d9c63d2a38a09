/** Window state chunks: immutable, with an expiry. */
export interface Chunk {
  /** Hex SHA-256 of `data`. */
  readonly sha: string;
  readonly data: Uint8Array;
  /** Epoch seconds; the store MAY delete the chunk after it. */
  readonly expiresAt: number;
}

/** What is stored under the key after the call: the caller compares `sha` and `expiresAt` (C3). */
export type ChunkPut =
  | { readonly kind: 'written' }
  | { readonly kind: 'exists'; readonly sha: string; readonly expiresAt: number };

/**
 * Laws, checked by `test/contracts/chunks.ts` and `test/contracts/faults/chunks.ts`: a chunk is never overwritten; `put` returns what is stored; `get` is strong and
 * returns the bytes of the put that won; failures are `StoreError`s. `collection` is `J#<job>#g<g>#W`.
 */
export interface Chunks {
  put(collection: string, key: string, chunk: Chunk): Promise<ChunkPut>;
  get(collection: string, key: string): Promise<Chunk | null>;
}
