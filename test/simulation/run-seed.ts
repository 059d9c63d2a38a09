/** One seed and what came of it, in this process. */
import type { Simulation } from './mutants/load-simulation.ts';
import type { RedSeed, SeedOutcome, SeedTask } from './seeds.ts';
import type { SimulationOptions } from './simulate.ts';
import { Violation } from './violation.ts';

/** Whatever the run throws makes it red. */
export async function runSeed({ simulate, configs }: Simulation, task: SeedTask, options: SimulationOptions = {}): Promise<SeedOutcome> {
  const config = configs[task.config];
  if (config === undefined) throw new Error(`there is no configuration '${task.config}'; there are ${Object.keys(configs).join(', ')}`);
  try {
    return { ...task, kind: 'green', report: await simulate(task.seed, config, options) };
  } catch (error) {
    return redSeed(task, error);
  }
}

export function redSeed(task: SeedTask, error: unknown): RedSeed {
  const message = error instanceof Violation ? error.message : `UNEXPECTED: ${String(error)}`;
  return { ...task, kind: 'red', message, stack: stackOf(error), faults: error instanceof Violation ? error.report.faults : 0 };
}

/** The innermost cause is where it happened. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? stackOf(error.cause) : (error.stack ?? error.message);
}
