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

/**
 * Finds the line and column of the innermost frame that is the program's, as `src/job.ts:12:7`: by the directory of the program's file, whatever the user calls
 * it. For errors while it runs, of which there may be many: the map is read once.
 */
export function positionsIn(bundle: string): (error: unknown) => string | null {
  let map: SourceMap | null | undefined;
  return (error) => {
    const [, line, column] = (error instanceof Error ? FRAME.exec(error.stack ?? '') : null) ?? [];
    if (line === undefined || column === undefined) return null;
    map ??= mapOf(bundle);
    const entry = map?.findEntry(Number(line) - 1, Number(column) - 1);
    return entry !== undefined && 'originalSource' in entry ? `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}` : null;
  };
}

function mapOf(bundle: string): SourceMap | null {
  const [, map] = MAP.exec(bundle) ?? [];
  if (map === undefined) return null;
  const payload: SourceMapPayload = JSON.parse(Buffer.from(map, 'base64').toString('utf8'));
  return new SourceMap(payload);
}

/** `file:line` of the innermost frame that is the program's; null where there is none. `name`: what the user calls the program. */
export function positionOf(error: unknown, bundle: string, name: string): { readonly file: string; readonly line: number } | null {
  const [, line, column] = (error instanceof Error ? FRAME.exec(error.stack ?? '') : null) ?? [];
  const map = mapOf(bundle);
  if (line === undefined || column === undefined || map === null) return null;
  const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
  return 'originalSource' in entry ? { file: join(dirname(name), entry.originalSource), line: entry.originalLine + 1 } : null;
}
