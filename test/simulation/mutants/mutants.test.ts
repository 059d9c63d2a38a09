/** Every mutant turns the simulation red within the seeds that it states. One that survives: `npm run sim -- --mutant NAME`. */
import { describe, expect, test } from 'vitest';
import { seedsOf } from '../run-config.ts';
import { runSeeds, type SeedOutcome } from '../seeds.ts';
import { MUTANTS } from './index.ts';
import type { Mutant } from './mutant.ts';

test('names are unique', () => {
  expect(new Set(MUTANTS.map((m) => m.name)).size).toBe(MUTANTS.length);
});

describe.concurrent('is caught', () => {
  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', { timeout: 120_000 }, async (_name, mutant) => {
    expect(await firstRed(mutant), `survives ${mutant.seeds} seeds of ${mutant.config}`).not.toBeNull();
  });
});

async function firstRed({ config, seeds, edits }: Mutant): Promise<SeedOutcome | null> {
  let red: SeedOutcome | null = null;
  await runSeeds(seedsOf(config, { from: 1, count: seeds }), { edits, threads: 1 }, (outcome) => {
    if (outcome.kind === 'green') return;
    red = outcome;
    return 'enough';
  });
  return red;
}
