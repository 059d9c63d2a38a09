/** What holds for every `Blob` although a put, renewal or removal may have happened that nobody confirmed. */
import { expect } from 'vitest';
import type { Blob } from '../../../lib/ports/blob.ts';
import { type Gaps, type Make, opened, race, suite, type TwoHandles } from '../suite.ts';
import { answered, eachNetwork, toldNetwork } from './network.ts';

const KEYS = ['res/1/a', 'res/1/b', 'spill/c'];
const BYTES = 20_000;

const content = (n: number): Uint8Array => new Uint8Array(BYTES).fill(n);

/** Who wrote these bytes; null for no object. Fails for a mixture, and for a part. */
function writerOf(bytes: Uint8Array | null): number | null {
  if (bytes === null) return null;
  expect(bytes.length).toBe(BYTES);
  const n = bytes[0] ?? 0;
  expect(Buffer.compare(bytes, content(n))).toBe(0);
  return n;
}

export function blobUnderFaults(name: string, make: Make<TwoHandles<Blob>>, gaps: Gaps = {}): void {
  suite(`Blob under faults: ${name}`, gaps, (law) => {
    law('1: one content per key ever, whole at every look, whoever else may have put it', () =>
      eachNetwork(async (network) => {
        const { first, second } = await opened(make);
        const owners = new Map<string, number>();
        const look = async (blob: Blob, key: string): Promise<void> => {
          const writer = writerOf(await blob.get(key));
          if (writer === null) return expect(owners.has(key)).toBe(false);
          expect(owners.get(key) ?? writer).toBe(writer);
          owners.set(key, writer);
        };
        await race(9, async (n) => {
          const key = KEYS[n % KEYS.length] ?? '';
          const put = await answered(() => network.to(n % 2 ? first : second).put(key, content(n)));
          if (put.kind === 'exists') expect(put.info).toMatchObject({ key, bytes: BYTES });
          await look(n % 2 ? second : first, key);
        });
        await network.settle();
        for (const key of KEYS) await look(first, key);
        const listed = await answered(() => network.to(second).list('', { after: '', limit: 10 }));
        expect(listed.map((info) => [info.key, info.bytes])).toEqual(KEYS.map((key) => [key, BYTES]));
      }));

    law('1: a put that lands late behind another one is none', async () => {
      const { first, second } = await opened(make);
      const network = toldNetwork();
      network.next('late');
      await expect(network.to(first).put('k', content(1))).rejects.toMatchObject({ happened: 'maybe' });
      expect(await second.put('k', content(2))).toEqual({ kind: 'created' });
      await network.settle();
      expect(writerOf(await first.get('k'))).toBe(2);
    });

    law('3: a renewal that is repeated, or lands late, keeps the content', () =>
      eachNetwork(async (network) => {
        const { first, second } = await opened(make);
        await first.put('k', content(1));
        await race(4, (n) => answered(() => network.to(n % 2 ? first : second).renew('k', content(1))));
        expect(writerOf(await second.get('k'))).toBe(1);
        await network.settle();
        expect(writerOf(await first.get('k'))).toBe(1);
      }));

    law('4: a removal can be repeated until it is confirmed; what a late put brings back is whole', () =>
      eachNetwork(async (network) => {
        const { first, second } = await opened(make);
        for (let n = 0; n < 4; n++) {
          await answered(() => network.to(n % 2 ? first : second).put('k', content(n)));
          await answered(() => network.to(first).remove('k'));
          writerOf(await second.get('k'));
        }
        await network.settle();
        writerOf(await first.get('k'));
        await answered(() => network.to(first).remove('k'));
        await network.settle();
        expect(await second.list('', { after: '', limit: 10 })).toEqual([]);
      }));
  });
}
