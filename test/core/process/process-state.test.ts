import { expect, test } from 'vitest';
import { keyGroupOf } from '../../../lib/core/key.ts';
import { eventTime, wallTime } from '../../../lib/core/numbers.ts';
import type { KeyContents } from '../../../lib/core/process/contents.ts';
import type { NamedState } from '../../../lib/core/process/descriptor.ts';
import { EntryMap } from '../../../lib/core/process/entry-map.ts';
import { NO_TIMERS, OpenTimers } from '../../../lib/core/process/key-timers.ts';
import { openProcessState, type ProcessState } from '../../../lib/core/process/process-state.ts';
import { timesOf } from '../../../lib/core/process/time-tree.ts';
import { GROUPS } from '../../../lib/core/window/pane.ts';
import { snapshotOf } from './running-function.ts';

const BASE = { version: 1, migrations: {} };
/** Items leave at multiples of 6 ms. */
const TTL = { ttlMs: 100, update: 'on-create-and-write', visibility: 'never-return-expired' } as const;
const STATES: readonly NamedState[] = [
  { ...BASE, kind: 'value', name: 'plain', field: 'plain' },
  { ...BASE, kind: 'list', name: 'list', field: 'list', ttl: TTL },
  { ...BASE, kind: 'map', name: 'map', field: 'map', ttl: TTL },
];

interface Held {
  readonly plain?: string;
  /** Times of the elements. */
  readonly list?: readonly number[];
  /** Times of the entries. */
  readonly map?: readonly number[];
  readonly event?: readonly number[];
}

const contents = ({ plain, list = [], map = [], event = [] }: Held): KeyContents => ({
  cells: [
    { kind: 'single', item: plain === undefined ? null : { json: plain } },
    { kind: 'list', items: list.map((at) => ({ json: at, at })) },
    { kind: 'map', entries: EntryMap.of(map.map((at) => ({ key: `k${at}`, json: at, at }))) },
  ],
  timers: { event: timesOf(event), processing: null },
});

function stateOf(held: Readonly<Record<string, Held>>): ProcessState {
  const state = openProcessState(STATES);
  for (const [key, one] of Object.entries(held)) state.put(key, contents(one), wallTime(0));
  return state;
}

test('what a key holds goes through a checkpoint and back, clean', () => {
  const state = stateOf({ a: { plain: 'x', list: [1, 2], map: [3], event: [10, 20] }, b: { event: [5] } });
  const next = openProcessState(STATES);
  next.restore(snapshotOf(state));
  expect(snapshotOf(next)).toEqual(snapshotOf(state));
  expect([next.nextTimer('event'), next.nextWindowEnd(eventTime(0)), next.dirtyAt(GROUPS).size]).toEqual([5, 5, 0]);
});

test('what is merged is dirty', () => {
  const next = openProcessState(STATES);
  next.merge(snapshotOf(stateOf({ a: { plain: 'x' } })));
  expect([...next.dirtyAt(GROUPS)]).toEqual([keyGroupOf('a')]);
});

test('a state that a checkpoint does not have is empty, whatever its kind', () => {
  const state = openProcessState(STATES);
  state.restore({ end: GROUPS, keys: ['a'], rows: [1], accumulators: [['x'], [null], [null], [null]] });
  expect(state.contentsOf('a')).toEqual(contents({ plain: 'x' }));
});

test('a key that holds nothing any more leaves, and its key group is dirty', () => {
  const state = stateOf({ a: { plain: 'x' } });
  state.markClean();
  state.put('a', contents({}), wallTime(0));
  expect([state.paneCount(), state.sliceEnds(), state.contentsOf('a'), [...state.dirtyAt(GROUPS)]]).toEqual([0, [], null, [keyGroupOf('a')]]);
});

test('a timer leaves with what took its place', () => {
  const state = stateOf({ a: { event: [10, 20] }, b: { event: [15] } });
  state.put('a', contents({ event: [20] }), wallTime(0));
  expect(state.timersUpTo('event', 20, 0)).toEqual([{ key: 'b', time: 15 }, { key: 'a', time: 20 }]);
});

test('a key is found by its earliest timer, whichever comes and goes, and gives all that are asked for', () => {
  const state = stateOf({ a: { event: [30, 40] }, b: { event: [35] } });
  for (const event of [[20, 30, 40], [30, 40], [20, 40, 50], [20, 30, 40]]) state.put('a', contents({ event }), wallTime(0));
  expect([state.nextTimer('event'), state.timerCount('event')]).toEqual([20, 4]);
  expect(state.timersUpTo('event', 35, -1)).toEqual([{ key: 'a', time: 20 }, { key: 'a', time: 30 }, { key: 'b', time: 35 }]);
  expect(state.timersUpTo('event', 40, 30)).toEqual([{ key: 'a', time: 40 }, { key: 'b', time: 35 }]);
  state.put('a', contents({}), wallTime(0));
  expect(state.nextTimer('event')).toBe(35);
});

test('a few timers more of a key that has very many cost no look at them', () => {
  const event = Array.from({ length: 100_000 }, (_, n) => n);
  const state = stateOf({ a: { event } });
  const before = performance.now();
  for (let n = 0; n < 1000; n++) {
    const timers = new OpenTimers(state.contentsOf('a')?.timers ?? NO_TIMERS);
    timers.register('event', 100_000 + n);
    state.put('a', { ...contents({}), timers: timers.timers }, wallTime(0));
  }
  // A copy of all of them, a thousand times, would take some ten seconds.
  expect(performance.now() - before).toBeLessThan(1000);
  expect(state.timerCount('event')).toBe(101_000);
});

test('what has expired leaves at the end of its grain, to the millisecond, and what has not stays', () => {
  const state = stateOf({ a: { plain: 'x', list: [8, 20], map: [5, 11] }, b: { list: [7] }, c: { plain: 'y' } });
  state.markClean();
  state.cleanUp(wallTime(107));
  expect([...state.dirtyAt(GROUPS)]).toEqual([]);
  state.cleanUp(wallTime(108));
  expect(state.contentsOf('a')).toEqual(contents({ plain: 'x', list: [20], map: [11] }));
  expect(state.contentsOf('b')).toBeNull();
  expect(new Set(state.dirtyAt(GROUPS))).toEqual(new Set([keyGroupOf('a'), keyGroupOf('b')]));
});

test('what is restored, and what was renewed, leaves in its time', () => {
  const state = openProcessState(STATES);
  state.restore(snapshotOf(stateOf({ a: { list: [8] }, b: { map: [8] } })));
  state.cleanUp(wallTime(107));
  expect(state.paneCount()).toBe(2);
  state.put('a', contents({ list: [50] }), wallTime(50));
  state.cleanUp(wallTime(149));
  expect(state.contentsOf('a')).toEqual(contents({ list: [50] }));
  state.cleanUp(wallTime(150));
  expect(state.paneCount()).toBe(0);
});

test('what takes the place of an item whose time lies ahead leaves in its own time', () => {
  const state = openProcessState(STATES);
  state.restore(snapshotOf(stateOf({ a: { list: [300] }, b: { map: [300] } })));
  state.put('a', contents({ list: [50] }), wallTime(50));
  state.cleanUp(wallTime(150));
  expect(state.contentsOf('a')).toBeNull();
  state.cleanUp(wallTime(402));
  expect(state.paneCount()).toBe(0);
});

test('a state tells its entries, how long they are and how old', () => {
  const state = stateOf({ a: { plain: 'xy', list: [30, 20] }, b: { plain: 'z', map: [7] } });
  expect(state.sizes()).toEqual([
    { entries: 2, bytes: 7, oldestAt: null },
    { entries: 2, bytes: 4, oldestAt: 20 },
    { entries: 1, bytes: 5, oldestAt: 7 },
  ]);
});
