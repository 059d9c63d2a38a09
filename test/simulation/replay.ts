/** One seed looked at closely, in this process: its timeline, or the smallest run that breaks the same invariant. */
import type { Simulation } from './mutants/load-simulation.ts';
import { runSeed } from './run-seed.ts';
import type { SeedOutcome, SeedTask } from './seeds.ts';
import { invariantOf, shrink } from './shrink.ts';
import type { SimulationOptions } from './simulate.ts';
import { coverageLine } from './tally.ts';
import { essence } from './trace.ts';

export interface Replay {
  readonly simulation: Simulation;
  readonly task: SeedTask;
}

type Print = (line: string) => void;

/** Runs the seed, with its whole timeline where `trace` is given; whether it is green. */
export async function replaySeed({ simulation, task }: Replay, trace?: Print): Promise<boolean> {
  const outcome = await runSeed(simulation, task, trace === undefined ? {} : { trace });
  console.log(outcome.kind === 'red' ? outcome.stack : `green\n${coverageLine({ ...task, seeds: 1, red: [], seconds: 1, coverage: outcome.report.coverage })}`);
  return outcome.kind === 'green';
}

/** Prints what is left of the seed when everything is dropped that the violation does not need; whether the seed is green. */
export async function shrinkSeed(replay: Replay, print: Print): Promise<boolean> {
  const { simulation, task } = replay;
  const run = (options: SimulationOptions): Promise<SeedOutcome> => runSeed(simulation, task, options);
  const found = await shrink(async (options) => {
    const outcome = await run(options);
    return outcome.kind === 'green' ? null : { invariant: invariantOf(outcome.message), faults: outcome.faults };
  }, simulation.configs[task.config]?.records ?? 0);
  if (found === null) {
    print('green');
    return true;
  }
  const { runs, ...smallest } = found;
  const lines: string[] = [];
  const outcome = await run({ ...smallest, trace: (line) => lines.push(line) });
  for (const line of essence(lines)) print(line);
  print(`${smallest.records} records, faults ${[...smallest.keepFaults].map((n) => `#${n}`).join(' ') || 'none'} (${runs} runs)`);
  if (outcome.kind === 'red') print(outcome.message);
  return false;
}
