/** Files that the user names. */
import { readFile } from 'node:fs/promises';
import { SluiceError } from '../core/errors.ts';

export async function readUserFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('FILE_UNREADABLE', { message: `cannot read '${path}': ${why}`, cause, details: { path } });
  }
}
