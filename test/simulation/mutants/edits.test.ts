/** Mutants do not rot: what they replace is in the engine, once; and an edit takes effect in the process that asks for it alone. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runSeeds, type SeedOutcome } from '../seeds.ts';
import { applyEdits, type Edit } from './edit.ts';
import { DIRECTED } from './directed.ts';
import { MUTANTS } from './index.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

test.each([...MUTANTS, ...DIRECTED].map((mutant) => [mutant.name, mutant.edits] as const))('%s can be applied', (_name, edits) => {
  expect(edits.length).toBeGreaterThan(0);
  for (const [file, own] of Map.groupBy(edits, (edit) => edit.file)) {
    const source = readFileSync(resolve(ROOT, file), 'utf8');
    expect(applyEdits(source, own)).not.toBe(source);
  }
});

const edit: Edit = { file: 'f.ts', find: 'a = 1', replace: 'a = 2' };

test('an edit replaces a text that occurs once, and nothing else', () => {
  expect(applyEdits('const a = 1;', [edit])).toBe('const a = 2;');
  expect(() => applyEdits('const b = 1;', [edit])).toThrow('f.ts: the text to replace occurs 0 times');
  expect(() => applyEdits('a = 1; a = 1;', [edit])).toThrow('occurs 2 times');
});

test('an edited engine is red, the same seed of the engine as it is stays green', async () => {
  const broken: Edit = {
    file: 'lib/engine/writer/decide-commit.ts',
    find: 'export function decideCommit(facts: CommitFacts): CommitDecision {',
    replace: "export function decideCommit(facts: CommitFacts): CommitDecision {\n  throw new Error('edited');",
  };
  expect(await run([broken])).toMatchObject({ kind: 'red', message: expect.stringContaining('edited') });
  expect(await run([])).toMatchObject({ kind: 'green' });
});

test('a run that never ends is killed and counts as red', async () => {
  const endless: Edit = {
    file: 'lib/engine/writer/decide-commit.ts',
    find: 'export function decideCommit(facts: CommitFacts): CommitDecision {',
    replace: 'export function decideCommit(facts: CommitFacts): CommitDecision {\n  for (;;);',
  };
  expect(await run([endless], 300)).toMatchObject({ kind: 'red', message: expect.stringContaining('did not come to an end') });
});

test('an edit of a module that the simulation does not load is refused', async () => {
  await expect(run([{ file: 'lib/cli/lab.ts', find: 'a', replace: 'b' }])).rejects.toThrow('is no part of the simulation');
});

async function run(edits: readonly Edit[], timeoutMs = 60_000): Promise<SeedOutcome | undefined> {
  const outcomes: SeedOutcome[] = [];
  await runSeeds([{ config: 'base', seed: 1 }], { edits, processes: 1, timeoutMs }, (outcome) => void outcomes.push(outcome));
  return outcomes[0];
}
