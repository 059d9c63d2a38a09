/** One pane per key, for all time: the state of an aggregation without a window. */
import type { Aggregate } from '../aggregates/aggregate.ts';
import { keyGroupOf, type Key } from '../key.ts';
import { absorbInto, forEachPane, GROUPS, ownPane, type Pane, type PaneColumns } from './pane.ts';
import type { KeyedState, StatePane } from './state.ts';

const CLEAN: ReadonlySet<number> = new Set();

export class GroupState implements KeyedState {
  readonly kind = 'groups';
  readonly aggregates: readonly Aggregate[];
  readonly #panes = new Map<Key, StatePane>();
  readonly #dirty = new Set<number>();

  constructor(aggregates: readonly Aggregate[]) {
    this.aggregates = aggregates;
  }

  sliceEnds(): number[] {
    return this.#panes.size === 0 ? [] : [GROUPS];
  }

  panesAt(sliceEnd: number): Iterable<readonly [Key, StatePane]> {
    return sliceEnd === GROUPS ? this.#panes : [];
  }

  dirtyAt(sliceEnd: number): ReadonlySet<number> {
    return sliceEnd === GROUPS ? this.#dirty : CLEAN;
  }

  markClean(): void {
    this.#dirty.clear();
  }

  paneCount(): number {
    return this.#panes.size;
  }

  /** Null for a key without rows. */
  paneOf(key: Key): Pane | null {
    return this.#panes.get(key) ?? null;
  }

  nextWindowEnd(): null {
    return null;
  }

  /** Replaces the pane of a key. */
  put(key: Key, { rows, accumulators }: Pane): void {
    const group = this.#panes.get(key)?.group ?? keyGroupOf(key);
    this.#dirty.add(group);
    this.#panes.set(key, { rows, accumulators, group });
  }

  merge(columns: PaneColumns): void {
    forEachPane(columns, this.aggregates, (key, rows, accumulators) => {
      const pane = ownPane(this.paneOf(key), this.aggregates);
      absorbInto(pane, rows, accumulators, this.aggregates);
      this.put(key, pane);
    });
  }

  restore(columns: PaneColumns): void {
    forEachPane(columns, this.aggregates, (key, rows, accumulators) => this.#panes.set(key, { rows, accumulators, group: keyGroupOf(key) }));
  }
}
