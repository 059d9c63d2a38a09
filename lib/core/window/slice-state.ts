/** Panes by slice and key: the state of TUMBLE, HOP and CUMULATE. */
import type { Accumulator, Aggregate } from '../aggregates/aggregate.ts';
import { keyGroupOf, type Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import type { SlicedWindow } from '../plan.ts';
import { forEachPane, mergeInto, type Pane, type PaneColumns } from './pane.ts';
import type { SharedPanes } from './shared-panes.ts';
import { nextWindowEnd } from './slices.ts';
import type { KeyedState, StatePane } from './state.ts';

interface Slice {
  readonly panes: Map<Key, StatePane>;
  readonly dirty: Set<number>;
}

const NO_PANES: ReadonlyMap<Key, StatePane> = new Map();
const CLEAN: ReadonlySet<number> = new Set();

export class SliceState implements KeyedState {
  readonly kind = 'slices';
  readonly window: SlicedWindow;
  readonly aggregates: readonly Aggregate[];
  /** Its slices are instants, whose rows are put in order. */
  readonly inOrder: boolean;
  readonly #slices = new Map<number, Slice>();
  /** Key groups of slices that were purged: a chunk that several operators share must be written again without them. */
  readonly #purged = new Map<number, Set<number>>();
  /** What the windows that fired last had merged, for the next ones. It fits the state, or is null. */
  shared: SharedPanes | null = null;

  constructor(window: SlicedWindow, aggregates: readonly Aggregate[], inOrder = false) {
    this.window = window;
    this.aggregates = aggregates;
    this.inOrder = inOrder;
  }

  sliceEnds(): number[] {
    return [...this.#slices.keys()].sort((a, b) => a - b);
  }

  panesAt(sliceEnd: number): ReadonlyMap<Key, StatePane> {
    return this.#slices.get(sliceEnd)?.panes ?? NO_PANES;
  }

  dirtyAt(sliceEnd: number): ReadonlySet<number> {
    return this.#slices.get(sliceEnd)?.dirty ?? this.#purged.get(sliceEnd) ?? CLEAN;
  }

  /** Those of all slices, also of purged ones. */
  dirtyGroups(): ReadonlySet<number> {
    const groups = new Set<number>();
    for (const { dirty } of this.#slices.values()) for (const group of dirty) groups.add(group);
    for (const purged of this.#purged.values()) for (const group of purged) groups.add(group);
    return groups;
  }

  markClean(): void {
    for (const slice of this.#slices.values()) slice.dirty.clear();
    this.#purged.clear();
  }

  paneCount(): number {
    let n = 0;
    for (const slice of this.#slices.values()) n += slice.panes.size;
    return n;
  }

  nextWindowEnd(watermark: EventTime): EventTime | null {
    const ends = [...this.#slices.keys()].flatMap((end) => nextWindowEnd(this.window, end, watermark) ?? []);
    return ends.length === 0 ? null : eventTime(Math.min(...ends));
  }

  merge(columns: PaneColumns): void {
    if (columns.keys.length === 0) return;
    this.shared?.changed(columns.end, columns.keys);
    const slice = this.#sliceAt(columns.end);
    forEachPane(columns, this.aggregates, (key, rows, accumulators) => this.#mergePane(slice, key, rows, accumulators));
  }

  /** Puts panes into the place of those that are there. */
  replace(sliceEnd: number, panes: ReadonlyMap<Key, Pane>): void {
    if (panes.size === 0) return;
    const slice = this.#sliceAt(sliceEnd);
    for (const [key, { rows, accumulators }] of panes) {
      const group = slice.panes.get(key)?.group ?? keyGroupOf(key);
      slice.panes.set(key, { rows, accumulators, group });
      slice.dirty.add(group);
    }
  }

  restore(columns: PaneColumns): void {
    this.shared = null;
    const slice = this.#sliceAt(columns.end);
    forEachPane(columns, this.aggregates, (key, rows, accumulators) => {
      slice.panes.set(key, { rows, accumulators, group: keyGroupOf(key) });
    });
  }

  /** E6: a slice whose last window has been cleaned up leaves the state in the same step. */
  purge(sliceEnd: number): void {
    const groups = [...this.panesAt(sliceEnd).values()].map((pane) => pane.group);
    this.#purged.set(sliceEnd, new Set(groups));
    this.#slices.delete(sliceEnd);
  }

  #mergePane(slice: Slice, key: Key, rows: number, accumulators: Accumulator[]): void {
    const pane = slice.panes.get(key);
    if (pane === undefined) {
      const group = keyGroupOf(key);
      slice.panes.set(key, { rows, accumulators, group });
      slice.dirty.add(group);
      return;
    }
    mergeInto(pane, rows, accumulators, this.aggregates);
    slice.dirty.add(pane.group);
  }

  #sliceAt(sliceEnd: number): Slice {
    let slice = this.#slices.get(sliceEnd);
    if (slice === undefined) {
      slice = { panes: new Map(), dirty: new Set() };
      this.#slices.set(sliceEnd, slice);
    }
    return slice;
  }
}
