/** The blocks of docs/testing.md are one module, which Node runs with its own runner: no vitest is near `sluice/testing` there. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8');
const blocks = [...page.matchAll(/```ts\n([^]*?)```/g)].map((m) => m[1] ?? '');

test('the tests of docs/testing.md pass', () => {
  const given = ['--conditions=sluice-source', '--input-type=module-typescript', '--test-reporter=tap', '--eval', blocks.join('\n')];
  const { stdout, status } = spawnSync(process.execPath, given, { cwd: ROOT, encoding: 'utf8' });
  const tests = blocks.join('\n').match(/^test\(/gm)?.length;
  expect(stdout).toMatch(new RegExp(`^# pass ${tests}$`, 'm'));
  expect(status).toBe(0);
});
