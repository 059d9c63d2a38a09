/** What holds for every `Chunks` although a put may have happened that nobody confirmed. */
import { expect } from 'vitest';
import type { Chunk, Chunks } from '../../../lib/ports/chunks.ts';
import { bytesOf, type Gaps, type Make, opened, race, suite, type TwoHandles } from '../suite.ts';
import { answered, eachNetwork, toldNetwork } from './network.ts';

const W = 'J#1#g0#W';
const KEYS = ['0#00000#1', '0#00000#2', '0#00000#3'];

/** Hash, bytes and expiry belong to `n`, so that a mixture is seen. */
const chunk = (n: number): Chunk => ({ sha: `sha${n}`, data: new Uint8Array(2000).fill(n), expiresAt: 1000 + n });
const numberOf = (stored: { sha: string; expiresAt: number }): number => {
  const n = Number(stored.sha.slice(3));
  expect(stored.expiresAt).toBe(chunk(n).expiresAt);
  return n;
};

export function chunksUnderFaults(name: string, make: Make<TwoHandles<Chunks>>, gaps: Gaps = {}): void {
  suite(`Chunks under faults: ${name}`, gaps, (law) => {
    law('one chunk per key ever, whole: what one client was told, every other one finds', () =>
      eachNetwork(async (network) => {
        const { first, second } = await opened(make);
        const told = await race(12, async (n) => {
          const chunks = network.to(n % 2 ? first : second);
          const key = KEYS[n % KEYS.length] ?? '';
          const put = await answered(() => chunks.put(W, key, chunk(n)));
          return { key, n: put.kind === 'written' ? n : numberOf(put) };
        });
        await network.settle();
        for (const { key, n } of told) {
          const stored = await second.get(W, key);
          expect({ ...stored, data: bytesOf(stored?.data) }).toEqual({ ...chunk(n), data: bytesOf(chunk(n).data) });
        }
      }));

    law('a put whose answer was lost meets itself; one that lands late behind another one is none', async () => {
      const { first, second } = await opened(make);
      const network = toldNetwork();
      network.next('response-lost');
      await expect(network.to(first).put(W, 'a', chunk(1))).rejects.toMatchObject({ happened: 'maybe' });
      expect(await first.put(W, 'a', chunk(1))).toEqual({ kind: 'exists', sha: 'sha1', expiresAt: 1001 });
      network.next('late');
      await expect(network.to(first).put(W, 'b', chunk(2))).rejects.toMatchObject({ happened: 'maybe' });
      expect(await second.put(W, 'b', chunk(3))).toEqual({ kind: 'written' });
      await network.settle();
      expect((await first.get(W, 'b'))?.sha).toBe('sha3');
    });
  });
}
