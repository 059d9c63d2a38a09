/**
 * The keyed state of a process function: what each key holds, and its timers, which are found by their time, too. Contents never change; a step puts new
 * ones in their place when it is committed.
 */
import { assert } from '../errors.ts';
import { KEY_GROUPS, keyGroupOf, type Key } from '../key.ts';
import { eventTime, type EventTime, type WallTime } from '../numbers.ts';
import { GROUPS, type Pane, type PaneColumns, type StoredForm } from '../window/pane.ts';
import type { KeyedState, StatePane } from '../window/state.ts';
import { isEmptyCell } from './cells.ts';
import type { Cell, KeyContents } from './contents.ts';
import type { StateDescriptor } from './descriptor.ts';
import { ExpiryIndex } from './expiry-index.ts';
import type { TimeDomain } from './keyed-function.ts';
import { cellForm, itemsOf, TIMERS_FORM } from './pane-forms.ts';
import { sizeOf, type StateSize } from './state-size.ts';
import { earliestOf, timeCount, timesWithin, type Times } from './time-tree.ts';
import { TimerQueue, type QueuedTimer } from './timer-queue.ts';
import { leavesAt, nextLeave, withoutExpired } from './ttl.ts';

const CLEAN: ReadonlySet<number> = new Set();

export class ProcessState implements KeyedState {
  readonly kind = 'process';
  /** One column per state, and one of timers. */
  readonly aggregates: readonly StoredForm[];
  readonly #forms: readonly StoredForm<Cell>[];
  readonly #descriptors: readonly StateDescriptor[];
  /** Of those that have one, by their place. */
  readonly #ttls: readonly (readonly [s: number, ttlMs: number])[];
  /** The keys of each key group. */
  readonly #groups: readonly Map<Key, KeyContents>[] = Array.from({ length: KEY_GROUPS }, () => new Map());
  readonly #expiries = new ExpiryIndex();
  /** The newest time that was loaded: a resume with `--pause-ttl` gives times by its own clock, which may be ahead of that of whoever fires. */
  #loadedUpTo = -Infinity;
  readonly #dirty = new Set<number>();
  /** The earliest timer of each key. */
  readonly #queues: Readonly<Record<TimeDomain, TimerQueue>> = {
    event: new TimerQueue((timer) => this.#isNext('event', timer)),
    processing: new TimerQueue((timer) => this.#isNext('processing', timer)),
  };

  constructor(descriptors: readonly StateDescriptor[]) {
    this.#forms = descriptors.map(({ kind, ttl }) => cellForm(kind, ttl !== undefined));
    this.aggregates = [...this.#forms, TIMERS_FORM];
    this.#descriptors = descriptors;
    this.#ttls = descriptors.flatMap(({ ttl }, s) => (ttl === undefined ? [] : [[s, ttl.ttlMs]]));
  }

  /** Null for a key that holds nothing. */
  contentsOf(key: Key): KeyContents | null {
    return this.#groupAt(keyGroupOf(key)).get(key) ?? null;
  }

  /** Replaces what a key holds; a key without anything leaves. `since`: no value of it that is new has an older time. */
  put(key: Key, contents: KeyContents, since: WallTime): void {
    const group = keyGroupOf(key);
    this.#dirty.add(group);
    const before = this.#set(group, key, contents);
    // What is new may leave before what it takes the place of.
    if (since < this.#loadedUpTo) this.#expiries.note(key, nextLeave(this.#descriptors, contents.cells));
    else this.#expire(key, before?.cells ?? [], contents.cells, since);
  }

  /** The earliest timer of a domain; null without any. */
  nextTimer(domain: TimeDomain): number | null {
    return this.#queues[domain].peek()?.time ?? null;
  }

  /** Timers of all keys. Looks at everything: for people who ask. */
  timerCount(domain: TimeDomain): number {
    let count = 0;
    for (const keys of this.#groups) for (const { timers } of keys.values()) count += timeCount(timers[domain]);
    return count;
  }

  /** The timers of a domain up to a time, and behind another one, key by key. */
  timersUpTo(domain: TimeDomain, upTo: number, after: number): QueuedTimer[] {
    const timersOf = (key: Key): QueuedTimer[] => Array.from(timesWithin(this.#timesOf(domain, key), after, upTo), (time) => ({ time, key }));
    return this.#queues[domain].upTo(upTo).flatMap(({ key }) => timersOf(key));
  }

  /**
   * Drops what leaves at `now` or before (`leavesAt`). Functions that read what has not been cleaned up can see it: whoever replays a log does it at the same
   * places. Looks only at keys of which something may leave.
   */
  cleanUp(now: WallTime): void {
    for (const key of this.#expiries.take(now)) {
      const contents = this.contentsOf(key);
      if (contents !== null) this.#cleanKey(key, contents, now);
    }
  }

  /** By the place of the state in the descriptors. Looks at everything: for people who ask. */
  sizes(): StateSize[] {
    const contents = this.#groups.flatMap((keys) => [...keys.values()]);
    return this.#forms.map((_, s) => sizeOf(contents.flatMap(({ cells }) => cells[s] ?? [])));
  }

  sliceEnds(): number[] {
    return this.paneCount() === 0 ? [] : [GROUPS];
  }

  paneCount(): number {
    return this.#groups.reduce((panes, keys) => panes + keys.size, 0);
  }

  *panesAt(sliceEnd: number): Generator<readonly [Key, StatePane]> {
    if (sliceEnd !== GROUPS) return;
    for (const [group, keys] of this.#groups.entries()) {
      for (const [key, contents] of keys) yield [key, { group, ...paneOf(contents) }];
    }
  }

  dirtyAt(sliceEnd: number): ReadonlySet<number> {
    return sliceEnd === GROUPS ? this.#dirty : CLEAN;
  }

  markClean(): void {
    this.#dirty.clear();
  }

  /** The contents of a key that is here already are replaced. */
  merge(columns: PaneColumns): void {
    this.#load(columns);
    for (const key of columns.keys) this.#dirty.add(keyGroupOf(key));
  }

  restore(columns: PaneColumns): void {
    this.#load(columns);
  }

  /** The earliest event-time timer; one that the watermark has passed fires when it moves. */
  nextWindowEnd(watermark: EventTime): EventTime | null {
    const next = this.nextTimer('event');
    return next === null ? null : eventTime(Math.max(next, watermark + 1));
  }

  #groupAt(group: number): Map<Key, KeyContents> {
    const keys = this.#groups[group];
    assert(keys, 'every key lies in a key group');
    return keys;
  }

  #timesOf(domain: TimeDomain, key: Key): Times {
    return this.contentsOf(key)?.timers[domain] ?? null;
  }

  #isNext(domain: TimeDomain, { key, time }: QueuedTimer): boolean {
    return earliestOf(this.#timesOf(domain, key)) === time;
  }

  /** Returns what was there. */
  #set(group: number, key: Key, contents: KeyContents): KeyContents | undefined {
    const keys = this.#groupAt(group);
    const before = keys.get(key);
    if (isEmpty(contents)) keys.delete(key);
    else keys.set(key, contents);
    this.#queue('event', key, before?.timers.event ?? null, contents.timers.event);
    this.#queue('processing', key, before?.timers.processing ?? null, contents.timers.processing);
    return before;
  }

  #queue(domain: TimeDomain, key: Key, before: Times, after: Times): void {
    const next = earliestOf(after);
    if (next !== null && next !== earliestOf(before)) this.#queues[domain].push({ time: next, key });
  }

  #load({ keys, accumulators }: PaneColumns): void {
    for (const [i, key] of keys.entries()) {
      const cells = this.#forms.map((form, s) => form.decode(accumulators[s]?.[i] ?? null));
      const contents = { cells, timers: TIMERS_FORM.decode(accumulators[cells.length]?.[i] ?? null) };
      this.#expiries.note(key, nextLeave(this.#descriptors, cells));
      for (const [s] of this.#ttls) this.#loadedUpTo = Math.max(this.#loadedUpTo, newestOf(cells[s]));
      this.#set(keyGroupOf(key), key, contents);
    }
  }

  /** A state that was not empty has noted its key, no later than it has to be. */
  #expire(key: Key, before: readonly Cell[], after: readonly Cell[], since: WallTime): void {
    let isNoted = false;
    let remains = false;
    for (const [s, ttlMs] of this.#ttls) {
      const [had, has] = [holds(before[s]), holds(after[s])];
      if (has && !had) this.#expiries.note(key, leavesAt(ttlMs, since));
      isNoted ||= had;
      remains ||= has;
    }
    if (isNoted && !remains) this.#expiries.forget(key);
  }

  #cleanKey(key: Key, contents: KeyContents, now: WallTime): void {
    const cells = withoutExpired(this.#descriptors, contents.cells, now);
    this.#expiries.note(key, nextLeave(this.#descriptors, cells));
    if (cells === contents.cells) return;
    const group = keyGroupOf(key);
    this.#dirty.add(group);
    this.#set(group, key, { ...contents, cells });
  }
}

/** The newest time of the items of a cell. */
function newestOf(cell: Cell | undefined): number {
  let newest = -Infinity;
  for (const { at = newest } of cell === undefined ? [] : itemsOf(cell)) newest = Math.max(newest, at);
  return newest;
}

/** A key as its columns have it. */
export const paneOf = ({ cells, timers }: KeyContents): Pane => ({ rows: 1, accumulators: [...cells, timers] });

const holds = (cell: Cell | undefined): boolean => cell !== undefined && !isEmptyCell(cell);
const isEmpty = ({ cells, timers }: KeyContents): boolean => timers.event === null && timers.processing === null && cells.every(isEmptyCell);

export const openProcessState = (descriptors: readonly StateDescriptor[]): ProcessState => new ProcessState(descriptors);
