/** What is fetched once per machine: directories below the user's cache, of which only complete ones are ever seen. */
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isAlive } from './process.ts';

const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sluice');
const WAIT_MS = 300_000;
const POLL_MS = 200;

/**
 * `~/.cache/sluice/<name>`, filled by `fill` if it is not there. Of several processes that ask at once one fills it and the others wait; a fill that
 * breaks off leaves nothing that the next one could mistake for a whole.
 */
export async function cached(name: string, fill: (work: string) => Promise<void>): Promise<string> {
  const dir = join(CACHE, name);
  await mkdir(dirname(dir), { recursive: true });
  if (!(await exists(dir))) await withLock(`${dir}.lock`, () => fillOnce(dir, fill));
  return dir;
}

async function fillOnce(dir: string, fill: (work: string) => Promise<void>): Promise<void> {
  if (await exists(dir)) return;
  const work = await mkdtemp(`${dir}.tmp-`);
  try {
    await fill(work);
    // Whoever comes second, having taken away the same stale lock, finds the place taken by a whole.
    await rename(work, dir).catch(async (error: unknown) => {
      if (!(await exists(dir))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Runs `action` while no other process on this machine runs one under the same lock file. The lock of a process that is gone is taken away. */
export async function withLock<T>(lock: string, action: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await takeLock(lock))) {
    if (Date.now() > deadline) throw new Error(`another process has held ${lock} for too long; remove it if that process is gone`);
    await sleep(POLL_MS);
  }
  return action().finally(() => rm(lock, { force: true }));
}

/** The lock names its process. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const holder = Number(await readFile(lock, 'utf8').catch(() => '0'));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  }
}

export const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false);
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
