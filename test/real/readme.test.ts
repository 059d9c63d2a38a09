/** README's commands for real parts, as they stand, with services of their own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { down } from '../services/services.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const [, BLOCK = ''] = /```bash\n([^]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];

test('services, the lab on them, and the topic deleted behind it', { timeout: 240_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-readme-'));
  onTestFinished(async () => {
    await down({ dir });
    rmSync(dir, { recursive: true, force: true });
  });
  const own = BLOCK.replaceAll('services -- up', `services -- up --dir ${dir}`).replaceAll('services -- down', `services -- down --dir ${dir}`);
  const script = `set -e; shopt -s expand_aliases\nalias sluice="npm run -s sluice -- --dir ${join(dir, 'data')}"\n${own}`;
  const out = execFileSync('bash', ['-c', script], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  expect(BLOCK.trim().split('\n')).toHaveLength(4);
  expect(out).toContain('Deleted topic savepoint-events.');
  expect(out).not.toContain('[ERROR]');
});
