/** Every mutant turns the simulation red within the seeds that it states. One that survives: `npm run sim -- --mutant NAME`. */
import { describe, expect, test } from 'vitest';
import { seedsOf } from '../run-config.ts';
import { runSeeds, type RedSeed } from '../seeds.ts';
import { MUTANTS } from './index.ts';
import type { Mutant } from './mutant.ts';

test('names are unique', () => {
  expect(new Set(MUTANTS.map((m) => m.name)).size).toBe(MUTANTS.length);
});

describe.concurrent('is caught', () => {
  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', { timeout: 120_000 }, async (_name, mutant) => {
    const red = await firstRed(mutant);
    expect(red, `survives ${mutant.seeds} seeds of ${mutant.config}`).not.toBeNull();
    expect(red?.message, 'the mutant does not even run').not.toMatch(/ReferenceError|SyntaxError|TypeError/);
  });
});

async function firstRed({ config, seeds, edits }: Mutant): Promise<RedSeed | null> {
  let red: RedSeed | null = null;
  await runSeeds(seedsOf(config, { from: 1, count: seeds }), { edits, processes: 1 }, (outcome) => {
    if (outcome.kind === 'green') return;
    red = outcome;
    return 'enough';
  });
  return red;
}
