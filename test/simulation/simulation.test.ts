/** 200 seeds per configuration. A red seed replays with `npm run sim -- --seed N --config NAME --trace`. */
import { describe, expect, test } from 'vitest';
import { CONFIGS, type Config } from './configs.ts';
import { simulate } from './simulate.ts';

const SEEDS = 200;

const configs: readonly (readonly [string, Config])[] = Object.entries(CONFIGS);

describe.each(configs)('%s', (_name, config) => {
  test(`${SEEDS} seeds without a violation`, { timeout: 240_000 }, async () => {
    const coverage: Record<string, number> = {};
    for (let seed = 1; seed <= SEEDS; seed++) {
      const report = await simulate(seed, config).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      });
      for (const [what, n] of Object.entries(report.coverage)) coverage[what] = (coverage[what] ?? 0) + n;
    }
    const missing = config.shows.filter((what) => (coverage[what] ?? 0) === 0);
    expect(missing, 'what never happened').toEqual([]);
  });
});
