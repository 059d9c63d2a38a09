import { expect } from 'vitest';
import type { Blob, BlobInfo } from '../../lib/ports/blob.ts';
import { bytesOf, EVERY_BYTE, type Gaps, type Make, opened, race, suite, type TwoHandles } from './suite.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** All objects under a prefix, page by page. */
async function listAll(blob: Blob, prefix: string, limit: number): Promise<BlobInfo[]> {
  const found: BlobInfo[] = [];
  for (;;) {
    const page = await blob.list(prefix, { after: found.at(-1)?.key ?? '', limit });
    expect(page.length).toBeLessThanOrEqual(limit);
    if (page.length === 0) return found;
    found.push(...page);
  }
}

/** The laws of `Blob`; `clockMs` is the step of the clock that dates objects: a second in S3. */
export function blobContract(name: string, make: Make<TwoHandles<Blob>>, gaps: Gaps = {}, clockMs = 20): void {
  suite(`Blob: ${name}`, gaps, (law) => {
    law('a missing object is null, in whole and in part', async () => {
      const { first } = await opened(make);
      expect(await first.get('a/b/c')).toBeNull();
      expect(await first.get('a', { start: 0, end: 1 })).toBeNull();
      expect(await first.list('', { after: '', limit: 10 })).toEqual([]);
    });

    law('an object comes back byte for byte, through any handle', async () => {
      const { first, second } = await opened(make);
      const large = new Uint8Array(1_000_000).map((_, i) => i * 13);
      expect(await first.put('spill/J#1#g0#P0.0.0/7-ab', EVERY_BYTE)).toEqual({ kind: 'created' });
      await first.put('large', large);
      await first.put('empty', new Uint8Array(0));
      expect(bytesOf(await second.get('spill/J#1#g0#P0.0.0/7-ab'))).toEqual(bytesOf(EVERY_BYTE));
      expect(Buffer.compare((await second.get('large')) ?? text(''), large)).toBe(0);
      expect(bytesOf(await second.get('empty'))).toEqual([]);
    });

    law('a range is [start, end), cut at the end of the object', async () => {
      const { first } = await opened(make);
      await first.put('k', text('0123456789'));
      expect(bytesOf(await first.get('k', { start: 2, end: 5 }))).toEqual(bytesOf(text('234')));
      expect(bytesOf(await first.get('k', { start: 8, end: 50 }))).toEqual(bytesOf(text('89')));
      expect(bytesOf(await first.get('k', { start: 4, end: 4 }))).toEqual([]);
    });

    law('1: put never overwrites, and describes what is there (I3)', async () => {
      const { first, second } = await opened(make);
      await first.put('k', text('first'));
      const again = await second.put('k', text('other bytes'));
      expect(again).toEqual({ kind: 'exists', info: { key: 'k', bytes: 5, modifiedAt: expect.any(Number) } });
      expect(bytesOf(await first.get('k'))).toEqual(bytesOf(text('first')));
    });

    law('1: of 20 concurrent puts one creates the object, whole', async () => {
      const { first, second } = await opened(make);
      const contentOf = (i: number): Uint8Array => text(String(i).repeat(10_000));
      const results = await race(20, (i) => (i % 2 ? first : second).put('k', contentOf(i)));
      const winners = results.flatMap((result, i) => (result.kind === 'created' ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(Buffer.compare((await first.get('k')) ?? text(''), contentOf(winners[0] ?? -1))).toBe(0);
    });

    law('1: a reader sees the whole object or none', async () => {
      const { first, second } = await opened(make);
      const content = new Uint8Array(500_000).fill(7);
      const writing = race(8, (i) => first.put(`k${i}`, content));
      const seen = await race(40, (i) => second.get(`k${i % 8}`));
      await writing;
      for (const bytes of seen) expect([undefined, content.length]).toContain(bytes?.length);
    });

    law('3: renew keeps the content and starts its lifetime anew (C4)', async () => {
      const { first } = await opened(make);
      await first.put('k', text('v'));
      const before = (await first.list('', { after: '', limit: 1 }))[0]?.modifiedAt ?? 0;
      await new Promise((resolve) => setTimeout(resolve, clockMs));
      await first.renew('k', text('v'));
      const [after] = await first.list('', { after: '', limit: 1 });
      expect(after?.modifiedAt).toBeGreaterThan(before);
      expect(bytesOf(await first.get('k'))).toEqual(bytesOf(text('v')));
    });

    law('3: renew puts an object that has vanished', async () => {
      const { first } = await opened(make);
      await first.renew('a/k', text('v'));
      expect(bytesOf(await first.get('a/k'))).toEqual(bytesOf(text('v')));
    });

    law('3: renew with other bytes is refused and changes nothing', async () => {
      const { first } = await opened(make);
      await first.put('k', text('v'));
      await expect(first.renew('k', text('w'))).rejects.toMatchObject({ code: 'INVARIANT' });
      expect(bytesOf(await first.get('k'))).toEqual(bytesOf(text('v')));
    });

    law('4: list is complete and ordered by key, in pages', async () => {
      const { first } = await opened(make);
      const keys = ['a-b', 'a/1', 'a/2/x', 'a/2/y', 'a0', 'b/1', 'chunks/1'];
      for (const key of keys.toReversed()) await first.put(key, text(key));
      expect((await listAll(first, '', 3)).map((info) => info.key)).toEqual(keys);
      expect((await listAll(first, 'a/', 1)).map((info) => info.key)).toEqual(['a/1', 'a/2/x', 'a/2/y']);
      expect((await listAll(first, 'a/2', 10)).map((info) => info.key)).toEqual(['a/2/x', 'a/2/y']);
      expect((await listAll(first, 'c', 10)).map((info) => info.bytes)).toEqual([8]);
      expect(await listAll(first, 'no/such', 10)).toEqual([]);
    });

    law('4: a removed object is gone, its name is free, and removing it again succeeds', async () => {
      const { first, second } = await opened(make);
      await first.put('a/k', text('v'));
      await second.remove('a/k');
      await second.remove('a/k');
      expect(await first.get('a/k')).toBeNull();
      expect(await listAll(first, '', 10)).toEqual([]);
      expect(await first.put('a/k', text('w'))).toEqual({ kind: 'created' });
    });
  });
}
