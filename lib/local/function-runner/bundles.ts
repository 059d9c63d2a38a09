/** The bundles that the function group runs: those that were built with this program, or, in a checkout, bundles of the sources as they are now. */
import { execFile } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SluiceError } from '../../core/errors.ts';

const ROOT = join(import.meta.dirname, '../../..');
const BUILT = join(ROOT, 'functions');
const SCRIPT = join(ROOT, 'functions/bundle.ts');

export interface Bundles {
  readonly directory: string;
  /** Removes what was made for this process. */
  dispose(): Promise<void>;
}

export async function openBundles(): Promise<Bundles> {
  if (await exists(join(BUILT, 'writer/index.mjs'))) return { directory: BUILT, dispose: async () => {} };
  if (!(await exists(SCRIPT))) throw new SluiceError('FILE_UNREADABLE', { message: `there are no function bundles in ${BUILT}`, hint: 'install sluice again' });
  const directory = await mkdtemp(join(tmpdir(), 'sluice-functions-'));
  const dispose = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    await promisify(execFile)(process.execPath, [SCRIPT, directory]);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { directory, dispose };
}

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);
