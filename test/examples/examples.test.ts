/** What all examples have in common: they are short, tested, and programs that `sluice run` takes. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { prepareProgram } from '../../lib/program/prepare.ts';

const ROOT = join(import.meta.dirname, '../..');
const LINES_MAX = 60;
const examples = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.ts'));

test('there are seven', () => {
  expect(examples.length).toBe(7);
});

test.each(examples)('%s is short, has a test, and is a job without a warning', async (file) => {
  const path = join(ROOT, 'examples', file);
  expect(readFileSync(path, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(LINES_MAX);
  expect(existsSync(join(import.meta.dirname, file.replace('.ts', '.test.ts')))).toBe(true);
  const { plan, warnings } = await prepareProgram(path, { warehouse: '', resolvePath: (given) => given }, nodeCodec);
  expect([plan.name, warnings]).toEqual([file.replace('.ts', ''), []]);
});

test('Node itself finds the API in the sources, by their condition', () => {
  const script = `for (const file of ${JSON.stringify(examples)}) console.log((await import('./examples/' + file)).default.name);`;
  const names = execFileSync(process.execPath, ['--conditions=sluice-source', '--input-type=module', '--eval', script], { cwd: ROOT, encoding: 'utf8' });
  expect(names.trim().split('\n')).toEqual(examples.map((file) => file.replace('.ts', '')));
});
