/** The import table of the architecture: nothing imports upwards, adapters know neither each other nor the engine. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, dirname } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Layer → layers it may import, and whether it may import packages. */
const TABLE: Readonly<Record<string, { readonly layers: readonly string[]; readonly packages: readonly string[] }>> = {
  'lib/core': { layers: [], packages: [] },
  'lib/sql': { layers: ['lib/core'], packages: [] },
  // Programs of users: they build plans, and SQL plans what of them is tables.
  'lib/api': { layers: ['lib/core', 'lib/sql'], packages: [] },
  'lib/ports': { layers: ['lib/core'], packages: [] },
  'lib/savepoint': { layers: ['lib/core', 'lib/ports'], packages: [] },
  // The engine's workflows write and read savepoints; the format knows nothing of the engine.
  'lib/engine': { layers: ['lib/core', 'lib/ports', 'lib/savepoint'], packages: [] },
  'lib/adapters': {
    layers: ['lib/core', 'lib/ports'],
    packages: ['node:', '@aws-sdk/', '@smithy/', 'aws-msk-iam-sasl-signer-js', 'kafkajs', '@platformatic/kafka', 'hyparquet', 'hyparquet-writer'],
  },
  // Where URLs become adapters: the composition that functions, the laptop and the commands share.
  'lib/place': { layers: ['lib/core', 'lib/ports', 'lib/engine', 'lib/adapters', 'lib/program'], packages: ['node:'] },
  // Programs of users: into a bundle, into the store, and back into functions.
  'lib/program': { layers: ['lib/core', 'lib/ports', 'lib/sql', 'lib/api'], packages: ['node:', 'esbuild'] },
  // Not a function: it makes their bundles, and puts the web page beside the one that serves it.
  'functions/bundle.ts': { layers: ['lib/control'], packages: ['esbuild', 'node:'] },
  functions: { layers: ['lib/core', 'lib/ports', 'lib/engine', 'lib/adapters', 'lib/place', 'lib/lambda', 'lib/workflows'], packages: [] },
  // What the functions have in common: alias, telemetry, invocation of one another; descriptions of jobs, which only they can make where Kafka is. The one
  // with a URL operates the platform as a command does.
  'lib/lambda': {
    layers: ['lib/core', 'lib/ports', 'lib/engine', 'lib/adapters', 'lib/place', 'lib/workflows', 'lib/control', 'lib/program', 'lib/cloud'],
    packages: ['node:', '@aws-lambda-powertools/', '@aws-sdk/client-lambda', '@aws-sdk/client-sfn'],
  },
  // For tests of users' programs: functions and jobs in memory, by the engine itself. It knows no runner of tests.
  'lib/testing': { layers: ['lib/core', 'lib/ports', 'lib/api', 'lib/engine', 'lib/savepoint', 'lib/adapters'], packages: [] },
  // What state machines and functions say to each other, and the machines as data: no packages, so that CDK and functions can share them.
  'lib/workflows': { layers: ['lib/core'], packages: [] },
  'lib/control': { layers: ['lib/core', 'lib/ports', 'lib/engine', 'lib/savepoint', 'lib/sql'], packages: ['@duckdb/node-api', 'prom-client', '@opentelemetry/', 'node:'] },
  // The web page: in a browser there is the REST API, and nothing of the project.
  'lib/console': { layers: [], packages: ['preact', 'preact/', 'htm/', 'uplot', '@codemirror/', '@lezer/'] },
  // A platform in AWS from outside: its stack, its executions, its workflow function.
  'lib/cloud': {
    layers: ['lib/core', 'lib/ports', 'lib/engine', 'lib/adapters', 'lib/place', 'lib/control', 'lib/workflows'],
    packages: ['node:', '@aws-sdk/client-cloudformation', '@aws-sdk/client-lambda', '@aws-sdk/client-sfn', '@aws-sdk/client-sts'],
  },
  'lib/local': {
    layers: ['lib/core', 'lib/ports', 'lib/engine', 'lib/adapters', 'lib/place', 'lib/lambda'],
    packages: ['node:', '@aws-sdk/client-lambda', 'kafkajs'],
  },
  'lib/cli': {
    layers: ['lib/core', 'lib/ports', 'lib/engine', 'lib/savepoint', 'lib/sql', 'lib/adapters', 'lib/place', 'lib/control', 'lib/local', 'lib/cloud', 'lib/workflows', 'lib/program'],
    packages: ['@pnpm/tabtab', 'commander', 'node:'],
  },
  // Constructs for other people's apps: they know the functions by their bundles, and plan SQL as everybody else does.
  'lib/infra': { layers: ['lib/core', 'lib/sql', 'lib/workflows', 'lib/program'], packages: ['aws-cdk-lib', 'aws-cdk-lib/', 'constructs', 'node:'] },
  'bin/app.ts': { layers: ['lib/cli', 'lib/infra'], packages: ['aws-cdk-lib'] },
  bin: { layers: ['lib/cli'], packages: ['node:'] },
};


/** Makes the functions' bundles; no part of any of them. */
const BUNDLER = { file: 'functions/bundle.ts', packages: ['node:', 'esbuild'] };

const files = ['lib', 'bin', 'functions'].flatMap((dir) =>
  readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]s$/.test(file))
    .map((file) => join(dir, file)),
);

const layerOf = (file: string): string => Object.keys(TABLE).find((layer) => file === layer || file.startsWith(`${layer}/`)) ?? file;
const adapterOf = (file: string): string | undefined => /^lib\/adapters\/([^/]+)\//.exec(file)?.[1];

function importsOf(file: string): string[] {
  const whole = readFileSync(join(ROOT, file), 'utf8');
  // The types of JavaScript stand in its comments, and are gone when it runs.
  const text = file.endsWith('.js') ? whole.replace(/\/\*\*[^]*?\*\//g, '') : whole;
  const statements = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)';$/gm);
  const others = text.matchAll(/\bimport(?: |\()'([^']+)'/g);
  return [...statements, ...others].flatMap((m) => m[1] ?? []);
}

function problemWith(file: string, specifier: string): string | null {
  const rule = TABLE[layerOf(file)];
  if (rule === undefined) return 'lies in no layer of the table';
  if (!specifier.startsWith('.')) {
    const packages = file === BUNDLER.file ? BUNDLER.packages : rule.packages;
    return packages.some((p) => specifier === p || (/[:/]$/.test(p) && specifier.startsWith(p))) ? null : `may not import the package ${specifier}`;
  }
  const target = relative(ROOT, resolve(ROOT, dirname(file), specifier));
  if (adapterOf(file) !== undefined && adapterOf(target) !== undefined && adapterOf(file) !== adapterOf(target)) return `may not import the adapter ${target}`;
  const layer = layerOf(target);
  return layer === layerOf(file) || rule.layers.includes(layer) ? null : `may not import ${target}`;
}

test.each(files)('%s', (file) => {
  expect(importsOf(file).flatMap((specifier) => problemWith(file, specifier) ?? [])).toEqual([]);
});

test('zstd, which the oldest Node has not, is imported by name nowhere: the whole module would not load', () => {
  const named = files.filter((file) => /^import \{[^}]*\bzstd\w*[^}]*\} from 'node:zlib';$/m.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(named).toEqual([]);
});
