import { expect } from 'vitest';
import { seq } from '../../lib/core/numbers.ts';
import type { Log, LogItem } from '../../lib/ports/log.ts';
import { bytesOf, EVERY_BYTE, type Gaps, HARD_TEXT, type Make, opened, race, suite, type TwoHandles } from './suite.ts';

const LOG = 'J#00000000000000000000000000000001#g0#P0.0.1';
const NEIGHBOUR = `${LOG}0`;

const item = (n: number, changes: Partial<LogItem> = {}): LogItem => ({
  seq: seq(n),
  id: n.toString(16).padStart(16, '0'),
  body: `{"n":${n}}`,
  data: null,
  ttl: 1_800_000_000,
  ...changes,
});

const sizeOf = (found: LogItem): number => found.body.length + (found.data?.length ?? 0);

const appendAll = async (log: Log, items: readonly LogItem[]): Promise<void> => {
  for (const each of items) await log.append(LOG, each);
};

/** All pages of a log. */
async function pagesOf(log: Log, limitBytes: number): Promise<LogItem[][]> {
  const pages: LogItem[][] = [];
  for (let after = -1, more = true; more; ) {
    const page = await log.readAfter(LOG, after, limitBytes);
    pages.push([...page.items]);
    after = page.items.at(-1)?.seq ?? after;
    more = page.more;
  }
  return pages;
}

/** The laws of `Log`. */
export function logContract(name: string, make: Make<TwoHandles<Log>>, gaps: Gaps = {}): void {
  suite(`Log: ${name}`, gaps, (law) => {
    law('an empty log has no head, no entry and one empty page', async () => {
      const { first } = await opened(make);
      expect(await first.head(LOG)).toBeNull();
      expect(await first.get(LOG, seq(0))).toBeNull();
      expect(await first.readAfter(LOG, -1, 1000)).toEqual({ items: [], more: false });
    });

    law('1: of 20 concurrent appends at one sequence number one succeeds, and the others get it', async () => {
      const { first, second } = await opened(make);
      const results = await race(20, (i) => (i % 2 ? first : second).append(LOG, item(0, { id: `id${i}` })));
      const winners = results.flatMap((result, i) => (result.kind === 'appended' ? [`id${i}`] : []));
      expect(winners).toHaveLength(1);
      const stored = results.flatMap((result) => (result.kind === 'exists' ? [result.item.id] : []));
      expect(stored).toEqual(Array.from({ length: 19 }, () => winners[0]));
    });

    law('1: two handles that append as fast as they can fill each sequence number once', async () => {
      const { first, second } = await opened(make);
      const won = await Promise.all([first, second].map((log, i) => appendUpTo(log, 50, `w${i}`)));
      expect(won.reduce((sum, n) => sum + n, 0)).toBe(50);
      expect((await pagesOf(first, 1e9)).flat().map((found) => found.seq)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    });

    law('1: an append that is repeated meets itself, unchanged', async () => {
      const { first } = await opened(make);
      await first.append(LOG, item(0));
      expect(await first.append(LOG, item(0, { body: '{"other":true}' }))).toEqual({ kind: 'exists', item: item(0) });
    });

    law('1: appends to different logs do not meet', async () => {
      const { first } = await opened(make);
      await first.append(LOG, item(0));
      expect(await first.append(NEIGHBOUR, item(0))).toEqual({ kind: 'appended' });
      await first.append(NEIGHBOUR, item(1));
      expect((await first.head(LOG))?.seq).toBe(0);
      expect((await first.readAfter(LOG, -1, 1000)).items).toHaveLength(1);
    });

    law('2: what one handle appended, the other one reads', async () => {
      const { first, second } = await opened(make);
      for (let n = 0; n < 10; n++) {
        await (n % 2 ? first : second).append(LOG, item(n));
        expect((await (n % 2 ? second : first).head(LOG))?.seq).toBe(n);
        expect(await (n % 2 ? second : first).get(LOG, seq(n))).toEqual(item(n));
      }
    });

    law('3: body and data come back byte for byte', async () => {
      const { first } = await opened(make);
      const large = new Uint8Array(300_000).map((_, i) => i * 31);
      const items = [item(0, { body: HARD_TEXT, data: EVERY_BYTE }), item(1, { data: new Uint8Array(0) }), item(2, { data: large })];
      await appendAll(first, items);
      for (const expected of items) {
        const found = await first.get(LOG, expected.seq);
        expect({ ...found, data: bytesOf(found?.data) }).toEqual({ ...expected, data: bytesOf(expected.data) });
      }
    });

    law('3: neither the buffer of the writer nor that of a reader reaches into the store', async () => {
      const { first } = await opened(make);
      const data = Uint8Array.of(1, 2, 3);
      await first.append(LOG, item(0, { data }));
      data.fill(9);
      (await first.get(LOG, seq(0)))?.data?.fill(8);
      expect(bytesOf((await first.head(LOG))?.data)).toEqual([1, 2, 3]);
    });

    law('3: an item past its ttl comes back with it as long as it is there', async () => {
      const { first } = await opened(make);
      await first.append(LOG, item(0, { ttl: 1 }));
      expect((await first.head(LOG))?.ttl).toBe(1);
    });

    law('4: head is the highest sequence number, whatever the order of the appends', async () => {
      const { first } = await opened(make);
      await appendAll(first, [item(7), item(100), item(9)]);
      expect((await first.head(LOG))?.seq).toBe(100);
      expect((await pagesOf(first, 1e9)).flat().map((found) => found.seq)).toEqual([7, 9, 100]);
    });

    law('4: readAfter begins behind `after` and reports what remains', async () => {
      const { first } = await opened(make);
      await appendAll(first, [0, 1, 2, 3].map((n) => item(n)));
      expect((await first.readAfter(LOG, 1, 1e9)).items.map((found) => found.seq)).toEqual([2, 3]);
      expect(await first.readAfter(LOG, 3, 1e9)).toEqual({ items: [], more: false });
      expect(await first.readAfter(LOG, 1, 1)).toEqual({ items: [item(2)], more: true });
      expect(await first.readAfter(LOG, 2, 1)).toEqual({ items: [item(3)], more: false });
    });

    law('4: pages are bounded by bytes and together hold every item once', async () => {
      const { first } = await opened(make);
      await appendAll(first, Array.from({ length: 60 }, (_, n) => item(n, { data: new Uint8Array((n * 37) % 500) })));
      const pages = await pagesOf(first, 1000);
      expect(pages.flat().map((found) => found.seq)).toEqual(Array.from({ length: 60 }, (_, n) => n));
      for (const page of pages) expect(page.slice(0, -1).reduce((sum, found) => sum + sizeOf(found), 0)).toBeLessThan(1000);
      expect(pages.length).toBeLessThan(30);
    });

    law('6: every answer brings the time of the store; nothing else does, and a store without a clock never has one', async () => {
      const { first } = await opened(make);
      const isHeard = (): boolean => first.serverTime !== null;
      const before = first.serverTime;
      await first.head(LOG);
      const hasClock = isHeard();
      for (const ask of [() => first.append(LOG, item(0)), () => first.get(LOG, seq(0)), () => first.readAfter(LOG, -1, 1000)]) {
        const last = first.serverTime;
        await ask();
        expect(isHeard()).toBe(hasClock);
        if (last !== null) expect(first.serverTime).toBeGreaterThanOrEqual(last);
      }
      expect(before === null || hasClock).toBe(true);
    });
  });
}

/** Appends behind the head until the log has `length` entries; how many of them were won. */
async function appendUpTo(log: Log, length: number, writer: string): Promise<number> {
  for (let won = 0; ; ) {
    const next = ((await log.head(LOG))?.seq ?? -1) + 1;
    if (next >= length) return won;
    const result = await log.append(LOG, item(next, { id: `${writer}.${next}` }));
    if (result.kind === 'appended') won++;
  }
}
