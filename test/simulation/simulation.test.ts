/** 30 seeds per configuration; `.ci/run` runs those behind them. A red seed replays with `npm run sim -- --seed N --config NAME --trace`. */
import { afterAll, expect, test } from 'vitest';
import { CONFIGS, type Config } from './configs.ts';
import { runConfig } from './run-config.ts';
import { SeedProcesses } from './seeds.ts';

const SEEDS = 30;

const processes = new SeedProcesses();
afterAll(() => processes.end());

const configs: readonly (readonly [string, Config])[] = Object.entries(CONFIGS);

test.each(configs)(`%s: ${SEEDS} seeds without a violation`, { timeout: 240_000 }, async (name, config) => {
  const { red, coverage } = await runConfig(processes, name, { from: 1, count: SEEDS });
  expect(red.map(({ seed, message }) => `seed ${seed}: ${message}`)).toEqual([]);
  const missing = config.shows.filter((what) => (coverage[what] ?? 0) === 0);
  expect(missing, 'what never happened').toEqual([]);
});
