/** A range of seeds of one configuration. */
import type { SeedProcesses, SeedTask } from './seeds.ts';
import { Tallying, type Tally } from './tally.ts';

export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

export async function runConfig(processes: SeedProcesses, config: string, range: SeedRange): Promise<Tally> {
  const tallying = new Tallying(config);
  const started = performance.now();
  await processes.run(seedsOf(config, range), (outcome) => tallying.add(outcome));
  return tallying.result((performance.now() - started) / 1000);
}

/** The first `count` seeds of a configuration from `from` on. */
export function* seedsOf(config: string, { from, count }: SeedRange): Generator<SeedTask> {
  for (let seed = from; seed < from + count; seed++) yield { config, seed };
}
