/** Where in the files of a program an error comes from: its stack names the bundle, the bundle's source map the files. */
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, join } from 'node:path';

/** As loaded bundles are named. */
export const BUNDLE = 'program.mjs';

const FRAME = /program\.mjs:(\d+):(\d+)/;
const MAP = /^\/\/# program map ([\w+/=]+)$/m;

/**
 * A bundle with its source map. Not as `sourceMappingURL`: with `--enable-source-maps`, and in most runners of tests, stacks would name files that are
 * not there, relative to where the bundle was imported from.
 */
export const withMap = (bundle: string, map: string): string => `${bundle}//# program map ${Buffer.from(map).toString('base64')}\n`;

/** `file:line` of the innermost frame that is the program's; null where there is none. `name`: what the user calls the program. */
export function positionOf(error: unknown, bundle: string, name: string): { readonly file: string; readonly line: number } | null {
  const [, line, column] = (error instanceof Error ? FRAME.exec(error.stack ?? '') : null) ?? [];
  const [, map] = MAP.exec(bundle) ?? [];
  if (line === undefined || column === undefined || map === undefined) return null;
  const payload: SourceMapPayload = JSON.parse(Buffer.from(map, 'base64').toString('utf8'));
  const entry = new SourceMap(payload).findEntry(Number(line) - 1, Number(column) - 1);
  return 'originalSource' in entry ? { file: join(dirname(name), entry.originalSource), line: entry.originalLine + 1 } : null;
}
