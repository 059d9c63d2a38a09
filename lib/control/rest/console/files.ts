/** The files of the web page: those of `lib/console`, and those of packages that its import map names. Nothing else is served. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PageFile {
  readonly contentType: string;
  readonly text: string;
  /** Strong: of the text. */
  readonly etag: string;
}

/** Beside the code: in the checkout and in `dist`, or in the bundle of a function, with the packages. */
const IN_BUNDLE = fileURLToPath(new URL('./console/', import.meta.url));
const HERE = existsSync(IN_BUNDLE) ? IN_BUNDLE : fileURLToPath(new URL('../../../console/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=UTF-8',
  '.html': 'text/html; charset=UTF-8',
  '.js': 'text/javascript; charset=UTF-8',
  '.svg': 'image/svg+xml; charset=UTF-8',
};

/** `/console/packages/NAME` and what it is in `node_modules`. */
export const PACKAGES: Readonly<Record<string, string>> = {
  'preact.js': 'preact/dist/preact.mjs',
  'preact-hooks.js': 'preact/hooks/dist/hooks.mjs',
  'htm.js': 'htm/dist/htm.module.js',
  'htm-preact.js': 'htm/preact/index.module.js',
  'uplot.js': 'uplot/dist/uPlot.esm.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
  'codemirror-autocomplete.js': '@codemirror/autocomplete/dist/index.js',
  'codemirror-commands.js': '@codemirror/commands/dist/index.js',
  'codemirror-lang-sql.js': '@codemirror/lang-sql/dist/index.js',
  'codemirror-language.js': '@codemirror/language/dist/index.js',
  'codemirror-lint.js': '@codemirror/lint/dist/index.js',
  'codemirror-state.js': '@codemirror/state/dist/index.js',
  'codemirror-streamparser.js': '@codemirror/streamparser/dist/index.js',
  'codemirror-view.js': '@codemirror/view/dist/index.js',
  'crelt.js': 'crelt/index.js',
  'find-cluster-break.js': '@marijn/find-cluster-break/src/index.js',
  'lezer-common.js': '@lezer/common/dist/index.js',
  'lezer-highlight.js': '@lezer/highlight/dist/index.js',
  'lezer-lr.js': '@lezer/lr/dist/index.js',
  'style-mod.js': 'style-mod/src/style-mod.js',
  'w3c-keyname.js': 'w3c-keyname/index.js',
};

/** `folder`: one of `lib/console`, '' for that itself, or `packages`. Null: there is no such file, or it is not served. It is read each time: whoever changes one reloads the page. */
export async function pageFile(folder: string, name: string): Promise<PageFile | null> {
  const contentType = TYPES[extname(name)];
  if (contentType === undefined) return null;
  const text = folder === 'packages' ? await packageFile(name) : await readIfThere(join(HERE, folder, name));
  return text === null ? null : { contentType, text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}

/** npm puts packages beside the one that needs them, or above it. */
async function packageFile(name: string): Promise<string | null> {
  const path = PACKAGES[name];
  if (path === undefined) return null;
  const bundled = await readIfThere(join(HERE, 'packages', name));
  if (bundled !== null) return bundled;
  for (const directory of createRequire(import.meta.url).resolve.paths(path) ?? []) {
    const text = await readIfThere(join(directory, path));
    if (text !== null) return text;
  }
  return null;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR')) return null;
    throw error;
  }
}
