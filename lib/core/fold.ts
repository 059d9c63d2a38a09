/** Folding the rows of one batch into partial aggregates: the writer's part of a windowed aggregation, once per record. */
import type { Aggregate } from './aggregate.ts';
import type { Key, KeyCodec } from './key.ts';
import { eventTime } from './numbers.ts';
import { NO_ACCUMULATORS, paneColumns, type Pane, type PaneColumns } from './pane.ts';
import type { WindowAggregateNode } from './plan.ts';
import type { Row, Value } from './types.ts';
import { sliceEndOf } from './window.ts';

export interface FoldSpec {
  readonly node: WindowAggregateNode;
  readonly keys: KeyCodec;
  readonly aggregates: readonly Aggregate[];
  /** Input column of aggregate i. */
  readonly arguments: readonly number[];
}

export class WindowFold {
  readonly #spec: FoldSpec;
  readonly #zeros: readonly Aggregate['zero'][];
  readonly #slices = new Map<number, Map<Key, Pane>>();
  /** The slice of the previous row: rows of one batch are mostly neighbours in time. */
  #end = Number.NEGATIVE_INFINITY;
  #start = Number.NEGATIVE_INFINITY;
  #panes = new Map<Key, Pane>();

  constructor(spec: FoldSpec) {
    this.#spec = spec;
    this.#zeros = spec.aggregates.map((a) => a.zero);
  }

  /** The row may be reused by the caller afterwards. Its time column is not null. */
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
    if (aggregates.length > 0) this.#addTo(pane, row);
  }

  /** What was folded, one set of columns per slice, slices in time order. */
  columns(): PaneColumns[] {
    const ends = [...this.#slices.keys()].sort((a, b) => a - b);
    return ends.map((end) => paneColumns(end, this.#slices.get(end) ?? [], this.#spec.aggregates));
  }

  #enter(t: number): void {
    const end = sliceEndOf(this.#spec.node.window, eventTime(t));
    this.#end = end;
    this.#start = end - this.#spec.node.window.sizeMs;
    let panes = this.#slices.get(end);
    if (panes === undefined) {
      panes = new Map();
      this.#slices.set(end, panes);
    }
    this.#panes = panes;
  }

  #addTo(pane: Pane, row: Row): void {
    const { aggregates, arguments: columns } = this.#spec;
    for (let a = 0; a < aggregates.length; a++) {
      const value: Value = row[columns[a] ?? -1] ?? null;
      if (value !== null) pane.accumulators[a] = aggregates[a]?.add(pane.accumulators[a] ?? null, value) ?? null;
    }
  }
}
