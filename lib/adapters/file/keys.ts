/** Keys of objects as relative paths. */
import { join } from 'node:path';
import { SluiceError } from '../../core/errors.ts';

/** Names that begin with a dot are those of objects under way, so that listings and globs pass them over. */
export const isHidden = (name: string): boolean => name.startsWith('.');

/**
 * The path of a key below `root`. Keys come out of files too (a savepoint's list), so one that would leave the root, or name
 * a hidden file, is OPTION_INVALID.
 */
export function pathOfKey(root: string, key: string): string {
  const parts = key.split('/');
  if (parts.every(isPlain)) return join(root, ...parts);
  throw new SluiceError('OPTION_INVALID', { message: `'${key}' cannot be the name of a file below ${root}`, details: { key } });
}

/** Neither empty, `.`, `..` nor hidden, and one part on every system. */
const isPlain = (part: string): boolean => part !== '' && !isHidden(part) && !part.includes('\0') && !part.includes('\\');
