/** The code of the functions: the bundles of an installed package, or, in a checkout, bundles of the sources as they are now. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refused } from './refuse.ts';

/** Of the checkout; of `dist` in a package. */
const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, 'functions');
const SCRIPT = join(ROOT, 'functions/bundle.ts');
/** Always the same place: source maps hold relative paths, and the hash of a bundle is the version of its function. */
const MADE = join(ROOT, 'dist/functions');

/** `<directory>/<function>/index.mjs`. Throws OPTION_INVALID where there are none. */
export function defaultBundles(): string {
  if (existsSync(join(BUILT, 'writer/index.mjs'))) return BUILT;
  if (!existsSync(SCRIPT)) {
    throw refused({ at: 'bundles', what: 'there is no code of the functions', got: BUILT, allowed: 'a directory with <function>/index.mjs', fix: 'install sluice again' });
  }
  execFileSync(process.execPath, [SCRIPT, MADE], { stdio: ['ignore', 'ignore', 'inherit'] });
  return MADE;
}
