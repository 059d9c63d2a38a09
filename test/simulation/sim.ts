/** `npm run sim`: the simulation outside of the test runner. README.md in this folder says what it shows and how to read it. */
import { parseArgs } from 'node:util';
import type { Edit } from './mutants/edit.ts';
import { loadSimulation } from './mutants/load-simulation.ts';
import { mutantNamed } from './mutants/index.ts';
import { measureMutants } from './mutants/measure.ts';
import { replaySeed, shrinkSeed } from './replay.ts';
import { runConfig } from './run-config.ts';
import { SeedProcesses } from './seeds.ts';
import { coverageLine, firstLine, headline } from './tally.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    config: { type: 'string', multiple: true },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    mutate: { type: 'string' },
    find: { type: 'string' },
    replace: { type: 'string' },
  },
});

const SEEDS = 1000;
const SEEDS_OF_MUTANT = 200;
/** Violations told of one configuration; the others are counted. */
const SHOWN = 10;

process.exitCode = (await main()) ? 0 : 1;

/** Whether all is as it should be: no violation, or a caught mutant. */
async function main(): Promise<boolean> {
  if (values.mutants) return measureMutants(number(values.seeds, SEEDS_OF_MUTANT), console.log);
  const edits = mutation();
  if (values.seed === undefined) return edits.length === 0 ? runAll() : runMutant(edits);
  const [config] = values.config ?? [];
  if (config === undefined) throw new Error('--seed needs --config');
  const run = { simulation: await loadSimulation(edits), task: { seed: Number(values.seed), config } };
  return values.shrink ? shrinkSeed(run, console.log) : replaySeed(run, values.trace ? console.log : undefined);
}

function mutation(): readonly Edit[] {
  if (values.mutant !== undefined) return mutantNamed(values.mutant).edits;
  const { mutate: file, find, replace } = values;
  if (file === undefined) return [];
  if (find === undefined || replace === undefined) throw new Error('--mutate needs --find and --replace');
  return [{ file, find, replace }];
}

async function runAll(): Promise<boolean> {
  let violations = 0;
  const processes = new SeedProcesses();
  for (const config of await configNames()) {
    const tally = await runConfig(processes, config, range(SEEDS));
    console.log(`${headline(tally)}\n${coverageLine(tally)}`);
    for (const { seed, message } of tally.red.slice(0, SHOWN)) {
      console.log(`VIOLATION seed ${seed} config ${config}: ${message}\n  replay: npm run sim -- --seed ${seed} --config ${config} --trace`);
    }
    violations += tally.red.length;
  }
  processes.end();
  console.log(`${violations} violations`);
  return violations === 0;
}

/** A mutant is caught if any seed of any configuration is red. */
async function runMutant(edits: readonly Edit[]): Promise<boolean> {
  let caught = 0;
  const processes = new SeedProcesses({ edits });
  for (const config of await configNames()) {
    const tally = await runConfig(processes, config, range(SEEDS_OF_MUTANT));
    const [first] = tally.red;
    const what = first === undefined ? '' : `; first: seed ${first.seed}: ${firstLine(first.message)}`;
    console.log(`${config}: ${tally.red.length} of ${tally.seeds} seeds red${what}`);
    caught += tally.red.length;
  }
  processes.end();
  console.log(caught > 0 ? 'CAUGHT' : 'SURVIVED');
  return caught > 0;
}

async function configNames(): Promise<readonly string[]> {
  return values.config ?? Object.keys((await loadSimulation([])).configs);
}

function range(seeds: number): { from: number; count: number } {
  return { from: number(values.from, 1), count: number(values.seeds, seeds) };
}

function number(text: string | undefined, otherwise: number): number {
  const n = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(n)) throw new Error(`'${text}' is not a number`);
  return n;
}
