import { expect } from 'vitest';
import type { Chunk, Chunks } from '../../lib/ports/chunks.ts';
import { bytesOf, EVERY_BYTE, type Gaps, type Make, opened, race, suite, type TwoHandles } from './suite.ts';

const W = 'J#1#g0#W';
const KEY = '0001795168500000#00000#0000000000000007';

const chunk = (text: string, expiresAt = 1_900_000_000): Chunk => ({
  sha: `sha of ${text}`,
  data: new TextEncoder().encode(text),
  expiresAt,
});

/** The laws of `Chunks`. */
export function chunksContract(name: string, make: Make<TwoHandles<Chunks>>, gaps: Gaps = {}): void {
  suite(`Chunks: ${name}`, gaps, (law) => {
    law('a missing chunk is null', async () => {
      const { first } = await opened(make);
      expect(await first.get(W, KEY)).toBeNull();
    });

    law('a chunk comes back byte for byte', async () => {
      const { first, second } = await opened(make);
      const large = new Uint8Array(350_000).map((_, i) => i * 17);
      expect(await first.put(W, 'a', { sha: 's', data: EVERY_BYTE, expiresAt: 5 })).toEqual({ kind: 'written' });
      expect(await first.put(W, 'b', { sha: 't', data: large, expiresAt: 6 })).toEqual({ kind: 'written' });
      const a = await second.get(W, 'a');
      expect({ ...a, data: bytesOf(a?.data) }).toEqual({ sha: 's', data: bytesOf(EVERY_BYTE), expiresAt: 5 });
      expect(bytesOf((await second.get(W, 'b'))?.data)).toEqual(bytesOf(large));
    });

    law('a chunk is never overwritten, and put returns what is stored (C3)', async () => {
      const { first, second } = await opened(make);
      await first.put(W, KEY, chunk('one', 100));
      const stored = { kind: 'exists', sha: 'sha of one', expiresAt: 100 };
      expect(await second.put(W, KEY, chunk('two', 200))).toEqual(stored);
      expect(await first.put(W, KEY, chunk('one', 200))).toEqual(stored);
      expect(bytesOf((await second.get(W, KEY))?.data)).toEqual(bytesOf(chunk('one').data));
      expect((await second.get(W, KEY))?.expiresAt).toBe(100);
    });

    law('of 20 concurrent puts one is written, and the others learn its hash', async () => {
      const { first, second } = await opened(make);
      const results = await race(20, (i) => (i % 2 ? first : second).put(W, KEY, chunk(`c${i}`)));
      const winner = results.findIndex((result) => result.kind === 'written');
      const others = results.filter((result) => result.kind === 'exists');
      expect(others).toHaveLength(19);
      for (const result of others) expect(result.sha).toBe(`sha of c${winner}`);
      expect((await first.get(W, KEY))?.sha).toBe(`sha of c${winner}`);
    });

    law('collections do not meet', async () => {
      const { first } = await opened(make);
      await first.put(W, KEY, chunk('one'));
      expect(await first.put(`${W}1`, KEY, chunk('two'))).toEqual({ kind: 'written' });
      expect((await first.get(W, KEY))?.sha).toBe('sha of one');
    });

    law('neither the buffer of the writer nor that of a reader reaches into the store', async () => {
      const { first } = await opened(make);
      const data = Uint8Array.of(1, 2, 3);
      await first.put(W, KEY, { ...chunk('x'), data });
      data.fill(9);
      (await first.get(W, KEY))?.data.fill(8);
      expect(bytesOf((await first.get(W, KEY))?.data)).toEqual([1, 2, 3]);
    });
  });
}
