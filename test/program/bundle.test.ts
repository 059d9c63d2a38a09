/** From the files of a program to one file, and from there to its definition. */
import { expect, test } from 'vitest';
import * as api from '../../lib/api/index.ts';
import { isError, type SluiceError } from '../../lib/core/errors.ts';
import { bundleProgram } from '../../lib/program/bundle.ts';
import { filesOf, loaded } from './programs.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

test('the same files give the same bytes, wherever they lie', async () => {
  const files = { 'jobs/a.ts': "import { b } from '../b.ts';\nexport default { build: () => b };", 'b.ts': 'export const b: number = 1;' };
  const [one, other] = [filesOf(files), filesOf(files)];
  expect(one).not.toBe(other);
  expect(await bundleProgram(one)).toEqual(await bundleProgram(other));
});

test('a file that is imported changes the bytes', async () => {
  const files = { 'a.ts': "import { b } from './b.ts';\nexport default { build: () => b };" };
  const before = await bundleProgram(filesOf({ ...files, 'b.ts': 'export const b = 1;' }));
  expect(await bundleProgram(filesOf({ ...files, 'b.ts': 'export const b = 2;' }))).not.toEqual(before);
});

test('the API of a program is that of the process that loads it, and no part of the bundle', async () => {
  const files = { 'a.ts': "import { defineJob } from 'sluice/api';\nexport default { build: () => ({ warnings: [defineJob] }) };" };
  expect((await loaded(files)).build().warnings[0]).toBe(api.defineJob);
  expect(text(await bundleProgram(filesOf(files))).length).toBeLessThan(2000);
});

test('packages come along, also those of the CommonJS time', async () => {
  const program = await loaded({
    'a.ts': "import { os } from 'old';\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nexport default { build: () => ({ warnings: [os, typeof require('node:fs').readFile] }) };",
    'node_modules/old/package.json': '{"name":"old","version":"1.0.0","main":"index.js"}',
    'node_modules/old/index.js': "exports.os = typeof require('os').EOL;",
  });
  expect(program.build().warnings).toEqual(['string', 'function']);
});

const GOOD = 'export default { build: () => ({}) };';

/** What is wrong with a program; where; what is said. */
const REFUSED: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, line: number | null, message: string, hint: string]>> = {
  'a syntax error': [{ 'job.ts': `${GOOD}\nconst = 1;` }, 2, 'job.ts:2:7: Expected identifier but found "="', 'correct the program'],
  'a syntax error in a file that it imports': [{ 'job.ts': `import './lib/b.ts';\n${GOOD}`, 'lib/b.ts': '\n\n)' }, 3, 'lib/b.ts:3:1: Unexpected ")"', 'correct the program'],
  'an import of a file that is not there': [{ 'job.ts': `import './b.ts';\n${GOOD}` }, 1, 'job.ts:1:8: Could not resolve "./b.ts"', 'install the package'],
  'an import of a package that is not there': [{ 'job.ts': `import z from 'zod';\nexport default z;` }, 1, 'job.ts:1:15: Could not resolve "zod"', 'install the package'],
  'a name that the API does not have': [{ 'job.ts': `import { defineJobs } from 'sluice/api';\nexport default defineJobs;` }, 1, 'job.ts:1:10: No matching export in "host:sluice/api" for import "defineJobs"', 'correct the program'],
  'no default export': [{ 'job.ts': 'export const job = 1;' }, null, 'job.ts has no default export', 'export default defineJob('],
  'a default export that is no job': [{ 'job.ts': 'export default 1;' }, null, 'job.ts exports number by default, not a job', 'export default defineJob('],
  'an error while it is loaded': [{ 'job.ts': `import { b } from './b.ts';\nb();\n${GOOD}`, 'b.ts': "\n\nexport function b(): void {\n  throw new TypeError('no b');\n}" }, 4, 'b.ts:4: it fails while it is loaded: TypeError: no b', 'correct the program'],
  'an error while it is built': [{ 'job.ts': "export default {\n  build: () => {\n    throw new RangeError('no job');\n  },\n};" }, 3, 'job.ts:3: the job cannot be built: RangeError: no job', 'correct the program'],
  'a text that is thrown': [{ 'job.ts': "throw 'no reason';" }, null, 'job.ts: it fails while it is loaded: no reason', 'correct the program'],
};

async function errorOf(files: Readonly<Record<string, string>>): Promise<SluiceError> {
  try {
    (await loaded(files)).build();
  } catch (error) {
    if (isError(error, 'JOB_DEFINITION')) return error;
    throw error;
  }
  throw new Error('the program is not refused');
}

test.each(Object.entries(REFUSED))('%s is JOB_DEFINITION, with the place and what to do', async (_, [files, line, message, hint]) => {
  const error = await errorOf(files);
  expect(error.message).toContain(message);
  expect(error.message).not.toMatch(/\.mjs|^\s+at /m);
  expect(error.hint).toContain(hint);
  expect(error.details['line']).toBe(line);
});

function fall(n: number): number {
  if (n === 0) throw new RangeError('fallen');
  return fall(n - 1) + 1;
}

test('an error far below the program has the line of the program that led there', async () => {
  Object.assign(globalThis, { fall });
  const program = await loaded({ 'job.ts': 'export default {\n  build: () => fall(50),\n};' });
  expect(() => program.build()).toThrow('job.ts:2: the job cannot be built: RangeError: fallen');
});

test('a program that is not there is JOB_DEFINITION', async () => {
  await expect(bundleProgram('/no/job.ts')).rejects.toMatchObject({ code: 'JOB_DEFINITION', message: expect.stringContaining("cannot read the program '/no/job.ts'") });
});
