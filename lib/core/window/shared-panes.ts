/**
 * Windows that share slices, without merging every slice again for every window. What is merged of HOP is cut at the multiples of its size:
 * a window is what lies behind such a boundary, which grows slice by slice, and what lies before it, of which there is a sum from every
 * slice to the boundary. A CUMULATE only grows. So a row costs one merge for each slice it stands in, and one or none per result.
 *
 * How panes are grouped follows from the window alone, so that sums of DOUBLE, too, do not depend on what is kept here, which is in no
 * checkpoint. Slices are merged in Flink's order: those of HOP from the newest to the oldest, those of CUMULATE and of legacy HOP windows
 * from the oldest.
 */
import type { Accumulator, Aggregate } from '../aggregates/aggregate.ts';
import { withKey } from '../aggregates/failed-aggregate.ts';
import type { Key } from '../key.ts';
import type { EventTime } from '../numbers.ts';
import type { SlicedWindow } from '../plan.ts';
import { NO_ACCUMULATORS, type Pane } from './pane.ts';
import { sliceMsOf, slicesOf, windowStartOf } from './slices.ts';

/** The panes of all slices, by slice end. */
export interface SlicePanes {
  panesAt(sliceEnd: number): Iterable<readonly [Key, Pane]>;
  paneAt(sliceEnd: number, key: Key): Pane | undefined;
}

/** So few slices are merged at once: they take no more merges than their sharing would. */
const FEW_SLICES = 4;

/** Of panes of a key. */
export function merged(key: Key, a: Pane, b: Pane, aggregates: readonly Aggregate[]): Pane {
  return { rows: a.rows + b.rows, accumulators: aggregates.length === 0 ? NO_ACCUMULATORS : mergedAccumulators(key, a, b, aggregates) };
}

function mergedAccumulators(key: Key, a: Pane, b: Pane, aggregates: readonly Aggregate[]): Accumulator[] {
  const all: Accumulator[] = [];
  try {
    for (let i = 0; i < aggregates.length; i++) all.push(aggregates[i]?.merge(a.accumulators[i], b.accumulators[i]));
  } catch (error) {
    throw withKey(error, key);
  }
  return all;
}

/** Where a window is cut: its slices behind the boundary, which end above it, are merged apart from those before it. */
function boundaryOf(window: SlicedWindow, end: EventTime): number {
  const start = windowStartOf(window, end);
  if (window.kind !== 'hop' || !isShared(window)) return start;
  const into = (end - 1 - window.offsetMs) % window.sizeMs;
  return Math.max(start, end - 1 - (into < 0 ? into + window.sizeMs : into));
}

/** Whether its windows are merged with the help of `SharedPanes`. */
export function isShared(window: SlicedWindow): boolean {
  if (window.kind === 'cumulate') return true;
  return window.kind === 'hop' && sliceMsOf(window) === window.slideMs && window.sizeMs / window.slideMs > FEW_SLICES;
}

const isOldestFirst = (window: SlicedWindow): boolean => window.kind === 'cumulate' || (window.kind === 'hop' && window.oldestFirst === true);

/** What a key has from the slice that ends at `end` up to the boundary. */
interface Suffix {
  readonly end: number;
  readonly pane: Pane;
  readonly next: Suffix | null;
}

export class SharedPanes {
  readonly #window: SlicedWindow;
  readonly #aggregates: readonly Aggregate[];
  readonly #sliceMs: number;
  /** Of the window that was asked for last: its start, its boundary and its end. */
  #start = Number.NaN;
  #boundary = Number.NaN;
  #end = Number.NaN;
  readonly #before = new Map<Key, Suffix>();
  readonly #behind = new Map<Key, Pane>();
  /** Keys with rows that came behind the windows they are in. */
  readonly #stale = new Set<Key>();

  constructor(window: SlicedWindow, aggregates: readonly Aggregate[]) {
    this.#window = window;
    this.#aggregates = aggregates;
    this.#sliceMs = sliceMsOf(window);
  }

  /** Says that a slice has changed for these keys. */
  changed(sliceEnd: number, keys: readonly Key[]): void {
    if (this.covers(sliceEnd)) for (const key of keys) this.#stale.add(key);
  }

  covers(sliceEnd: number): boolean {
    return sliceEnd > this.#start && sliceEnd <= this.#end;
  }

  /** The panes of a window by key; windows are asked for in the order of their ends. */
  panesOf(end: EventTime, slices: SlicePanes): Map<Key, Pane> {
    this.#advance(end, slices);
    for (const key of this.#stale) this.#mergeAgain(key, slices);
    this.#stale.clear();
    const panes = new Map<Key, Pane>();
    for (const [key, suffix] of this.#before) {
      const live = this.#live(suffix);
      if (live === null) this.#before.delete(key);
      else panes.set(key, live.pane);
      if (live !== null && live !== suffix) this.#before.set(key, live);
    }
    for (const [key, pane] of this.#behind) panes.set(key, this.#joined(key, pane, panes.get(key)));
    return panes;
  }

  #joined(key: Key, behind: Pane, before: Pane | undefined): Pane {
    return before === undefined ? behind : this.#inOrder(key, before, behind);
  }

  /** The suffix without the slices that have left the window. */
  #live(suffix: Suffix): Suffix | null {
    let live: Suffix | null = suffix;
    while (live !== null && live.end <= this.#start) live = live.next;
    return live;
  }

  #advance(end: EventTime, slices: SlicePanes): void {
    const boundary = boundaryOf(this.#window, end);
    this.#start = windowStartOf(this.#window, end);
    if (boundary !== this.#boundary || end < this.#end) this.#cut(boundary, slices);
    for (let slice = this.#end + this.#sliceMs; slice <= end; slice += this.#sliceMs) {
      for (const [key, pane] of slices.panesAt(slice)) this.#behind.set(key, this.#grown(key, this.#behind.get(key), pane));
    }
    this.#end = end;
  }

  /** Begins anew at a boundary. */
  #cut(boundary: number, slices: SlicePanes): void {
    this.#boundary = boundary;
    this.#end = boundary;
    this.#before.clear();
    this.#behind.clear();
    this.#stale.clear();
    for (let slice = boundary; slice > this.#start; slice -= this.#sliceMs) {
      for (const [key, pane] of slices.panesAt(slice)) this.#before.set(key, this.#longer(key, this.#before.get(key) ?? null, slice, pane));
    }
  }

  #longer(key: Key, next: Suffix | null, end: number, pane: Pane): Suffix {
    return { end, pane: next === null ? pane : this.#inOrder(key, pane, next.pane), next };
  }

  #grown(key: Key, behind: Pane | undefined, pane: Pane): Pane {
    return behind === undefined ? pane : this.#inOrder(key, behind, pane);
  }

  #inOrder(key: Key, older: Pane, newer: Pane): Pane {
    return isOldestFirst(this.#window) ? merged(key, older, newer, this.#aggregates) : merged(key, newer, older, this.#aggregates);
  }

  #mergeAgain(key: Key, slices: SlicePanes): void {
    let suffix: Suffix | null = null;
    for (let slice = this.#boundary; slice > this.#start; slice -= this.#sliceMs) {
      const pane = slices.paneAt(slice, key);
      if (pane !== undefined) suffix = this.#longer(key, suffix, slice, pane);
    }
    if (suffix === null) this.#before.delete(key);
    else this.#before.set(key, suffix);
    this.#behind.delete(key);
    for (let slice = this.#boundary + this.#sliceMs; slice <= this.#end; slice += this.#sliceMs) {
      const pane = slices.paneAt(slice, key);
      if (pane !== undefined) this.#behind.set(key, this.#grown(key, this.#behind.get(key), pane));
    }
  }
}

/** The panes of a window by key, merged from its slices alone: in one go, or as `SharedPanes` does where the windows share it. */
export function mergedPanes(window: SlicedWindow, end: EventTime, slices: SlicePanes, aggregates: readonly Aggregate[]): ReadonlyMap<Key, Pane> {
  if (isShared(window)) return new SharedPanes(window, aggregates).panesOf(end, slices);
  const panes = new Map<Key, Pane>();
  const ends = slicesOf(window, end);
  for (const slice of isOldestFirst(window) ? ends : ends.reverse()) {
    for (const [key, pane] of slices.panesAt(slice)) {
      const others = panes.get(key);
      panes.set(key, others === undefined ? pane : merged(key, others, pane, aggregates));
    }
  }
  return panes;
}

/** The panes of one key. */
export function ofKey(slices: SlicePanes, key: Key): SlicePanes {
  const panesAt = (slice: number): (readonly [Key, Pane])[] => {
    const pane = slices.paneAt(slice, key);
    return pane === undefined ? [] : [[key, pane]];
  };
  return { panesAt, paneAt: (slice) => slices.paneAt(slice, key) };
}
