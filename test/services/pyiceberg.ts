/** PyIceberg, a reader and writer of Iceberg that nobody here wrote, in a virtual environment of the user's cache. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache.ts';
import { demand } from './prerequisites.ts';
import { PYICEBERG_VERSION } from './versions.ts';

const run = promisify(execFile);
const INSTALL_MS = 300_000;
const SCRIPT_MS = 60_000;

/** Runs a Python program with PyIceberg; what it prints is read as JSON. */
export async function pyIceberg<T>(program: string, ...args: readonly string[]): Promise<T> {
  const venv = await cached(join('python', `pyiceberg-${PYICEBERG_VERSION}`), install);
  const { stdout } = await run(join(venv, 'bin', 'python3'), ['-c', program, ...args], { timeout: SCRIPT_MS, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}

async function install(work: string): Promise<void> {
  await demand('python3', ['-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 10)'], 'PyIceberg needs Python 3.10 or newer with venv: install it (Debian: apt-get install python3-venv)');
  await run('python3', ['-m', 'venv', work], { timeout: INSTALL_MS });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `pyiceberg[pyarrow,sql-sqlite]==${PYICEBERG_VERSION}`];
  await run(join(work, 'bin', 'python3'), pip, { timeout: INSTALL_MS }).catch((cause: unknown) => {
    throw new Error(`pip cannot install pyiceberg ${PYICEBERG_VERSION}: is there a network, and PyPI or a mirror of it?`, { cause });
  });
}
