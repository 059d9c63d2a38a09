/** A range of seeds of one configuration, over all cores. */
import { runSeeds, type SeedOptions, type SeedTask } from './seeds.ts';
import { Tallying, type Tally } from './tally.ts';

export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

export async function runConfig(config: string, range: SeedRange, options: SeedOptions): Promise<Tally> {
  const tallying = new Tallying(config);
  const started = performance.now();
  await runSeeds(seedsOf(config, range), options, (outcome) => tallying.add(outcome));
  return tallying.result((performance.now() - started) / 1000);
}

/** The first `count` seeds of a configuration from `from` on. */
export function* seedsOf(config: string, { from, count }: SeedRange): Generator<SeedTask> {
  for (let seed = from; seed < from + count; seed++) yield { config, seed };
}
