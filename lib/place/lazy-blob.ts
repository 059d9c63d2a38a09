type Loaded = Blob & Required<Pick<Blob, 'folders'>>;

/** Objects whose store is loaded with the first request: commands and functions that need none do not pay for its client. */
import type { Blob, BlobInfo, BlobPut } from '../ports/blob.ts';

export class LazyBlob implements Blob {
  readonly #open: () => Promise<Loaded>;
  #opened: Promise<Loaded> | null = null;

  constructor(open: () => Promise<Loaded>) {
    this.#open = open;
  }

  async put(key: string, bytes: Uint8Array): Promise<BlobPut> {
    return (await this.#blob()).put(key, bytes);
  }

  async renew(key: string, bytes: Uint8Array): Promise<void> {
    return (await this.#blob()).renew(key, bytes);
  }

  async get(key: string, range?: { start: number; end: number }): Promise<Uint8Array | null> {
    return (await this.#blob()).get(key, range);
  }

  async list(prefix: string, page: { after: string; limit: number }): Promise<readonly BlobInfo[]> {
    return (await this.#blob()).list(prefix, page);
  }

  async folders(prefix: string, limit: number): Promise<readonly string[]> {
    return (await this.#blob()).folders(prefix, limit);
  }

  async remove(key: string): Promise<void> {
    return (await this.#blob()).remove(key);
  }

  /** What could not be loaded is loaded again. */
  #blob(): Promise<Loaded> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }
}
