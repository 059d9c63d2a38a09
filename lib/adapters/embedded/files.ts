/** Directories and files of a data directory, made durable: a name is safe once its directory is synced. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../../core/errors.ts';

/** Makes `dir` with its parents. Throws a StoreError. */
export function makeDirectory(dir: string): void {
  attempt(`create ${dir}`, () => makeMissing(dir));
}

/** One level at a time: mkdir's own `recursive` never returns where a parent refuses entries with ENOENT (/proc). */
function makeMissing(dir: string): void {
  if (existsSync(dir)) return;
  makeMissing(dirname(dir));
  try {
    mkdirSync(dir);
  } catch (error) {
    if (!existsSync(dir)) throw error; // else another process was faster
  }
  syncDirectory(dirname(dir));
}

/** Makes the names in `dir` durable. */
export function syncDirectory(dir: string): void {
  withFile(dir, 'r', fsyncSync);
}

/** Opens `path` for the time of `use`. */
export function withFile<T>(path: string, flags: string, use: (fd: number) => T): T {
  const fd = openSync(path, flags);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Runs file calls; what they throw becomes a StoreError that names `what`: `happened` is `no` for calls without lasting effect. */
export function attempt<T>(what: string, action: () => T, happened: StoreError['happened'] = 'no'): T {
  try {
    return action();
  } catch (cause) {
    throw errnoOf(cause) === null ? cause : new StoreError(happened, { message: `cannot ${what}: ${messageOf(cause)}`, cause });
  }
}

/** `ENOENT` and the like; null for what is not an error of the system. */
export function errnoOf(error: unknown): string | null {
  const isSystem = error instanceof Error && 'code' in error && 'syscall' in error && typeof error.code === 'string';
  return isSystem ? String(error.code) : null;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
