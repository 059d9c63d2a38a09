/**
 * `npm run bundle [-- DIRECTORY]`: the functions as AWS runs them, in <directory>/<name>/index.mjs, by default in dist/functions. What only some invocations need (clients of S3,
 * Kafka and Lambda) lies in chunks beside it, so that a cold start does not load them.
 */
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { PACKAGES, pageFile } from '../lib/control/rest/console/files.ts';

const ROOT = join(import.meta.dirname, '..');
export const FUNCTIONS = ['writer', 'firer', 'workflow', 'resource', 'rest'] as const;

/** Packages of the CommonJS time ask for `require`. */
const BANNER = "import { createRequire as sluiceRequire } from 'node:module'; const require = sluiceRequire(import.meta.url);";

const VALIDATORS = /@platformatic\/kafka\/dist\/clients\/[a-z]+\/options\.js$/;
const LIBRARY = /@platformatic\/kafka\/dist\//;
const RESOLVED = 'resolved';
const COMPILE = 'ajv.compile(';
const LAZY = `
function compileLate(schema) {
  let validate;
  const late = (value) => {
    const isValid = (validate ??= ajv.compile(schema))(value);
    late.errors = validate.errors;
    return isValid;
  };
  return late;
}`;

/**
 * Kafka's client compiles fifty validators of options while it is loaded, which is most of its time, and a function needs three: they are compiled
 * with their first use. And what a function does not use of the library is left out, although the package does not say that this can be done.
 */
const kafkaOnDemand: Plugin = {
  name: 'kafka-on-demand',
  setup: ({ onLoad, onResolve, resolve }) => {
    onResolve({ filter: /^(@platformatic\/kafka$|\.)/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === RESOLVED || !(path.startsWith('@') || LIBRARY.test(from.importer))) return null;
      return { ...(await resolve(path, { ...from, pluginData: RESOLVED })), sideEffects: false };
    });
    onLoad({ filter: VALIDATORS }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return { contents: source.replaceAll(COMPILE, 'compileLate(') + LAZY, loader: 'js' };
    });
  },
};

/** Empties the directory first. The answer says what went into which file. */
export async function bundle(name: (typeof FUNCTIONS)[number], into: string): Promise<Metafile> {
  await rm(into, { recursive: true, force: true });
  const { metafile } = await build({
    metafile: true,
    entryPoints: { index: join(ROOT, 'functions', `${name}.ts`) },
    outdir: into,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: ROOT,
    bundle: true,
    plugins: [kafkaOnDemand],
    alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' }, // its codecs are otherwise a file beside the package
    splitting: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'], // an import() of CommonJS has no named members in a chunk; and what is not used of the SDK is left out
    target: 'node24',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    banner: { js: BANNER },
    logLevel: 'error',
  });
  if (name === 'rest') await copyPage(join(into, 'console'));
  return metafile;
}

/** The web page is read at run time: its files, and those of the packages that it names. */
async function copyPage(into: string): Promise<void> {
  await cp(join(ROOT, 'lib/console'), into, { recursive: true, filter: (path) => !/\.(md|ts|json)$/.test(path) });
  for (const name of Object.keys(PACKAGES)) {
    const file = await pageFile('packages', name);
    if (file === null) throw new Error(`the web page has no file packages/${name}`);
    await mkdir(join(into, 'packages'), { recursive: true });
    await writeFile(join(into, 'packages', name), file.text);
  }
}

async function printSizes(name: string, dir: string): Promise<void> {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.mjs'));
  const sizes = await Promise.all(files.map(async (file) => ({ file, bytes: (await stat(join(dir, file))).size })));
  const kb = (bytes: number): string => `${Math.round(bytes / 1024)} KB`;
  const entry = sizes.find(({ file }) => file === 'index.mjs')?.bytes ?? 0;
  const all = sizes.reduce((n, { bytes }) => n + bytes, 0);
  console.log(`${name.padEnd(10)} entry ${kb(entry)}, all ${kb(all)} in ${files.length} files`);
}

if (process.argv[1] === import.meta.filename) {
  const [into = join(ROOT, 'dist/functions')] = process.argv.slice(2);
  for (const name of FUNCTIONS) {
    const dir = join(into, name);
    await bundle(name, dir);
    await printSizes(name, dir);
  }
}
