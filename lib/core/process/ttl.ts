/**
 * Flink's state TTL (AbstractTtlDecorator): each value, element and entry has a time, set when it is written, or also when it is read. Time is the
 * `procTime` of the step (V7), the same for all that a step does.
 *
 * A value that is expired and that a read meets is removed by it; what nobody reads leaves with a clean-up (`withoutExpired`).
 */
import { wallTime, type WallTime } from '../numbers.ts';
import type { JsonValue, TtlSpec } from '../plan.ts';
import type { Cell, Stored } from './contents.ts';
import { EntryMap } from './entry-map.ts';

/** Exactly at the end of its time, a value is expired (TtlUtils.expired). One without a time was kept before the state had a TTL: it stays until it is written. */
const isExpiredAt = (ttlMs: number, { at }: Stored, now: number): boolean => at !== undefined && at + ttlMs <= now;

/** The life of what one state holds, as of one step. */
export class Lifetime {
  readonly #ttl: TtlSpec | undefined;
  readonly #now: WallTime;

  /** Without a TTL nothing expires. */
  constructor(ttl: TtlSpec | undefined, now: WallTime) {
    this.#ttl = ttl;
    this.#now = now;
  }

  isExpired(item: Stored): boolean {
    return this.#ttl !== undefined && isExpiredAt(this.#ttl.ttlMs, item, this.#now);
  }

  /** A read gives it. */
  isVisible(item: Stored): boolean {
    return this.#ttl?.visibility === 'return-expired-if-not-cleaned-up' || !this.isExpired(item);
  }

  get renewsOnRead(): boolean {
    return this.#ttl?.update === 'on-read-and-write';
  }

  /** Something that is written now. */
  stored(json: JsonValue): Stored {
    return this.#ttl === undefined ? { json } : { json, at: this.#now };
  }

  /** What a read leaves of it: itself, itself with a new time, or null. */
  afterRead(item: Stored): Stored | null {
    if (this.isExpired(item)) return null;
    return this.renewsOnRead && item.at !== this.#now ? this.stored(item.json) : item;
  }
}

/** Where nothing expires the time does not matter: one for all keys. */
const FOR_EVER = new Lifetime(undefined, wallTime(0));

export const lifetimeOf = (ttl: TtlSpec | undefined, now: WallTime): Lifetime => (ttl === undefined ? FOR_EVER : new Lifetime(ttl, now));

/** Specs or descriptors of states, in the order of the cells. */
type Kept = readonly { readonly ttl?: TtlSpec }[];

/** So many times within a TTL does a clean-up find something to drop. */
const GRAINS = 16;

/**
 * When an item leaves: with the first FIRE whose `procTime` reaches this, up to a sixteenth of its TTL behind its expiry, so that items that were written at
 * about the same time leave together. It says nothing of who asks: every replica, whether it lived or was restored, drops the same items at the same FIRE
 * (F4), and a state with `return-expired-if-not-cleaned-up` shows the same everywhere. Never for an item without a time.
 */
export function leavesAt(ttlMs: number, at = Infinity): number {
  const grain = Math.max(1, Math.floor(ttlMs / GRAINS));
  return Math.ceil((at + ttlMs) / grain) * grain;
}

/** Cells without the items that leave at `now` or have left before; the same array where there are none. Not all that is expired leaves (`leavesAt`). */
export function withoutExpired(states: Kept, cells: readonly Cell[], now: WallTime): readonly Cell[] {
  if (nextLeave(states, cells) > now) return cells;
  return cells.map((cell, i) => {
    const ttl = states[i]?.ttl;
    return ttl === undefined ? cell : unexpired(ttl.ttlMs, cell, now);
  });
}

function unexpired(ttlMs: number, cell: Cell, now: WallTime): Cell {
  if (leavesAt(ttlMs, earliestOf(cell)) > now) return cell;
  const stays = ({ at }: Stored): boolean => leavesAt(ttlMs, at) > now;
  switch (cell.kind) {
    case 'single':
      return { kind: 'single', item: null };
    case 'list':
      return { kind: 'list', items: cell.items.filter(stays) };
    case 'map':
      return { kind: 'map', entries: liveEntries(EntryMap.from(cell.entries), stays) };
  }
}

function liveEntries(entries: EntryMap, stays: (entry: Stored) => boolean): EntryMap {
  let live = entries;
  for (const [text, entry] of entries) if (!stays(entry)) live = live.without(text);
  return live;
}

/** When the first item of these cells leaves, epoch ms; Infinity where none does. Renewal only moves it back. */
export function nextLeave(states: Kept, cells: readonly Cell[]): number {
  let next = Infinity;
  for (const [i, cell] of cells.entries()) {
    const ttl = states[i]?.ttl;
    if (ttl !== undefined) next = Math.min(next, leavesAt(ttl.ttlMs, earliestOf(cell)));
  }
  return next;
}

/** The smallest time of the items of a cell. */
function earliestOf(cell: Cell): number {
  switch (cell.kind) {
    case 'single':
      return cell.item?.at ?? Infinity;
    case 'list':
      return cell.items.reduce((earliest, { at = Infinity }) => Math.min(earliest, at), Infinity);
    case 'map':
      return EntryMap.from(cell.entries).earliest;
  }
}
