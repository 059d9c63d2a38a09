/** The laws of `Consumers`: what attaches, pauses and detaches generations can be repeated by anyone at any time. */
import { expect } from 'vitest';
import { isError, StoreError } from '../../lib/core/errors.ts';
import { generation, jobId, type Generation, type JobId } from '../../lib/core/numbers.ts';
import type { Consumers, Consumption, GenerationName } from '../../lib/ports/consumers.ts';
import { answered, eachNetwork } from './faults/network.ts';
import { type Gaps, type Make, opened, race, suite, type TwoHandles } from './suite.ts';

/** What an onlooker sees of a generation: nothing at all, or its topics in order. `incomplete`: some of what `attach` makes. */
export type Seen = 'nothing' | 'incomplete' | { readonly topics: readonly string[]; readonly isPaused: boolean };

export interface ConsumersWorld extends TwoHandles<Consumers> {
  see(job: JobId, g: Generation): Promise<Seen>;
  /** Every change that was accepted has taken effect. */
  settle(): Promise<void>;
}

export const JOB = jobId('a'.repeat(32));
const OTHER = jobId('b'.repeat(32));
const [G0, G1] = [generation(0), generation(1)];

export const consumption = (job: JobId = JOB, g: Generation = G0, topics: readonly string[] = ['orders', 'clicks']): Consumption => ({
  job,
  g,
  topics: topics.map((topic, i) => ({ topic, group: `sluice-${job}-g${g}-${i}.${topic}`, properties: {} })),
  batchSize: null,
  batchWindowSeconds: null,
});

const RUNNING: Seen = { topics: ['clicks', 'orders'], isPaused: false };
const PAUSED: Seen = { topics: ['clicks', 'orders'], isPaused: true };

const sorted = (names: readonly GenerationName[]): string[] => names.map(({ job, g }) => `${job} ${g}`).toSorted();

const REPEATS_MAX = 50;

/** As a workflow does it: what is in the middle of a change is repeated. */
export async function detached(world: Pick<ConsumersWorld, 'settle'>, consumers: Consumers, job: JobId, g: Generation): Promise<void> {
  for (let n = 0; n < REPEATS_MAX; n++) {
    try {
      return await consumers.detach(job, g);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      await world.settle();
    }
  }
  throw new Error(`detach had to be repeated more than ${REPEATS_MAX} times`);
}

export function consumersContract(name: string, make: Make<ConsumersWorld>, gaps: Gaps = {}): void {
  suite(`Consumers: ${name}`, gaps, (law) => {
    law('attach begins the deliveries of every topic, of this generation only', async () => {
      const world = await opened(make);
      await world.first.attach(consumption());
      await world.settle();
      expect(await world.see(JOB, G0)).toEqual(RUNNING);
      expect(await world.see(JOB, G1)).toBe('nothing');
      expect(await world.see(OTHER, G0)).toBe('nothing');
    });

    law('attach can be repeated by anyone, at once or later', async () => {
      const world = await opened(make);
      await race(4, (i) => (i % 2 ? world.first : world.second).attach(consumption()));
      await world.settle();
      await world.second.attach(consumption());
      await world.settle();
      expect(await world.see(JOB, G0)).toEqual(RUNNING);
    });

    law('pause ends deliveries, at once or when attach has settled; a repetition of either leaves it so', async () => {
      const world = await opened(make);
      await world.first.attach(consumption());
      await world.first.pause(JOB, G0);
      await world.settle();
      await world.second.pause(JOB, G0);
      await world.settle();
      expect(await world.see(JOB, G0)).toEqual(PAUSED);
      await world.first.pause(JOB, G0);
      await world.second.attach(consumption());
      await world.settle();
      expect(await world.see(JOB, G0)).toEqual(PAUSED);
    });

    law('what was never attached is passed over', async () => {
      const world = await opened(make);
      await world.first.pause(JOB, G0);
      await world.first.detach(JOB, G0);
      expect(await world.see(JOB, G0)).toBe('nothing');
    });

    law('detach leaves nothing, of what was paused, of what runs, and of what was just attached', async () => {
      const world = await opened(make);
      await world.first.attach(consumption());
      await detached(world, world.second, JOB, G0);
      await world.first.attach(consumption(OTHER));
      await world.settle();
      await detached(world, world.first, OTHER, G0);
      await world.first.attach(consumption(JOB, G1));
      await world.settle();
      await world.first.pause(JOB, G1);
      await detached(world, world.second, JOB, G1);
      await world.settle();
      expect(await Promise.all([world.see(JOB, G0), world.see(OTHER, G0), world.see(JOB, G1)])).toEqual(['nothing', 'nothing', 'nothing']);
      await world.second.detach(JOB, G0);
      expect(await world.see(JOB, G0)).toBe('nothing');
    });

    law('generations and jobs are apart', async () => {
      const world = await opened(make);
      await Promise.all([consumption(), consumption(JOB, G1), consumption(OTHER)].map((c) => world.first.attach(c)));
      await world.settle();
      await world.first.pause(JOB, G0);
      await detached(world, world.first, OTHER, G0);
      await world.settle();
      expect(await Promise.all([world.see(JOB, G0), world.see(JOB, G1), world.see(OTHER, G0)])).toEqual([PAUSED, RUNNING, 'nothing']);
    });

    law('attached names every generation of which anything is there, once', async () => {
      const world = await opened(make);
      expect(await world.first.attached()).toEqual([]);
      await Promise.all([consumption(), consumption(JOB, G1), consumption(OTHER)].map((c) => world.first.attach(c)));
      await world.settle();
      await world.first.pause(JOB, G0);
      expect(sorted(await world.second.attached())).toEqual([`${JOB} 0`, `${JOB} 1`, `${OTHER} 0`]);
      await detached(world, world.first, JOB, G1);
      expect(sorted(await world.second.attached())).toEqual([`${JOB} 0`, `${OTHER} 0`]);
    });

    law('whatever happens on the way: what was answered has happened', () =>
      eachNetwork(async (network) => {
        const world = await opened(make);
        const [first, second] = [network.to(world.first), network.to(world.second)];
        await Promise.all([answered(() => first.attach(consumption())), answered(() => second.attach(consumption()))]);
        await network.settle();
        await world.settle();
        expect(await world.see(JOB, G0)).toEqual(RUNNING);
        await answered(() => first.pause(JOB, G0));
        await network.settle();
        await world.settle();
        expect(await world.see(JOB, G0)).toEqual(PAUSED);
        await Promise.all([detached(world, first, JOB, G0), detached(world, second, JOB, G0)]);
        await network.settle();
        await world.settle();
        expect(await world.see(JOB, G0)).toBe('nothing');
      }));

    law('a failure that passes is a StoreError', async () => {
      const world = await opened(make);
      await world.first.attach(consumption());
      const failure = await world.first.detach(JOB, G0).then(() => null, (error: unknown) => error);
      if (failure !== null) expect(isError(failure, 'STORE_FAILED') && failure instanceof StoreError && failure.happened).toBe('no');
      await detached(world, world.first, JOB, G0);
      expect(await world.see(JOB, G0)).toBe('nothing');
    });
  });
}
