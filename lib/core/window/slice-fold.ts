/** Folding rows into slices. */
import type { Aggregate } from '../aggregate.ts';
import type { Key } from '../key.ts';
import { eventTime } from '../numbers.ts';
import type { SlicedWindow } from '../plan.ts';
import type { Row } from '../types.ts';
import type { FoldSpec, WindowFold } from './fold.ts';
import { NO_ACCUMULATORS, paneColumns, type Pane, type PaneColumns } from './pane.ts';
import { isInSomeWindow, sliceEndOf, sliceMsOf } from './slices.ts';

export class SliceFold implements WindowFold {
  readonly #spec: FoldSpec;
  readonly #window: SlicedWindow;
  readonly #sliceMs: number;
  readonly #zeros: readonly Aggregate['zero'][];
  readonly #slices = new Map<number, Map<Key, Pane>>();
  /** The slice of the previous row: rows of one batch are mostly neighbours in time. */
  #end = Number.NEGATIVE_INFINITY;
  #start = Number.NEGATIVE_INFINITY;
  #panes = new Map<Key, Pane>();

  constructor(spec: FoldSpec, window: SlicedWindow) {
    this.#spec = spec;
    this.#window = window;
    this.#sliceMs = sliceMsOf(window);
    this.#zeros = spec.aggregates.map((a) => a.zero);
  }

  add(row: Row): void {
    const { node, keys, aggregates } = this.#spec;
    const t = row[node.timeColumn] as number;
    if (t >= this.#end || t < this.#start) this.#enter(t);
    const key = keys.keyOf(row);
    let pane = this.#panes.get(key);
    if (pane === undefined) {
      pane = { rows: 0, accumulators: aggregates.length === 0 ? NO_ACCUMULATORS : this.#zeros.slice() };
      this.#panes.set(key, pane);
    }
    pane.rows++;
    if (aggregates.length > 0) addTo(pane, row, this.#spec);
  }

  columns(): PaneColumns[] {
    const ends = [...this.#slices.keys()].filter((end) => isInSomeWindow(this.#window, eventTime(end))).sort((a, b) => a - b);
    return ends.map((end) => paneColumns(end, this.#slices.get(end) ?? [], this.#spec.aggregates));
  }

  #enter(t: number): void {
    const end = sliceEndOf(this.#window, eventTime(t));
    this.#end = end;
    this.#start = end - this.#sliceMs;
    let panes = this.#slices.get(end);
    if (panes === undefined) {
      panes = new Map();
      this.#slices.set(end, panes);
    }
    this.#panes = panes;
  }
}

/** Adds the values of a row; NULL is no value. */
export function addTo(pane: Pane, row: Row, { aggregates, arguments: columns }: FoldSpec): void {
  for (let a = 0; a < aggregates.length; a++) {
    const value = row[columns[a] ?? -1] ?? null;
    if (value !== null) pane.accumulators[a] = aggregates[a]?.add(pane.accumulators[a] ?? null, value) ?? null;
  }
}
