/** The tree of the entries of a map against a plain Map. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareEntryTexts, storedKey, textOf } from '../../../lib/core/process/entry-key.ts';
import { EntryMap } from '../../../lib/core/process/entry-map.ts';
import { inOrder, put, treeOf, without, type Tree } from '../../../lib/core/process/entry-tree.ts';

const anyKey = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double({ noNaN: true }), fc.bigInt({ min: -9n, max: 9n }), fc.string({ maxLength: 2 }), fc.constantFrom(null, true, { a: 1 }));
const change = fc.record({ key: anyKey, at: fc.option(fc.nat(100), { nil: null }) });

function apply(map: EntryMap, { key, at }: { readonly key: unknown; readonly at: number | null }): EntryMap {
  const json = storedKey(key);
  return at === null ? map.without(textOf(json)) : map.with(textOf(json), { key: json, json: at, at });
}

test('after any changes it holds what a Map holds, in order, and earlier ones are as they were', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 100 }), (changes) => {
      let map = EntryMap.EMPTY;
      const model = new Map<string, number>();
      for (const one of changes) {
        const before = [...map.keys()];
        const next = apply(map, one);
        expect([...map.keys()]).toEqual(before);
        map = next;
        if (one.at === null) model.delete(textOf(storedKey(one.key)));
        else model.set(textOf(storedKey(one.key)), one.at);
      }
      const expected = [...model].toSorted(([a], [b]) => compareEntryTexts(a, b));
      expect(Array.from(map, ([text, entry]) => [text, entry.at])).toEqual(expected);
      expect(map.size).toBe(model.size);
      expect(map.earliest).toBe(Math.min(Infinity, ...model.values()));
      expect([...EntryMap.of(map.values())]).toEqual([...map]);
    }),
  );
});

test('the order of keys is one: of any three, and whichever way they are asked', () => {
  fc.assert(
    fc.property(fc.tuple(anyKey, anyKey, anyKey), (keys) => {
      const [a = '', b = '', c = ''] = keys.map((key) => textOf(storedKey(key)));
      expect(Math.sign(compareEntryTexts(a, b))).toBe(-Math.sign(compareEntryTexts(b, a)) + 0);
      if (compareEntryTexts(a, b) <= 0 && compareEntryTexts(b, c) <= 0) expect(compareEntryTexts(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});

test('it stays flat: a thousand keys that come in order lie in ten levels', () => {
  let tree: Tree | null = null;
  for (let n = 0; n < 1000; n++) tree = put(tree, String(n), { key: n, json: n });
  expect(tree?.height).toBe(10);
  for (let n = 0; n < 900; n++) tree = without(tree, String(n));
  expect(tree?.height).toBeLessThanOrEqual(8);
});

test('one entry of a thousand costs a path of new nodes', () => {
  const tree = treeOf(Array.from({ length: 1000 }, (_, n) => [String(n), { key: n, json: n }]));
  const before = new Set(inOrder(tree));
  expect([...inOrder(put(tree, '500', { key: 500, json: 'new' }))].filter((node) => !before.has(node)).length).toBeLessThanOrEqual(10);
});

test('removing what is not there gives the very same map', () => {
  const map = EntryMap.of([{ key: 'a', json: 1 }]);
  expect(map.without('"z"')).toBe(map);
});
