/** Every mutant turns the simulation red within the seeds that it states. One that survives: `npm run sim -- --mutant NAME`. */
import { describe, expect, test } from 'vitest';
import { seedsOf } from '../run-config.ts';
import { runSeeds, type RedSeed } from '../seeds.ts';
import { MUTANTS } from './index.ts';
import type { Mutant } from './mutant.ts';

test('names are unique, and seeds that have caught one are among its own', () => {
  expect(new Set(MUTANTS.map((m) => m.name)).size).toBe(MUTANTS.length);
  expect(MUTANTS.filter(({ seeds, caughtBy = 1 }) => caughtBy > seeds)).toEqual([]);
});

describe.concurrent('is caught', () => {
  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', { timeout: 120_000 }, async (_name, mutant) => {
    const red = await firstRed(mutant);
    expect(red, `survives ${mutant.seeds} seeds of ${mutant.config}`).not.toBeNull();
    expect(red?.message, 'the mutant does not even run').not.toMatch(/ReferenceError|SyntaxError|TypeError/);
  });
});

async function firstRed({ config, seeds, caughtBy = 1, edits }: Mutant): Promise<RedSeed | null> {
  let red: RedSeed | null = null;
  const tasks = [{ config, seed: caughtBy }, ...seedsOf(config, { from: 1, count: seeds })];
  await runSeeds(tasks, { edits, processes: 1 }, (outcome) => {
    if (outcome.kind === 'green') return;
    red = outcome;
    return 'enough';
  });
  return red;
}
