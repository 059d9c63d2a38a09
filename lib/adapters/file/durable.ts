/** Files that appear whole, under a name that was free, and stay. */
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StoreError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';

/** The calls that a full or broken disk makes fail; tests put failing ones in their place. */
export type FileCalls = Pick<typeof fs, 'open' | 'link' | 'mkdir' | 'unlink'>;
export const nodeFileCalls: FileCalls = fs;

export interface WholeFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly runtime: Pick<Runtime, 'randomHex'>;
  readonly calls: FileCalls;
}

/**
 * Creates a file; false if the name is taken. `link` is the commit: it gives the complete, synced temporary file its name,
 * and refuses a name that exists. Then the directory is synced, also for a name that another process has just taken.
 * Throws a StoreError.
 */
export async function createWhole(file: WholeFile): Promise<boolean> {
  const { path, calls, runtime } = file;
  const temporary = join(dirname(path), `.${basename(path)}.${runtime.randomHex(8)}.tmp`);
  try {
    await step('no', path, () => writeTemporary(temporary, file));
    const isCreated = await step('unless-refused', path, () => linkIfFree(temporary, path, calls));
    await step('maybe', path, () => syncDirectory(dirname(path), calls));
    return isCreated;
  } finally {
    await calls.unlink(temporary).catch(ignore);
  }
}

/** What a failure of a step means: the effect is not there, it may be, or it may be unless the system has refused the call. */
export type Certainty = 'no' | 'maybe' | 'unless-refused';

/** Errors by which the system refuses a call, which has surely changed nothing then. */
const OUT_OF_SPACE = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE'];
const NOT_ALLOWED = ['EACCES', 'EPERM', 'EROFS'];
const NO_SUCH_PLACE = ['ENOTDIR', 'EISDIR', 'ENOENT', 'ENAMETOOLONG'];
const REFUSED = OUT_OF_SPACE.concat(NOT_ALLOWED, NO_SUCH_PLACE);

/** Runs file calls on `path`; a failure is a StoreError with path and cause. */
export async function step<T>(certainty: Certainty, path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === null) throw cause;
    const isSure = certainty === 'no' || (certainty === 'unless-refused' && REFUSED.includes(code));
    throw new StoreError(isSure ? 'no' : 'maybe', { message: `${path}: ${textOf(cause)}`, cause, details: { path, errno: code } });
  }
}

/** `ENOENT` and the like; null for what is not an error of the system. */
export function codeOf(error: unknown): string | null {
  const isSystem = error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
  return isSystem ? String(error.code) : null;
}

async function writeTemporary(temporary: string, { bytes, calls }: WholeFile): Promise<void> {
  await makeDirectory(dirname(temporary), calls);
  const handle = await calls.open(temporary, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function linkIfFree(temporary: string, path: string, calls: FileCalls): Promise<boolean> {
  try {
    await calls.link(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Makes a directory with its parents, durably. One level at a time: mkdir's own `recursive` never returns where a parent refuses entries
 * with ENOENT (/proc).
 */
async function makeDirectory(dir: string, calls: FileCalls): Promise<void> {
  if (existsSync(dir)) return;
  await makeDirectory(dirname(dir), calls);
  try {
    await calls.mkdir(dir);
  } catch (error) {
    if (!existsSync(dir)) throw error; // else another process was faster
  }
  await syncDirectory(dirname(dir), calls);
}

async function syncDirectory(dir: string, calls: FileCalls): Promise<void> {
  const handle = await calls.open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Without the call and its paths, which name the temporary file: equal failures read alike. */
const textOf = (error: unknown): string => (error instanceof Error ? error.message.replace(/, \w+ '.*$/s, '') : String(error));

/** A temporary file that stays is passed over by everybody. */
const ignore = (): void => undefined;
