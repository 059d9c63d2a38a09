/** The command on a machine that has nothing installed, pid files that are out of date, and the cache of downloads. No server starts here. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isAlive, startOf } from './process.ts';

const MAIN = new URL('main.ts', import.meta.url).pathname;

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-services-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
  rmSync(dir, { recursive: true, force: true });
});

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** With nothing in the PATH and nothing in the cache. */
function bare(...words: string[]): Promise<Ended> {
  const env = { PATH: dir, XDG_CACHE_HOME: join(dir, 'cache') };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...words, '--dir', join(dir, 'services')], { env }, (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }));
  });
}

test('what is not installed is skipped, by name and with what to install', async () => {
  const { code, stdout, stderr } = await bare('up');
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^kafka: skipped\. .*install a JDK/),
    expect.stringMatching(/^dynamodb: skipped\. .*install a JDK/),
    expect.stringMatching(/^s3: skipped\. .*Python 3\.10 .*install it/),
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});

test('it is an error where it was asked for by name', async () => {
  expect(await bare('up', '--only', 's3')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('s3: skipped.') });
});

test.each([
  { words: ['start'], says: 'npm run services --' },
  { words: ['up', '--only', 'kafka,redis'], says: '--only takes kafka, dynamodb, s3' },
  { words: ['up', '--dynamodb', 'dynalite'], says: '--dynamodb takes local or dynoxide' },
])('$words is refused', async ({ words, says }) => {
  expect(await bare(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
});

test('a process that only has the pid of one that was started is left alone', async () => {
  const child = execFile(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
  const pid = child.pid ?? 0;
  const file = join(dir, 'services', 's3', 'pid.json');
  mkdirSync(join(dir, 'services', 's3'), { recursive: true });
  writeFileSync(file, JSON.stringify({ pid, since: `${startOf(pid)}0`, endpoint: 'http://127.0.0.1:1', engine: 'MiniStack' }));
  try {
    expect(await bare('status')).toMatchObject({ code: 0, stdout: '', stderr: 'nothing runs\n' });
    expect(await bare('down')).toMatchObject({ code: 0, stderr: 'nothing runs\n' });
    expect(isAlive(pid)).toBe(true);
    writeFileSync(file, JSON.stringify({ pid, since: startOf(pid), endpoint: 'http://127.0.0.1:1', engine: 'MiniStack' }));
    expect(await bare('status')).toMatchObject({ stdout: expect.stringContaining('AWS_ENDPOINT_URL_S3=http://127.0.0.1:1\n') });
    expect(await bare('down')).toMatchObject({ code: 0, stderr: `s3: stopped, was process ${pid}\n` });
    expect(isAlive(pid)).toBe(false);
  } finally {
    child.kill('SIGKILL');
  }
});

test('a download is made once for all who ask, and a broken one is made again', async () => {
  vi.stubEnv('XDG_CACHE_HOME', dir);
  vi.resetModules();
  const { cached } = await import('./cache.ts');
  let fills = 0;
  const fill = async (work: string): Promise<void> => {
    fills += 1;
    writeFileSync(join(work, 'part'), 'part');
    if (fills === 1) throw new Error('cut off');
    writeFileSync(join(work, 'whole'), 'whole');
  };
  await expect(cached('jars/x', fill)).rejects.toThrow('cut off');
  expect(readdirSync(join(dir, 'sluice', 'jars'))).toEqual([]);
  writeFileSync(join(dir, 'sluice', 'jars', 'x.lock'), '999999999'); // left by a process that is gone
  const paths = await Promise.all([1, 2, 3].map(() => cached('jars/x', fill)));
  expect(new Set(paths)).toEqual(new Set([join(dir, 'sluice', 'jars', 'x')]));
  expect(fills).toBe(2);
  expect(readFileSync(join(paths[0] ?? '', 'whole'), 'utf8')).toBe('whole');
  expect(readdirSync(join(dir, 'sluice', 'jars'))).toEqual(['x']);
});
