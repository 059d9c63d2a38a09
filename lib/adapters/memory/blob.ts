/** The reference object store, and directories by name. */
import { SluiceError } from '../../core/errors.ts';
import type { Blob, BlobInfo, BlobPut } from '../../ports/blob.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { dropWhere, entryOf, pageOfKeys } from './collections.ts';

interface Stored {
  readonly bytes: Uint8Array;
  readonly info: BlobInfo;
}

export class MemoryBlob implements Blob {
  readonly #objects = new Map<string, Stored>();
  readonly #runtime: Pick<Runtime, 'now'>;

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#runtime = runtime;
  }

  async put(key: string, bytes: Uint8Array): Promise<BlobPut> {
    const stored = this.#objects.get(key);
    if (stored !== undefined) return { kind: 'exists', info: stored.info };
    this.#write(key, bytes);
    return { kind: 'created' };
  }

  async renew(key: string, bytes: Uint8Array): Promise<void> {
    const stored = this.#objects.get(key);
    if (stored !== undefined && !isEqual(stored.bytes, bytes)) {
      throw new SluiceError('INVARIANT', { message: `renew of '${key}' with other bytes (I3)`, details: { key } });
    }
    this.#write(key, bytes);
  }

  async get(key: string, range?: { start: number; end: number }): Promise<Uint8Array | null> {
    return this.#objects.get(key)?.bytes.slice(range?.start, range?.end) ?? null;
  }

  async list(prefix: string, page: { after: string; limit: number }): Promise<readonly BlobInfo[]> {
    return pageOfKeys(this.#objects.keys(), prefix, page).flatMap((key) => this.#objects.get(key)?.info ?? []);
  }

  async remove(key: string): Promise<void> {
    this.#objects.delete(key);
  }

  /** Deletes what `drop` names: the lifecycle of a bucket (T7). */
  forget(drop: (info: BlobInfo) => boolean): void {
    dropWhere(this.#objects, (_key, stored) => drop(stored.info));
  }

  #write(key: string, bytes: Uint8Array): void {
    const info = { key, bytes: bytes.length, modifiedAt: this.#runtime.now() };
    this.#objects.set(key, { bytes: bytes.slice(), info });
  }
}

/** Directories that users name; the same text opens the same directory. */
export class MemoryDirectories {
  readonly #directories = new Map<string, MemoryBlob>();
  readonly #runtime: Pick<Runtime, 'now'>;

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#runtime = runtime;
  }

  open(url: string): MemoryBlob {
    return entryOf(this.#directories, url.replace(/\/+$/, ''), () => new MemoryBlob(this.#runtime));
  }
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
