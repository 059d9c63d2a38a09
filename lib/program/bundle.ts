/** The one file that a program becomes: with all it imports, except the API (`host.ts`) and what Node has. The same files give the same bytes. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { build, type BuildFailure, type BuildOptions, type Message, type OutputFile, type Plugin } from 'esbuild';
import { SluiceError } from '../core/errors.ts';
import { API, apiModule } from './host.ts';
import { BUNDLE, withMap } from './position.ts';

/** Packages of the CommonJS time ask for `require`; a name that the program gives is another one, esbuild sees to that. */
const BANNER = "import { createRequire as sluiceRequire } from 'node:module'; const require = sluiceRequire(import.meta.url);";

const API_SOURCE = /[\\/]lib[\\/]api[\\/]index\.[jt]s$/;

const hostApi: Plugin = {
  name: 'host-api',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^sluice\/api$/ }, () => ({ path: API, namespace: 'host', sideEffects: false }));
    onLoad({ filter: /.*/, namespace: 'host' }, () => ({ contents: apiModule(), loader: 'js' }));
    // Programs of this package itself name it by its path.
    onLoad({ filter: API_SOURCE }, ({ path }) => (path === OWN_API ? { contents: apiModule(), loader: 'js' } : null));
  },
};

const OWN_API = join(import.meta.dirname, `../api/index${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`);

const OPTIONS = {
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node22', // the oldest that Sluice runs on
  plugins: [hostApi],
  banner: { js: BANNER },
  charset: 'utf8',
  legalComments: 'none',
  sourcemap: 'external',
  sourcesContent: false,
  logLevel: 'silent',
} as const satisfies BuildOptions;

/** Throws JOB_DEFINITION, with file and line, where the program or a file that it imports cannot be read or is not TypeScript. */
export async function bundleProgram(file: string): Promise<Uint8Array> {
  const dir = await directoryOf(file);
  try {
    const { outputFiles } = await build({ ...OPTIONS, entryPoints: [join(dir, basename(file))], absWorkingDir: dir, outfile: join(dir, BUNDLE) });
    return new TextEncoder().encode(withMap(textOf(outputFiles, BUNDLE), textOf(outputFiles, `${BUNDLE}.map`)));
  } catch (error) {
    throw isBuildFailure(error) ? refused(error, file) : error;
  }
}

const textOf = (files: readonly OutputFile[], name: string): string => files.find(({ path }) => basename(path) === name)?.text ?? '';

/** Names in the bundle are relative to it, so it is that of the file itself, whatever links lead there. */
async function directoryOf(file: string): Promise<string> {
  try {
    return dirname(await realpath(resolve(file)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('JOB_DEFINITION', { message: `cannot read the program '${file}': ${why}`, hint: 'name a TypeScript file whose default export is defineJob(…)', cause, details: { file } });
  }
}

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && 'errors' in error && Array.isArray(error.errors);

const NAMED_MAX = 5;

function refused({ errors }: BuildFailure, file: string): SluiceError {
  const lines = errors.slice(0, NAMED_MAX).map((error) => messageText(error, file));
  const [first] = errors;
  const details = { file: first?.location == null ? file : fileOf(first.location.file, file), line: first?.location?.line ?? null };
  return new SluiceError('JOB_DEFINITION', { message: lines.join('\n'), hint: hintFor(errors), details });
}

function messageText({ location, text }: Message, file: string): string {
  return location === null ? `${file}: ${text}` : `${fileOf(location.file, file)}:${location.line}:${location.column + 1}: ${text}`;
}

/** As the user would name it. */
const fileOf = (path: string, file: string): string => join(dirname(file), path);

const hintFor = (errors: readonly Message[]): string =>
  errors.some(({ text }) => text.startsWith('Could not resolve')) ? 'install the package beside the program, or correct the path' : 'correct the program, then repeat the command';
