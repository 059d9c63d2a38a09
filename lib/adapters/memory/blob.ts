/** The reference object store, and directories by name. */
import { SluiceError } from '../../core/errors.ts';
import type { Blob, BlobInfo, BlobPut } from '../../ports/blob.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { dropWhere, pageOfKeys } from './collections.ts';

interface Stored {
  readonly bytes: Uint8Array;
  readonly info: BlobInfo;
}

export class MemoryBlob implements Blob {
  readonly #objects: Map<string, Stored>;
  readonly #root: string;
  readonly #runtime: Pick<Runtime, 'now'>;

  /** `objects` may be shared: `root` is then the prefix under which this blob's keys lie. */
  constructor(runtime: Pick<Runtime, 'now'>, objects = new Map<string, Stored>(), root = '') {
    this.#runtime = runtime;
    this.#objects = objects;
    this.#root = root;
  }

  async put(key: string, bytes: Uint8Array): Promise<BlobPut> {
    const stored = this.#objects.get(this.#root + key);
    if (stored !== undefined) return { kind: 'exists', info: stored.info };
    this.#write(key, bytes);
    return { kind: 'created' };
  }

  async renew(key: string, bytes: Uint8Array): Promise<void> {
    const stored = this.#objects.get(this.#root + key);
    if (stored !== undefined && !isEqual(stored.bytes, bytes)) {
      throw new SluiceError('INVARIANT', { message: `renew of '${key}' with other bytes (I3)`, details: { key } });
    }
    this.#write(key, bytes);
  }

  async get(key: string, range?: { start: number; end: number }): Promise<Uint8Array | null> {
    return this.#objects.get(this.#root + key)?.bytes.slice(range?.start, range?.end) ?? null;
  }

  async list(prefix: string, page: { after: string; limit: number }): Promise<readonly BlobInfo[]> {
    const after = page.after === '' ? '' : this.#root + page.after;
    const keys = pageOfKeys(this.#objects.keys(), this.#root + prefix, { ...page, after });
    return keys.flatMap((key) => {
      const info = this.#objects.get(key)?.info;
      return info === undefined ? [] : [{ ...info, key: key.slice(this.#root.length) }];
    });
  }

  async remove(key: string): Promise<void> {
    this.#objects.delete(this.#root + key);
  }

  /** Of all objects, those of other blobs over the same ones included. */
  get bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#objects.values()) sum += bytes.length;
    return sum;
  }

  /** Deletes what `drop` names: the lifecycle of a bucket (T7). */
  forget(drop: (info: BlobInfo) => boolean): void {
    dropWhere(this.#objects, (_key, stored) => drop(stored.info));
  }

  #write(key: string, bytes: Uint8Array): void {
    const info = { key, bytes: bytes.length, modifiedAt: this.#runtime.now() };
    this.#objects.set(this.#root + key, { bytes: bytes.slice(), info });
  }
}

/** Directories that users name: one tree, as on a disk. */
export class MemoryDirectories {
  readonly #objects = new Map<string, Stored>();
  readonly #runtime: Pick<Runtime, 'now'>;

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#runtime = runtime;
  }

  open(url: string): MemoryBlob {
    return new MemoryBlob(this.#runtime, this.#objects, `${url.replace(/\/+$/, '')}/`);
  }
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
