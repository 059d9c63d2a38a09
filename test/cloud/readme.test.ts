/** README's commands for an emulator, as they stand, with servers of their own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stopServers } from './servers.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const [, BLOCK = ''] = /```console\n([^]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];

test('up, the job of the lab, its executions, down', { timeout: 300_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-readme-'));
  const data = join(dir, 'data');
  onTestFinished(async () => {
    await stopServers(dir);
    rmSync(dir, { recursive: true, force: true });
  });
  const own = BLOCK.replace('deploy:local -- up', `deploy:local -- up --dir ${dir} -c sluice:warehouse=${join(data, 'warehouse')}`)
    .replace('deploy:local -- down', `deploy:local -- down --dir ${dir}`)
    .replaceAll('sluice -- --stack', `sluice -- --dir ${data} --stack`);
  const out = execFileSync('bash', ['-ec', own], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  expect(BLOCK.trim().split('\n')).toHaveLength(6);
  expect(out).toContain('insert-into_iceberg_catalog.demo.savepoint_test (RUNNING)');
  expect(out).toMatch(/ create \| +SUCCEEDED /);
  expect(out).not.toContain('[ERROR]');
});
