/**
 * The keyed state of one windowed aggregation: panes by slice and key, as the firer holds it (backend `hashmap`). It changes only by
 * `merge` and `purge`, and knows which key groups changed since they were last checkpointed.
 */
import type { Accumulator, Aggregate } from './aggregate.ts';
import { keyGroupOf, type Key } from './key.ts';
import { forEachPane, mergeInto, type Pane, type PaneColumns } from './pane.ts';

/** A pane of the state; it knows its key group, so that nothing hashes a key twice. */
export interface StatePane extends Pane {
  readonly group: number;
}

export interface SliceState {
  readonly panes: Map<Key, StatePane>;
  /** Key groups with panes that were added or changed since they were marked clean. */
  readonly dirty: Set<number>;
}

export class WindowState {
  readonly #aggregates: readonly Aggregate[];
  readonly #slices = new Map<number, SliceState>();

  constructor(aggregates: readonly Aggregate[]) {
    this.#aggregates = aggregates;
  }

  get aggregates(): readonly Aggregate[] {
    return this.#aggregates;
  }

  /** Slice ends, in time order. */
  sliceEnds(): number[] {
    return [...this.#slices.keys()].sort((a, b) => a - b);
  }

  slice(end: number): SliceState | undefined {
    return this.#slices.get(end);
  }

  paneCount(): number {
    let n = 0;
    for (const slice of this.#slices.values()) n += slice.panes.size;
    return n;
  }

  merge(columns: PaneColumns): void {
    if (columns.keys.length === 0) return;
    const slice = this.#sliceAt(columns.end);
    forEachPane(columns, this.#aggregates, (key, rows, accumulators) => this.#mergePane(slice, key, rows, accumulators));
  }

  /** Loads panes that a checkpoint already holds: they are clean. */
  restore(columns: PaneColumns): void {
    const slice = this.#sliceAt(columns.end);
    forEachPane(columns, this.#aggregates, (key, rows, accumulators) => {
      slice.panes.set(key, { rows, accumulators, group: keyGroupOf(key) });
    });
  }

  /** E6: a fired slice leaves the state in the same step. */
  purge(end: number): void {
    this.#slices.delete(end);
  }

  #mergePane(slice: SliceState, key: Key, rows: number, accumulators: Accumulator[]): void {
    const pane = slice.panes.get(key);
    if (pane === undefined) {
      const group = keyGroupOf(key);
      slice.panes.set(key, { rows, accumulators, group });
      slice.dirty.add(group);
      return;
    }
    mergeInto(pane, rows, accumulators, this.#aggregates);
    slice.dirty.add(pane.group);
  }

  #sliceAt(end: number): SliceState {
    let slice = this.#slices.get(end);
    if (slice === undefined) {
      slice = { panes: new Map(), dirty: new Set() };
      this.#slices.set(end, slice);
    }
    return slice;
  }
}
