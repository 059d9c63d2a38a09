/** The directories of a disk, for formats in which a directory means something. */
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, step } from './durable.ts';
import { isHidden } from './keys.ts';

/** Names of the visible directories directly below `path`; empty if it does not exist. Throws a StoreError. */
export async function directoriesIn(path: string): Promise<string[]> {
  const entries = await step('no', path, () => entriesOf(path));
  return entries.filter((entry) => entry.isDirectory() && !isHidden(entry.name)).map(({ name }) => name);
}

/** Makes a directory with its parents. Throws a StoreError. */
export const makeDirectoryAt = (path: string): Promise<unknown> => step('unless-refused', path, () => fs.mkdir(path, { recursive: true }));

/** Removes a directory that holds no visible file, with all below it. Throws a StoreError, for one that does as well. */
export async function removeDirectoryAt(path: string): Promise<void> {
  await step('maybe', path, () => removeBelow(path));
}

async function removeBelow(path: string): Promise<void> {
  const entries = await entriesOf(path);
  for (const entry of entries) {
    if (entry.isDirectory()) await removeBelow(join(path, entry.name));
    else if (isHidden(entry.name)) await fs.unlink(join(path, entry.name));
  }
  await orIfAbsent(undefined, () => fs.rmdir(path));
}

const entriesOf = (path: string) => orIfAbsent([], () => fs.readdir(path, { withFileTypes: true }));

async function orIfAbsent<T, A>(absent: A, action: () => Promise<T>): Promise<T | A> {
  try {
    return await action();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return absent;
    throw error;
  }
}
