/** `npm run sim -- [--seeds N] [--seed N] [--config NAME] [--trace]`: the simulation outside of the test runner. */
import { parseArgs } from 'node:util';
import { CONFIGS, type Config } from './configs.ts';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    config: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

const configs: readonly (readonly [string, Config])[] = Object.entries(CONFIGS).filter(([name]) => values.config === undefined || name === values.config);
const first = values.seed === undefined ? 1 : Number(values.seed);
const last = values.seed === undefined ? Number(values.seeds) : first;
let violations = 0;
for (const [name, config] of configs) {
  const coverage: Record<string, number> = {};
  const started = performance.now();
  for (let seed = first; seed <= last; seed++) {
    try {
      const report = await simulate(seed, config, values.trace ? { trace: console.log } : {});
      for (const [what, n] of Object.entries(report.coverage)) coverage[what] = (coverage[what] ?? 0) + n;
    } catch (error) {
      violations++;
      console.log(`VIOLATION seed ${seed} config ${name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const summary = Object.entries(coverage).sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => `${what} ${n}`);
  console.log(`${name}: ${last - first + 1} seeds, ${((last - first + 1) / seconds).toFixed(1)} seeds/s\n  ${summary.join(' · ')}`);
}
console.log(`${violations} violations`);
process.exitCode = violations === 0 ? 0 : 1;
