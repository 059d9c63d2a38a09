/** Files kept open between reads: opening one costs more than reading a batch from it. */
import { closeSync, fstatSync, openSync, statSync, type Stats } from 'node:fs';
import { errnoOf } from './files.ts';

interface OpenFile {
  readonly fd: number;
  readonly dev: number;
  readonly ino: number;
}

/** A file as it is now. The descriptor stays valid until the next call of `open` or `close`. */
export interface FileNow {
  readonly fd: number;
  readonly size: number;
}

export class OpenFiles {
  /** In the order of last use. */
  readonly #files = new Map<string, OpenFile>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The file that bears this name now, opened anew if it was replaced; null if there is none. */
  open(path: string): FileNow | null {
    const stat = statSync(path, { throwIfNoEntry: false });
    const known = this.#files.get(path);
    if (known !== undefined) this.#files.delete(path);
    if (known !== undefined && stat !== undefined && isSame(known, stat)) {
      this.#files.set(path, known);
      return { fd: known.fd, size: stat.size };
    }
    if (known !== undefined) closeSync(known.fd);
    return stat === undefined ? null : this.#openNew(path);
  }

  close(): void {
    for (const { fd } of this.#files.values()) closeSync(fd);
    this.#files.clear();
  }

  #openNew(path: string): FileNow | null {
    const fd = openIfThere(path);
    if (fd === null) return null;
    const { dev, ino, size } = fstatSync(fd);
    this.#makeRoom();
    this.#files.set(path, { fd, dev, ino });
    return { fd, size };
  }

  #makeRoom(): void {
    for (const [path, { fd }] of this.#files) {
      if (this.#files.size < this.#limit) return;
      this.#files.delete(path);
      closeSync(fd);
    }
  }
}

/** An open descriptor keeps its inode from being used again, so equal numbers mean the same file. */
const isSame = (file: OpenFile, stat: Stats): boolean => file.ino === stat.ino && file.dev === stat.dev;

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
