/**
 * `npm run bundle`: the functions as AWS runs them, in dist/functions/<name>/index.mjs. What only some invocations need (clients of S3,
 * Kafka and Lambda) lies in chunks beside it, so that a cold start does not load them.
 */
import { createRequire } from 'node:module';
import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
export const FUNCTIONS = ['writer', 'firer', 'workflow'] as const;

/** Packages of the CommonJS time ask for `require`. */
const BANNER = "import { createRequire as sluiceRequire } from 'node:module'; const require = sluiceRequire(import.meta.url);";

export async function bundle(name: (typeof FUNCTIONS)[number], into: string): Promise<void> {
  await rm(into, { recursive: true, force: true });
  await build({
    entryPoints: { index: join(ROOT, 'functions', `${name}.ts`) },
    outdir: into,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    keepNames: true, // names of error classes are Lambda's error types
    sourcemap: true,
    sourcesContent: false,
    banner: { js: BANNER },
    logLevel: 'error',
  });
  await copyWasm(into);
}

/** The Kafka client reads its codecs from `../dist/native.wasm`, seen from the file that holds it. */
async function copyWasm(into: string): Promise<void> {
  const client = dirname(createRequire(import.meta.url).resolve('@platformatic/kafka/package.json'));
  await mkdir(join(into, 'dist'), { recursive: true });
  await copyFile(join(client, 'dist/native.wasm'), join(into, 'dist/native.wasm'));
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
  for (const name of FUNCTIONS) {
    const dir = join(ROOT, 'dist/functions', name);
    await bundle(name, dir);
    await printSizes(name, dir);
  }
}
