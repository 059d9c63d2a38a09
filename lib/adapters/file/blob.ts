/** Objects as files in a directory. */
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../../core/errors.ts';
import type { Blob, BlobInfo, BlobPut } from '../../ports/blob.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { codeOf, createWhole, nodeFileCalls, step, type FileCalls } from './durable.ts';
import { isHidden, pathOfKey } from './keys.ts';

/**
 * A blob root. The directory is made by the first `put`. Errors are StoreErrors that name the path. Objects are kept until
 * they are removed: a directory has no lifecycle. A key cannot be the folder of another one.
 */
export class FileBlob implements Blob {
  readonly root: string;
  readonly #runtime: Pick<Runtime, 'now' | 'randomHex'>;
  readonly #calls: FileCalls;

  constructor(root: string, runtime: Pick<Runtime, 'now' | 'randomHex'>, calls: FileCalls = nodeFileCalls) {
    this.root = root;
    this.#runtime = runtime;
    this.#calls = calls;
  }

  async put(key: string, bytes: Uint8Array): Promise<BlobPut> {
    const path = pathOfKey(this.root, key);
    const isCreated = await createWhole({ path, bytes, runtime: this.#runtime, calls: this.#calls });
    return isCreated ? { kind: 'created' } : { kind: 'exists', info: await this.#info(key) };
  }

  async renew(key: string, bytes: Uint8Array): Promise<void> {
    if ((await this.put(key, bytes)).kind === 'created') return;
    const path = pathOfKey(this.root, key);
    if (!isEqual(await this.get(key), bytes)) {
      throw new SluiceError('INVARIANT', { message: `renew of ${path} with other bytes (I3)`, details: { path } });
    }
    const now = new Date(this.#runtime.now());
    await step('unless-refused', path, () => fs.utimes(path, now, now));
  }

  async get(key: string, range?: { start: number; end: number }): Promise<Uint8Array | null> {
    const path = pathOfKey(this.root, key);
    return step('no', path, () => orIfAbsent(null, () => (range === undefined ? fs.readFile(path) : readRange(path, range))));
  }

  async list(prefix: string, { after, limit }: { after: string; limit: number }): Promise<readonly BlobInfo[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const keys = await step('no', join(this.root, folder), () => firstOf(keysBelow(this.root, folder, { prefix, after }), limit));
    return Promise.all(keys.map((key) => this.#info(key)));
  }

  async remove(key: string): Promise<void> {
    const path = pathOfKey(this.root, key);
    await step('unless-refused', path, () => orIfAbsent(undefined, () => fs.unlink(path)));
  }

  async #info(key: string): Promise<BlobInfo> {
    const path = pathOfKey(this.root, key);
    const stat = await step('no', path, () => fs.stat(path));
    return { key, bytes: stat.size, modifiedAt: stat.mtimeMs };
  }
}

interface Wanted {
  readonly prefix: string;
  readonly after: string;
}

/**
 * Keys in `folder` (empty or ending with `/`) and below, in order; hidden files are objects under way. A folder is read when its turn comes: users name
 * directories that are not Sluice's, and whoever wants one key of them shall not wait for the whole disk.
 */
async function* keysBelow(root: string, folder: string, wanted: Wanted): AsyncGenerator<string> {
  const entries = await orIfAbsent([], () => fs.readdir(join(root, folder), { withFileTypes: true }));
  const visible = entries.filter((entry) => !isHidden(entry.name));
  for (const key of visible.map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`).toSorted()) {
    if (key.endsWith('/')) {
      if (mayHold(key, wanted)) yield* keysBelow(root, key, wanted);
    } else if (key.startsWith(wanted.prefix) && key > wanted.after) yield key;
  }
}

const mayHold = (folder: string, { prefix, after }: Wanted): boolean => folder.startsWith(prefix) && (folder > after || after.startsWith(folder));

async function firstOf<T>(all: AsyncIterable<T>, limit: number): Promise<T[]> {
  const first: T[] = [];
  for await (const one of all) {
    first.push(one);
    if (first.length >= limit) break;
  }
  return first;
}

async function readRange(path: string, { start, end }: { start: number; end: number }): Promise<Uint8Array> {
  const handle = await fs.open(path, 'r');
  try {
    const { size } = await handle.stat();
    const buffer = new Uint8Array(Math.max(0, Math.min(end, size) - start));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function orIfAbsent<T, A>(absent: A, action: () => Promise<T>): Promise<T | A> {
  try {
    return await action();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return absent;
    throw error;
  }
}

const isEqual = (a: Uint8Array | null, b: Uint8Array): boolean => a !== null && Buffer.compare(a, b) === 0;
