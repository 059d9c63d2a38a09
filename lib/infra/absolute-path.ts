/** Paths of tables, as functions see them. */
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../core/errors.ts';

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//;

/** The directory of whoever deploys means nothing to a function: OPTION_INVALID for a relative path. */
export function absolutePath(path: string): string {
  if (path.startsWith('file:')) return fileURLToPath(path);
  if (path.startsWith('/') || SCHEME.test(path)) return path;
  throw new SluiceError('OPTION_INVALID', { message: `the path '${path}' is relative: functions work in another directory`, hint: 'write an absolute path, or s3://BUCKET/PREFIX' });
}
