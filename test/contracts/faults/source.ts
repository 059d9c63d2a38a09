/** What holds for every `Source` and `Offsets` although reads fail and commits may have happened that nobody confirmed. */
import { expect } from 'vitest';
import { offset, type Offset } from '../../../lib/core/numbers.ts';
import { type Gaps, type Make, opened, suite } from '../suite.ts';
import { valuesOf, type SourceWorld } from '../source.ts';
import { answered, eachNetwork, toldNetwork } from './network.ts';

const VALUES = Array.from({ length: 40 }, (_, i) => `{"n":${i}}`);

export function sourceUnderFaults(name: string, make: Make<SourceWorld>, gaps: Gaps = {}): void {
  suite(`Source under faults: ${name}`, gaps, (law) => {
    law('a reader that repeats what failed gets every record once, in order', () =>
      eachNetwork(async (network, prng) => {
        const world = await opened(make);
        const source = network.to(world.source);
        await world.create('t', 1);
        await world.produce('t', 0, VALUES);
        const read: string[] = [];
        for (let from = offset(0); ; ) {
          const batch = await answered(() => source.fetch('t', 0, from, 1 + prng.below(60)));
          if (batch === null) break;
          read.push(...valuesOf(batch));
          from = batch.next;
        }
        expect(read).toEqual(VALUES);
        expect((await answered(() => source.topic('t')))?.partitions).toHaveLength(1);
        expect(await answered(() => source.startOffset('t', 0, { kind: 'earliest-offset' }))).toBe(0);
      }));

    law('Offsets: a committed position is always one that was sent, and a confirmed one is not behind it', () =>
      eachNetwork(async (network) => {
        const { offsets } = await opened(make);
        const client = network.to(offsets);
        const sent = new Set<Offset | null>([null]);
        for (let n = 1; n <= 30; n++) {
          sent.add(offset(n * 1000));
          const isConfirmed = await client.commit('g', 't', 0, offset(n * 1000)).then(() => true, () => false);
          const found = await offsets.committed('g', 't', 0);
          expect(sent.has(found)).toBe(true);
          if (isConfirmed) expect(found).toBe(n * 1000);
        }
        await network.settle();
        expect(sent.has(await answered(() => client.committed('g', 't', 0)))).toBe(true);
      }));

    law('Offsets: a commit that lands late sets the group back, and nothing else', async () => {
      const { offsets } = await opened(make);
      const network = toldNetwork();
      network.next('late');
      await expect(network.to(offsets).commit('g', 't', 0, offset(5))).rejects.toMatchObject({ happened: 'maybe' });
      await offsets.commit('g', 't', 0, offset(9));
      await offsets.commit('g', 't', 1, offset(9));
      await network.settle();
      expect([await offsets.committed('g', 't', 0), await offsets.committed('g', 't', 1)]).toEqual([5, 9]);
    });
  });
}
