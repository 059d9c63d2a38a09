/** What failed once never fails again. */
import { expect, test } from 'vitest';
import { CORPUS, type PinnedSeed } from './corpus.ts';
import { runSeeds, type SeedOutcome } from './seeds.ts';

test.each(CORPUS)('$config $seed: $why', { timeout: 60_000 }, async (pinned: PinnedSeed) => {
  const outcomes: SeedOutcome[] = [];
  await runSeeds([pinned], { processes: 1 }, (outcome) => void outcomes.push(outcome));
  expect(outcomes).toMatchObject([{ kind: 'green' }]);
});
