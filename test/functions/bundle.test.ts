/** The bundles: what a cold start loads, and that it starts. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundle, FUNCTIONS } from '../../functions/bundle.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';

/** Packages that only some invocations need. */
const LAZY = [
  '@aws-sdk/client-s3/',
  '@aws-sdk/client-lambda/',
  '@aws-sdk/client-eventbridge/',
  '@aws-sdk/client-secrets-manager/',
  '@aws-sdk/client-sfn/',
  'kafkajs/',
  '@platformatic/kafka/',
];
/** The one with a URL operates the platform as a command does. */
const OF_OPERATORS = ['@aws-sdk/client-lambda/', '@aws-sdk/client-sfn/'];
const OF_REST = { SLUICE_STACK: 'prod', SLUICE_SAVEPOINTS: 's3://bucket/savepoints', SLUICE_WORKFLOW: 'workflow', SLUICE_STATE_MACHINES: '{"cancel":"arn"}' };
const TAKEN_BY_DEFAULT = ['kafkajs/', 'aws-msk-iam-sasl-signer-js/'];
const ENTRY_BYTES_MAX = 1024 * 1024;

test.each(FUNCTIONS)('%s loads neither S3 nor Kafka clients when it starts, and starts', async (name) => {
  const dir = join(temporaryDirectory(), name);
  const { outputs } = await bundle(name, dir);
  const files = new Map(Object.entries(outputs).map(([file, output]) => [file, output]));
  const entry = [...files.keys()].find((file) => file.endsWith('/index.mjs'));
  const loaded = new Set<string>(entry === undefined ? [] : [entry]);
  for (const file of loaded) for (const { path, kind } of files.get(file)?.imports ?? []) if (kind === 'import-statement' && files.has(path)) loaded.add(path);

  const packages = [...loaded].flatMap((file) => Object.keys(files.get(file)?.inputs ?? {}));
  const lazily = LAZY.filter((lazy) => name !== 'rest' || !OF_OPERATORS.includes(lazy));
  expect(packages.filter((file) => lazily.some((lazy) => file.includes(`node_modules/${lazy}`)))).toEqual([]);
  // Only executions read the store for CloudFormation.
  expect(packages.some((file) => file.includes('node_modules/@aws-sdk/client-dynamodb/'))).toBe(name !== 'resource');
  const everything = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  expect(everything.some((file) => file.includes('node_modules/@aws-sdk/client-eventbridge/')), 'only the workflow function attaches generations').toBe(name === 'workflow');
  expect(packages.filter((file) => file.startsWith('lib/api/')), 'SQL does without the API').toEqual([]);
  expect(everything.some((file) => file.startsWith('lib/api/')), 'functions that open jobs load their programs').toBe(name !== 'resource');
  expect(everything.filter((file) => file.includes('node_modules/esbuild/'))).toEqual([]);
  expect([...loaded].reduce((n, file) => n + (files.get(file)?.bytes ?? 0), 0)).toBeLessThan(ENTRY_BYTES_MAX);
  // CommonJS in a chunk has no named members: its importers must take the default.
  const defaultsOnly = Object.values(outputs).flatMap((o) => (o.exports.length === 1 && o.exports[0] === 'default' ? (o.entryPoint ?? []) : []));
  expect(defaultsOnly.filter((file) => !TAKEN_BY_DEFAULT.some((taken) => file.includes(`node_modules/${taken}`)))).toEqual([]);
  expect(await readFile(join(dir, 'index.mjs'), 'utf8')).toContain('sourceMappingURL');

  const script = `const { handler } = await import(${JSON.stringify(join(dir, 'index.mjs'))}); console.log(typeof handler);`;
  const env = { SLUICE_STORE: 'dynamodb://sluice', SLUICE_BLOBS: 's3://bucket/sluice', SLUICE_KAFKA: '127.0.0.1:9092', AWS_REGION: 'us-east-1', ...(name === 'rest' && OF_REST) };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
  expect(stdout.trim()).toBe('function');
});
