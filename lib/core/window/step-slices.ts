/** The slices of a state with what a step has taken in, over the state, which it leaves as it is. */
import type { Accumulator, Aggregate } from '../aggregates/aggregate.ts';
import type { Key } from '../key.ts';
import { forEachPane, mergeInto, type Pane, type PaneColumns } from './pane.ts';
import { merged, type SlicePanes } from './shared-panes.ts';
import type { SliceState } from './slice-state.ts';

interface AddedSlice {
  readonly columns: PaneColumns[];
  /** How many of them are in `panes`. */
  merged: number;
  /** Panes of the state with what came in for them. */
  readonly panes: Map<Key, Pane>;
}

export class StepSlices implements SlicePanes {
  readonly #state: SliceState;
  readonly #aggregates: readonly Aggregate[];
  readonly #mayFail: boolean;
  readonly #added = new Map<number, AddedSlice>();

  constructor(state: SliceState) {
    this.#state = state;
    this.#aggregates = state.aggregates;
    this.#mayFail = state.aggregates.some(({ mayFail }) => mayFail === true);
  }

  add(columns: PaneColumns): void {
    const slice = this.#added.get(columns.end);
    if (slice === undefined) this.#added.set(columns.end, { columns: [columns], merged: 0, panes: new Map() });
    else slice.columns.push(columns);
    // Not only with the commit, when it would be too late to fail.
    if (this.#mayFail) this.#mergedAt(columns.end);
  }

  ends(): Set<number> {
    return new Set([...this.#state.sliceEnds(), ...this.#added.keys()]);
  }

  /** Panes at most: of one key there may be several that are not merged yet. */
  sizeAt(sliceEnd: number): number {
    const added = this.#added.get(sliceEnd)?.columns ?? [];
    return this.#state.panesAt(sliceEnd).size + added.reduce((sum, { keys }) => sum + keys.length, 0);
  }

  *panesAt(sliceEnd: number): Generator<readonly [Key, Pane]> {
    const added = this.#mergedAt(sliceEnd);
    for (const entry of this.#state.panesAt(sliceEnd)) if (added?.has(entry[0]) !== true) yield entry;
    if (added !== undefined) yield* added;
  }

  paneAt(sliceEnd: number, key: Key): Pane | undefined {
    return this.#mergedAt(sliceEnd)?.get(key) ?? this.#state.panesAt(sliceEnd).get(key);
  }

  /** Leaves what came in out of account: the slice is gone. */
  drop(sliceEnd: number): void {
    this.#added.delete(sliceEnd);
  }

  commit(): void {
    for (const [end, { columns, merged: done, panes }] of this.#added) {
      this.#state.replace(end, panes);
      for (const rest of columns.slice(done)) this.#state.merge(rest);
    }
  }

  #mergedAt(sliceEnd: number): ReadonlyMap<Key, Pane> | undefined {
    const added = this.#added.get(sliceEnd);
    if (added === undefined) return undefined;
    while (added.merged < added.columns.length) {
      const columns = added.columns[added.merged++];
      if (columns !== undefined) forEachPane(columns, this.#aggregates, (key, rows, accumulators) => this.#merge(added.panes, sliceEnd, key, rows, accumulators));
    }
    return added.panes;
  }

  #merge(panes: Map<Key, Pane>, sliceEnd: number, key: Key, rows: number, accumulators: Accumulator[]): void {
    const mine = panes.get(key);
    if (mine !== undefined) return mergeInto(mine, rows, accumulators, this.#aggregates);
    const stored = this.#state.panesAt(sliceEnd).get(key);
    panes.set(key, stored === undefined ? { rows, accumulators } : merged(key, stored, { rows, accumulators }, this.#aggregates));
  }
}
