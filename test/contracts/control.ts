import { expect } from 'vitest';
import type { Control, Expected } from '../../lib/ports/control.ts';
import { type Gaps, HARD_TEXT, type Make, opened, race, suite, type TwoHandles } from './suite.ts';

const KEY = { pk: 'J#1', sk: 'CTRL' };

/** All `sk` of a listing, page by page. */
async function keysOf(control: Control, pk: string, prefix: string, limit: number): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const page = await control.list(pk, prefix, { after: keys.at(-1) ?? '', limit });
    expect(page.length).toBeLessThanOrEqual(limit);
    if (page.length === 0) return keys;
    keys.push(...page.map((item) => item.sk));
  }
}

/** Adds 1 to a counter `times` times, by compare-and-set. */
async function count(control: Control, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const found = await control.get(KEY);
    const expected: Expected = found?.version ?? 'absent';
    const result = await control.put(KEY, String(Number(found?.body ?? 0) + 1), expected);
    if (result.kind === 'stored') done++;
  }
}

/** The laws of `Control`. */
export function controlContract(name: string, make: Make<TwoHandles<Control>>, gaps: Gaps = {}): void {
  suite(`Control: ${name}`, gaps, (law) => {
    law('a missing item is null, and removing it succeeds', async () => {
      const { first } = await opened(make);
      expect(await first.get(KEY)).toBeNull();
      await first.remove(KEY);
    });

    law('an item begins with version 1 and gets one more with every put', async () => {
      const { first } = await opened(make);
      expect(await first.put(KEY, '"a"', 'absent')).toEqual({ kind: 'stored', version: 1 });
      expect(await first.put(KEY, '"b"', 1)).toEqual({ kind: 'stored', version: 2 });
      expect(await first.put(KEY, HARD_TEXT, 'any')).toEqual({ kind: 'stored', version: 3 });
      expect(await first.get(KEY)).toEqual({ ...KEY, version: 3, body: HARD_TEXT });
    });

    law('`any` creates what is not there', async () => {
      const { first } = await opened(make);
      expect(await first.put(KEY, '1', 'any')).toEqual({ kind: 'stored', version: 1 });
    });

    law('a conflict changes nothing and returns what is stored', async () => {
      const { first } = await opened(make);
      expect(await first.put(KEY, '1', 1)).toEqual({ kind: 'conflict', item: null });
      await first.put(KEY, '1', 'absent');
      const item = { ...KEY, version: 1, body: '1' };
      expect(await first.put(KEY, '2', 'absent')).toEqual({ kind: 'conflict', item });
      expect(await first.put(KEY, '2', 2)).toEqual({ kind: 'conflict', item });
      expect(await first.get(KEY)).toEqual(item);
    });

    law('of 20 concurrent creations one wins, and the others get it', async () => {
      const { first, second } = await opened(make);
      const results = await race(20, (i) => (i % 2 ? first : second).put(KEY, String(i), 'absent'));
      const winner = results.findIndex((result) => result.kind === 'stored');
      const lost = results.filter((result) => result.kind === 'conflict');
      expect(lost).toHaveLength(19);
      for (const result of lost) expect(result.item).toEqual({ ...KEY, version: 1, body: String(winner) });
    });

    law('no update is lost among concurrent writers', async () => {
      const { first, second } = await opened(make);
      await Promise.all([count(first, 20), count(second, 20), count(first, 20)]);
      expect(await second.get(KEY)).toEqual({ ...KEY, version: 60, body: '60' });
    });

    law('what one handle wrote or removed, the other one sees', async () => {
      const { first, second } = await opened(make);
      await first.put(KEY, '1', 'absent');
      expect((await second.get(KEY))?.body).toBe('1');
      await second.remove(KEY);
      expect(await first.get(KEY)).toBeNull();
      expect(await first.list(KEY.pk, '', { after: '', limit: 10 })).toEqual([]);
    });

    law('list returns every item of the prefix in order, in pages', async () => {
      const { first } = await opened(make);
      const keys = ['ERR#g1#a', 'ERR#g1#b', 'ERR#g10#a', 'ERR#g2#a', 'SP#1', 'SP%', 'sp#1'];
      for (const sk of keys.toReversed()) await first.put({ pk: 'J#1', sk }, '0', 'absent');
      await first.put({ pk: 'J#10', sk: 'ERR#g1#c' }, '0', 'absent');
      expect(await keysOf(first, 'J#1', 'ERR#g1#', 1)).toEqual(['ERR#g1#a', 'ERR#g1#b']);
      expect(await keysOf(first, 'J#1', 'SP', 10)).toEqual(['SP#1', 'SP%']);
      expect(await keysOf(first, 'J#1', '', 2)).toEqual(keys);
      expect(await keysOf(first, 'J#2', '', 2)).toEqual([]);
    });

    law('list begins behind `after`', async () => {
      const { first } = await opened(make);
      for (const sk of ['a', 'b', 'c']) await first.put({ pk: 'J', sk }, sk, 'absent');
      expect(await first.list('J', '', { after: 'a', limit: 1 })).toEqual([{ pk: 'J', sk: 'b', version: 1, body: 'b' }]);
    });
  });
}
