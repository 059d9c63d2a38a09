/** Directories where there are none: prefixes of keys. */
import { SluiceError } from '../../core/errors.ts';
import type { Blob } from '../../ports/blob.ts';
import type { FileAt, WarehouseIO } from './file-io.ts';

const DIRECTORIES_MAX = 10_000;

/** The character after `/`: behind all keys of a directory, and before those of the next one. */
const AFTER_SLASH = '0';

export class KeyIO implements WarehouseIO {
  readonly at: (location: string) => FileAt;

  constructor(at: (location: string) => FileAt) {
    this.at = at;
  }

  async directories(location: string): Promise<readonly string[]> {
    const { blob, key: prefix } = this.at(location);
    const names = (await blob.folders?.(prefix, DIRECTORIES_MAX)) ?? (await namesBelow(blob, prefix));
    if (names.length < DIRECTORIES_MAX) return names;
    throw new SluiceError('STORE_FAILED', { message: `${location} has ${DIRECTORIES_MAX} directories or more`, hint: 'use a catalog of type rest for a warehouse of this size' });
  }

  async makeDirectory(location: string): Promise<void> {
    const { blob, key } = this.at(location);
    await blob.put(key, new Uint8Array(0));
  }

  async removeDirectory(location: string): Promise<void> {
    const { blob, key } = this.at(location);
    await blob.remove(key);
  }
}

/** One request per name, whatever lies in the directories. */
async function namesBelow(blob: Blob, prefix: string): Promise<string[]> {
  const names: string[] = [];
  let after = '';
  while (names.length < DIRECTORIES_MAX) {
    const found = await nextBelow(blob, prefix, after);
    if (found === null) return names;
    if (found.isDirectory) names.push(found.name);
    after = prefix + found.name + (found.isDirectory ? AFTER_SLASH : '');
  }
  return names;
}

/** The first name behind `after`; the object that stands for the directory itself is none. */
async function nextBelow(blob: Blob, prefix: string, after: string): Promise<{ name: string; isDirectory: boolean } | null> {
  const [first] = await blob.list(prefix, { after: after === '' ? prefix : after, limit: 1 });
  if (first === undefined) return null;
  const rest = first.key.slice(prefix.length);
  const slash = rest.indexOf('/');
  return slash < 0 ? { name: rest, isDirectory: false } : { name: rest.slice(0, slash), isDirectory: true };
}
