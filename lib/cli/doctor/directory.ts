/** The data directory: that it can be written, that what is written stays, and that there is room. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, ok, warn, type Check, type Finding } from './finding.ts';

const GB = 1e9;
const FREE_WARN = GB;
const FREE_FAIL = GB / 10;
/** Every commit waits for one. */
const FSYNC_WARN_MS = 50;

const WHAT = 'data directory';

export const dataDirectory = (dir: string): Check => ({ what: WHAT, look: async () => (existsSync(dir) ? existing(dir) : [await missing(dir)]) });

async function missing(dir: string): Promise<Finding> {
  const written = await writing(nearestParent(dir));
  return written.state === 'fail' ? written : ok(WHAT, `${dir} is not there yet; the first command that needs it makes it`);
}

const nearestParent = (dir: string): string => (existsSync(dir) || dirname(dir) === dir ? dir : nearestParent(dirname(dir)));

async function existing(dir: string): Promise<readonly Finding[]> {
  if (!(await stat(dir)).isDirectory()) return [fail(WHAT, `${dir} is no directory`, 'name another one with --dir')];
  const written = await writing(dir);
  if (written.state === 'fail') return [written];
  return [written, await space(dir)];
}

async function writing(dir: string): Promise<Finding> {
  const probe = join(dir, `.doctor-${randomBytes(8).toString('hex')}`);
  try {
    const ms = await fsyncMs(probe);
    if (ms <= FSYNC_WARN_MS) return ok(WHAT, `${dir} can be written; an fsync takes ${ms.toFixed(1)} ms`);
    return warn(WHAT, `an fsync in ${dir} takes ${Math.round(ms)} ms, and every commit waits for one`, 'use a directory on a local disk: --dir DIRECTORY');
  } catch (error) {
    return fail(WHAT, `${dir} cannot be written: ${error instanceof Error ? error.message : String(error)}`, 'change its permissions, or name another one with --dir');
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

async function fsyncMs(path: string): Promise<number> {
  const file = await open(path, 'wx');
  try {
    await file.write('sluice doctor\n');
    const began = performance.now();
    await file.sync();
    return performance.now() - began;
  } finally {
    await file.close();
  }
}

async function space(dir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dir);
  return spaceFinding(bavail * bsize);
}

export function spaceFinding(bytes: number): Finding {
  const what = 'free space';
  const why = `${(bytes / GB).toFixed(1)} GB`;
  if (bytes >= FREE_WARN) return ok(what, why);
  const mend = 'make room, or name a directory on another disk with --dir';
  return bytes >= FREE_FAIL ? warn(what, why, mend) : fail(what, `${why}: jobs stop when nothing can be written`, mend);
}
