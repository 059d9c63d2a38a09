/** Directories as users name them. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../../core/errors.ts';

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const FILE_URL = /^file:(\/|\/\/\/)(?!\/)/i;

/**
 * The absolute path that `url` means: a plain path (relative to the working directory), `file:/path` or `file:///path`.
 * Anything else is OPTION_INVALID.
 */
export function directoryPath(url: string): string {
  if (url === '') throw refused(url, 'is empty');
  const scheme = SCHEME.exec(url)?.[1];
  if (scheme === undefined) return resolve(url);
  if (scheme.toLowerCase() !== 'file') throw refused(url, `has the scheme '${scheme}:'`);
  if (!FILE_URL.test(url)) throw refused(url, 'names a host or no absolute path');
  return resolve(pathOf(url));
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(new URL(url));
  } catch (cause) {
    throw refused(url, 'is not a valid URL', cause);
  }
}

const refused = (url: string, why: string, cause?: unknown): SluiceError =>
  new SluiceError('OPTION_INVALID', {
    message: `the directory '${url}' ${why}`,
    hint: "Give a path, 'file:/path', 'file:///path' or 's3://BUCKET/PREFIX'.",
    ...(cause === undefined ? {} : { cause }),
  });
