/** 200 seeds per configuration. A red seed replays with `npm run sim -- --seed N --config NAME --trace`. */
import { describe, expect, test } from 'vitest';
import { CONFIGS } from './configs.ts';
import { simulate } from './simulate.ts';

const SEEDS = 200;

describe.each(Object.entries(CONFIGS))('%s', (_name, config) => {
  test(`${SEEDS} seeds without a violation`, { timeout: 240_000 }, async () => {
    const coverage: Record<string, number> = {};
    for (let seed = 1; seed <= SEEDS; seed++) {
      const report = await simulate(seed, config).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      });
      for (const [what, n] of Object.entries(report.coverage)) coverage[what] = (coverage[what] ?? 0) + n;
    }
    for (const what of ['fires', 'rows', 'late', 'entry:CHECKPOINT', 'lateEffect', 'crashAfter', 'longFreeze']) {
      expect(coverage[what] ?? 0, `${what} never happened`).toBeGreaterThan(0);
    }
  });
});
