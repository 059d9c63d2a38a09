/** What a log says of a key is the way from what it held to what it holds, and no longer than what has changed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../lib/core/plan.ts';
import { changed, changeOf, changesTimers, type KeyChange } from '../../../lib/core/process/changes.ts';
import type { Cell, KeyContents, StoredEntry } from '../../../lib/core/process/contents.ts';
import type { NamedState } from '../../../lib/core/process/descriptor.ts';
import { EntryMap } from '../../../lib/core/process/entry-map.ts';
import { keptOf } from '../../../lib/core/process/kept.ts';
import { NO_TIMERS } from '../../../lib/core/process/key-timers.ts';
import { TIMERS_FORM } from '../../../lib/core/process/pane-forms.ts';
import { nextLeave } from '../../../lib/core/process/ttl.ts';
import { listOf, timesOf, withoutTime, withTime, type Times } from '../../../lib/core/process/time-tree.ts';

const BASE = { version: 1, migrations: {} };
const TTL = { ttlMs: 100, update: 'on-read-and-write', visibility: 'never-return-expired' } as const;
const STATES: readonly NamedState[] = [
  { ...BASE, kind: 'value', name: 'value', field: 'value' },
  { ...BASE, kind: 'list', name: 'list', field: 'list' },
  { ...BASE, kind: 'map', name: 'map', field: 'map' },
  { ...BASE, kind: 'value', name: 'value-ttl', field: 'valueTtl', ttl: TTL },
  { ...BASE, kind: 'list', name: 'list-ttl', field: 'listTtl', ttl: TTL },
  { ...BASE, kind: 'map', name: 'map-ttl', field: 'mapTtl', ttl: TTL },
];

const json = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constantFrom(null, 'a', { a: 1, b: 2 }, { b: 2, a: 1 }));
const at = fc.integer({ min: 0, max: 2 });
const stored = (hasTtl: boolean): fc.Arbitrary<StoredEntry> => (hasTtl ? fc.record({ key: json, json, at }) : fc.record({ key: json, json }));
const times = fc.uniqueArray(fc.integer({ min: -5, max: 5 })).map(timesOf);

function cell({ kind, ttl }: NamedState): fc.Arbitrary<Cell> {
  const item = ttl === undefined ? fc.record({ json }) : fc.record({ json, at });
  if (kind === 'list') return fc.array(item, { maxLength: 12 }).map((items) => ({ kind, items }));
  if (kind === 'map') return fc.array(stored(ttl !== undefined), { maxLength: 12 }).map((entries) => ({ kind, entries: EntryMap.of(entries) }));
  // It is never an item that is null.
  return fc.option(item, { nil: null }).map((one) => ({ kind: 'single', item: one?.json === null ? null : one }));
}

const contents: fc.Arbitrary<KeyContents> = fc.record({ cells: fc.tuple(...STATES.map(cell)), timers: fc.record({ event: times, processing: times }) });

/** What comes of contents as functions change them: most stays, and is shared with what there was. */
const edit = fc.record({ where: fc.nat(30), entry: stored(true), time: fc.integer({ min: -5, max: 5 }), how: fc.constantFrom('front', 'back', 'renew', 'put', 'remove', 'time') });
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

function edited(before: KeyContents, edits: readonly Edit[]): KeyContents {
  return edits.reduce((held, { where, entry, time, how }) => {
    const s = where % STATES.length;
    const { at: since, ...rest } = entry;
    const kept = STATES[s]?.ttl === undefined ? rest : { ...rest, ...(since !== undefined && { at: since }) };
    const [timers, cells] = [how === 'time' ? { ...held.timers, event: where % 2 === 0 ? withTime(held.timers.event, time) : withoutTime(held.timers.event, time) } : held.timers, held.cells];
    return { timers, cells: cells.map((one, i) => (i === s ? editedCell(one, { how, where, entry: kept }) : one)) };
  }, before);
}

function editedCell(one: Cell, { how, where, entry }: { readonly how: string; readonly where: number; readonly entry: StoredEntry }): Cell {
  const { key, ...item } = entry;
  if (one.kind === 'single') return how === 'put' ? { kind: 'single', item: item.json === null ? null : item } : one;
  if (one.kind === 'list') {
    if (how === 'front') return { kind: 'list', items: one.items.slice(where % 3) };
    if (how === 'back') return { kind: 'list', items: [...one.items, item] };
    return how === 'renew' ? { kind: 'list', items: one.items.map((old) => ({ ...old })) } : one;
  }
  const map = EntryMap.from(one.entries);
  if (how === 'put') return { kind: 'map', entries: map.with(JSON.stringify(key), entry) };
  return how === 'remove' ? { kind: 'map', entries: map.without(JSON.stringify(key)) } : one;
}

/** In full, with the order of entries and of the fields of objects. */
const textOf = ({ cells, timers }: KeyContents): string =>
  JSON.stringify([cells.map((one) => (one.kind === 'map' ? [...one.entries] : one)), TIMERS_FORM.encode(timers)]);

const timesIn = ({ timers }: KeyContents): string => JSON.stringify(TIMERS_FORM.encode(timers));

/** As it comes out of a log. */
const logged = (change: KeyChange): KeyChange => JSON.parse(JSON.stringify(change));

function expectInverse(before: KeyContents | null, after: KeyContents, elsewhere: KeyContents | null): void {
  const change = changeOf(STATES, 'k', before, after);
  if (change === null) {
    expect(textOf(before ?? NOTHING)).toBe(textOf(after));
    return;
  }
  const found = changed(STATES, elsewhere, logged(change));
  expect(textOf(found)).toBe(textOf(after));
  expect(nextLeave(STATES, found.cells)).toBe(nextLeave(STATES, after.cells));
  expect(changeOf(STATES, 'k', found, after)).toBeNull();
  expect(changesTimers(change)).toBe(timesIn(before ?? NOTHING) !== timesIn(after));
}

/** As another sandbox holds it, of a checkpoint. */
function restored({ cells, timers }: KeyContents): KeyContents {
  const copy = (one: Cell): Cell => {
    if (one.kind === 'map') return { kind: 'map', entries: EntryMap.of([...one.entries.values()].map((entry) => ({ ...entry }))) };
    return one.kind === 'list' ? { kind: 'list', items: one.items.map((item) => ({ ...item })) } : { kind: 'single', item: one.item === null ? null : { ...one.item } };
  };
  return { cells: cells.map(copy), timers: { event: timesOf(listOf(timers.event)), processing: timesOf(listOf(timers.processing)) } };
}

const NOTHING: KeyContents = changed(STATES, null, ['k', [], null]);

describe('what a change gives back is what there was to come', () => {
  test('whatever a key held and holds', () => {
    fc.assert(
      fc.property(fc.option(contents, { nil: null }), contents, (before, after) => {
        expectInverse(before, after, before);
      }),
    );
  });

  test('of what has come of it, and where the state was loaded elsewhere', () => {
    fc.assert(
      fc.property(contents, fc.array(edit, { maxLength: 8 }), (before, edits) => {
        expectInverse(before, edited(before, edits), restored(before));
      }),
    );
  });

  test('the same wherever the state was loaded', () => {
    fc.assert(
      fc.property(contents, fc.array(edit, { maxLength: 8 }), (before, edits) => {
        expect(changeOf(STATES, 'k', restored(before), edited(restored(before), edits))).toEqual(changeOf(STATES, 'k', before, edited(before, edits)));
      }),
    );
  });

  test('nothing, where the same was written anew', () => {
    fc.assert(
      fc.property(contents, (before) => {
        expect(changeOf(STATES, 'k', before, restored(before))).toBeNull();
      }),
    );
  });
});

/** A key that holds one list, one map, or timers alone. */
const listing = (items: readonly JsonValue[]): KeyContents => ({ cells: [{ kind: 'list', items: items.map((one) => ({ json: one })) }], timers: NO_TIMERS });
const mapping = (entries: EntryMap): KeyContents => ({ cells: [{ kind: 'map', entries }], timers: NO_TIMERS });
const timing = (event: Times): KeyContents => ({ cells: [], timers: { event, processing: null } });
const [, LIST, MAP] = STATES.map((state) => [state]);
const entry = (key: JsonValue, value: JsonValue): StoredEntry => ({ key, json: value });

describe('it says no more than has changed', () => {
  test.each<[string, JsonValue[], JsonValue[], unknown]>([
    ['elements that come', [1, 2], [1, 2, 3], [0, 2, [3]]],
    ['a window that slides, over elements that are alike as well', [0, 0, 0, 1], [0, 0, 1, 0], [1, 4, [0]]],
    ['the end that leaves', [1, 2, 3], [1], [0, 1, []]],
    ['one in the middle that leaves', [1, 2, 3, 4], [1, 3, 4], [0, 1, [3, 4]]],
    ['all that leave', [1, 2], [], [0, 0, []]],
    ['others', [1, 2], [3], [0, 0, [3]]],
    ['what stands further behind', [1, 2, 9, 1, 2, 3], [1, 2, 3, 4], [3, 6, [4]]],
  ])('of a list: %s', (_, before, after, expected) => {
    expect(changeOf(LIST ?? [], 'k', listing(before), listing(after))).toEqual(['k', [expected], null]);
  });

  test('of a map: entries that are put, and keys that leave; all of it where that is no more', () => {
    const ten = EntryMap.of(Array.from({ length: 10 }, (_, i) => entry(i, 'a')));
    const next = ten.with('3', entry(3, 'b')).with('4', entry(4, 'a')).without('7');
    expect(changeOf(MAP ?? [], 'k', mapping(ten), mapping(next))).toEqual(['k', [[[[3, 'b']], [7]]], null]);
    expect(changeOf(MAP ?? [], 'k', mapping(ten), mapping(EntryMap.of([entry(3, 'a')])))).toEqual(['k', [[[[3, 'a']]]], null]);
    expect(changeOf(MAP ?? [], 'k', mapping(ten), mapping(EntryMap.EMPTY))).toEqual(['k', [[[]]], null]);
    expect(changeOf(MAP ?? [], 'k', mapping(EntryMap.of([entry(1, 'a')])), mapping(EntryMap.of([entry(1, 'b')])))).toEqual(['k', [[[[1, 'b']], []]], null]);
  });

  test('of timers: those that come and those that leave; all of them where those are no more', () => {
    const ten = timesOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(changeOf([], 'k', timing(ten), timing(withTime(withoutTime(ten, 3), 20)))).toEqual(['k', [], [[[20], [3]], null]]);
    expect(changeOf([], 'k', timing(ten), timing(timesOf([9])))).toEqual(['k', [], [[[9]], null]]);
    expect(changeOf([], 'k', timing(ten), timing(null))).toEqual(['k', [], [[[]], null]]);
    expect(changeOf([], 'k', timing(timesOf([1, 2, 3])), timing(timesOf([1, 2])))).toEqual(['k', [], [[[], [3]], null]]);
  });

  test('and looks at no more: one entry of 10,000 costs some paths through the tree', () => {
    let looked = 0;
    const entries = Array.from({ length: 10_000 }, (_, key) => {
      const one = { key, json: 1 };
      return { get key() { looked++; return one.key; }, get json() { looked++; return one.json; } };
    });
    const before = EntryMap.of(entries);
    looked = 0;
    changeOf(MAP ?? [], 'k', mapping(before), mapping(before.with('5000', entry(5000, 2))));
    expect(looked).toBeLessThan(10);
  });

  test('and not at elements that were there, where others come behind them', () => {
    const before = [{ n: 1 }, { n: 2 }];
    const textOf = (): never => {
      throw new Error('looked at');
    };
    expect(keptOf(before, [...before, { n: 3 }], textOf)).toEqual({ from: 0, to: 2 });
  });
});
