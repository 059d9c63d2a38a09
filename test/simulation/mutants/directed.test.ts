/** Mutants that the simulation cannot tell from the original, or only once in thousands of seeds, turn a test of their own red. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DIRECTED } from './directed.ts';
import type { DirectedMutant } from './mutant.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

describe.concurrent('is caught', () => {
  test.each(DIRECTED.map((mutant) => [mutant.name, mutant] as const))('%s', { timeout: 120_000 }, async (_name, mutant) => {
    expect(await runTests(mutant)).toMatch(/Tests +\d+ failed/);
  });
});

/** What the test runner says of the mutant's test file. */
function runTests({ test: file, edits }: DirectedMutant): Promise<string> {
  const vitest = resolve(ROOT, 'node_modules/vitest/vitest.mjs');
  const env = { ...process.env, NO_COLOR: '1', SLUICE_EDITS: JSON.stringify(edits) };
  const child = spawn(process.execPath, [vitest, 'run', '--bail=1', '--config', 'test/vitest.config.ts', file], { cwd: ROOT, env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  return new Promise((done, fail) => {
    child.on('close', () => done(said));
    child.on('error', fail);
  });
}
