/** Objects under a root: spill, results and large chunks of the protocol; files of a savepoint directory. */
export interface BlobInfo {
  /** Relative to the root, `/` between parts. */
  readonly key: string;
  readonly bytes: number;
  /** Epoch ms of the last write; lifecycle counts from it. */
  readonly modifiedAt: number;
}

export type BlobPut = { readonly kind: 'created' } | { readonly kind: 'exists'; readonly info: BlobInfo };

/**
 * Laws, checked by `test/contracts/blob.ts` and `test/contracts/faults/blob.ts`:
 * 1. `put` creates or reports what exists; it never overwrites, and a reader sees the whole object or none (I3).
 * 2. A confirmed `put` is durable: it survives the loss of the process and of power.
 * 3. `renew` writes the same bytes again so that their lifetime starts anew (C4); it must never change the content.
 * 4. `list` is complete and ordered by key; `remove` of a missing key succeeds.
 * 5. Failures are `StoreError`s.
 */
export interface Blob {
  put(key: string, bytes: Uint8Array): Promise<BlobPut>;
  renew(key: string, bytes: Uint8Array): Promise<void>;
  /** The object, or bytes [start, end) of it; null if it is not there. */
  get(key: string, range?: { start: number; end: number }): Promise<Uint8Array | null>;
  list(prefix: string, page: { after: string; limit: number }): Promise<readonly BlobInfo[]>;
  remove(key: string): Promise<void>;
  /** What keys that begin with `prefix` have between it and the next `/`: each once, at most `limit`. Absent where a store lists nothing but keys. */
  folders?(prefix: string, limit: number): Promise<readonly string[]>;
}
