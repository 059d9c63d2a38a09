/**
 * What the log of a partition says of a key whose function runs in the writer (protocol 13.3, stateful partition mode): what a batch has changed of it, since a
 * key may hold very much of which a batch touches little. It is read with what the key held before, which is the same wherever the log is read.
 *
 * | | what has changed | JSON |
 * |---|---|---|
 * | any state | nothing | null |
 * | value, reducing, aggregating | the item | `[cell]`, as in checkpoints (`cells.ts`) |
 * | list | elements `from` up to `to` stay, and others come behind them | `[from, to, cell of the others]` |
 * | map | some entries; keys that leave | `[cell of the entries, [key …]]` |
 * | map | most of what it holds | `[cell]` |
 * | timers | nothing | null |
 * | timers of one domain | some times come, some leave | `[[time …], [time …]]` |
 * | timers of one domain | most of them | `[[time …]]` |
 */
import { assert } from '../errors.ts';
import type { Key } from '../key.ts';
import type { JsonValue } from '../plan.ts';
import { decodeCell, emptyCell, encodeCell } from './cells.ts';
import type { Cell, KeyContents, KeyTimers, Stored, StoredEntry } from './contents.ts';
import type { StateDescriptor } from './descriptor.ts';
import { textOf } from './entry-key.ts';
import { EntryMap } from './entry-map.ts';
import { keptOf } from './kept.ts';
import { NO_TIMERS } from './key-timers.ts';
import { timesBeside, timesOf, timesWithin, withoutTime, withTime, type Times } from './time-tree.ts';

type Whole = readonly [cell: JsonValue];
type ListChange = readonly [from: number, to: number, added: JsonValue];
type MapChange = readonly [put: JsonValue, removed: readonly JsonValue[]];
type CellChange = Whole | ListChange | MapChange | null;

type TimesChange = readonly [times: readonly number[]] | readonly [registered: readonly number[], deleted: readonly number[]] | null;
type TimersChange = readonly [event: TimesChange, processing: TimesChange] | null;

/** One key; `cells` in the order of the states. */
export type KeyChange = readonly [key: Key, cells: readonly CellChange[], timers: TimersChange];

/** Of a state with its kind, and whether it has a TTL. */
type States = readonly Pick<StateDescriptor, 'kind' | 'ttl'>[];

/** Null where both hold the same. `before`: null for a key that held nothing. */
export function changeOf(states: States, key: Key, before: KeyContents | null, after: KeyContents): KeyChange | null {
  const cells = states.map(({ kind, ttl }, s) => cellChange(ttl !== undefined, before?.cells[s] ?? emptyCell(kind), after.cells[s] ?? emptyCell(kind)));
  const timers = timersChange(before?.timers ?? NO_TIMERS, after.timers);
  return timers === null && cells.every((change) => change === null) ? null : [key, cells, timers];
}

/** The inverse of `changeOf`: what the key holds, of what it held. */
export function changed(states: States, before: KeyContents | null, [, cells, timers]: KeyChange): KeyContents {
  return {
    cells: states.map((state, s) => changedCell(state, before?.cells[s] ?? emptyCell(state.kind), cells[s] ?? null)),
    timers: changedTimers(before?.timers ?? NO_TIMERS, timers),
  };
}

/** Timers have come, or have gone: those that have fired, too. */
export const changesTimers = ([, , timers]: KeyChange): boolean => timers !== null;

function cellChange(hasTtl: boolean, before: Cell, after: Cell): CellChange {
  if (before === after) return null;
  if (before.kind === 'list' && after.kind === 'list') return listChange(hasTtl, before.items, after.items);
  if (before.kind === 'map' && after.kind === 'map') return mapChange(hasTtl, EntryMap.from(before.entries), EntryMap.from(after.entries));
  assert(before.kind === 'single' && after.kind === 'single', 'a state keeps its kind');
  return isSame(before.item, after.item) ? null : [encodeCell(hasTtl, after)];
}

function listChange(hasTtl: boolean, before: readonly Stored[], after: readonly Stored[]): ListChange | null {
  const { from, to } = keptOf(before, after, stored);
  const kept = to - from;
  if (kept === before.length && kept === after.length) return null;
  return [from, to, encodeCell(hasTtl, { kind: 'list', items: after.slice(kept) })];
}

function mapChange(hasTtl: boolean, before: EntryMap, after: EntryMap): Whole | MapChange | null {
  const put = besideOf(after, before).filter(([entry, had]) => !isSame(entry, had));
  const removed = besideOf(before, after).filter(([, has]) => has === null);
  if (put.length + removed.length === 0) return null;
  if (put.length + removed.length > after.size) return [encodeCell(hasTtl, { kind: 'map', entries: after })];
  return [encodeCell(hasTtl, { kind: 'map', entries: EntryMap.of(put.map(([entry]) => entry)) }), removed.map(([{ key }]) => key)];
}

const besideOf = (entries: EntryMap, other: EntryMap): (readonly [StoredEntry, StoredEntry | null])[] => [...entries.beside(other)];

function timersChange(before: KeyTimers, after: KeyTimers): TimersChange {
  if (before === after) return null;
  const [event, processing] = [timesChange(before.event, after.event), timesChange(before.processing, after.processing)];
  return event === null && processing === null ? null : [event, processing];
}

function timesChange(before: Times, after: Times): TimesChange {
  const [registered, deleted] = [[...timesBeside(after, before)], [...timesBeside(before, after)]];
  const count = registered.length + deleted.length;
  if (count === 0) return null;
  const whole = timesOfAtMost(count, after);
  return whole === null ? [registered, deleted] : [whole];
}

/** Null where there are more. */
function timesOfAtMost(count: number, times: Times): number[] | null {
  const list: number[] = [];
  for (const time of timesWithin(times, -Infinity, Infinity)) if (list.push(time) > count) return null;
  return list;
}

function changedCell({ kind, ttl }: States[number], before: Cell, change: CellChange): Cell {
  if (change === null) return before;
  const decode = (json: JsonValue): Cell => decodeCell(kind, ttl !== undefined, json);
  if (change.length === 1) return decode(change[0]);
  return change.length === 3 ? changedList(before, change, decode) : changedMap(before, change, decode);
}

function changedList(before: Cell, [from, to, json]: ListChange, decode: (json: JsonValue) => Cell): Cell {
  const added = decode(json);
  assert(before.kind === 'list' && added.kind === 'list', 'elements are added to a list');
  return { kind: 'list', items: [...before.items.slice(from, to), ...added.items] };
}

function changedMap(before: Cell, [json, removed]: MapChange, decode: (json: JsonValue) => Cell): Cell {
  const put = decode(json);
  assert(before.kind === 'map' && put.kind === 'map', 'entries are put into a map');
  let entries = EntryMap.from(before.entries);
  for (const key of removed) entries = entries.without(textOf(key));
  for (const [text, entry] of put.entries) entries = entries.with(text, entry);
  return { kind: 'map', entries };
}

function changedTimers(before: KeyTimers, change: TimersChange): KeyTimers {
  if (change === null) return before;
  const [event, processing] = change;
  return { event: changedTimes(before.event, event), processing: changedTimes(before.processing, processing) };
}

function changedTimes(before: Times, change: TimesChange): Times {
  if (change === null) return before;
  if (change.length === 1) return timesOf(change[0]);
  const [registered, deleted] = change;
  const stay = deleted.reduce(withoutTime, before);
  return registered.reduce<Times>(withTime, stay);
}

/** By value: what was written anew may be what was there. The order of the fields of an object counts. */
const isSame = (a: Stored | null, b: Stored | null): boolean => a === b || (a !== null && b !== null && stored(a) === stored(b));

const stored = ({ json, at }: Stored): string => JSON.stringify([json, at]);
