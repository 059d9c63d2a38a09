/**
 * Folding rows that lie in no window. Where every change of a result is told, each row is a pane of its own, in the order of the rows;
 * otherwise the rows of a key become one.
 */
import type { Key } from '../key.ts';
import type { Row } from '../types.ts';
import type { FoldSpec, WindowFold } from './fold.ts';
import { GROUPS, paneColumns, type Pane, type PaneColumns } from './pane.ts';
import { addTo } from './slice-fold.ts';

export class GroupFold implements WindowFold {
  readonly #spec: FoldSpec;
  readonly #panes: (readonly [Key, Pane])[] = [];
  readonly #ofKey = new Map<Key, Pane>();
  readonly late = 0;

  constructor(spec: FoldSpec) {
    this.#spec = spec;
  }

  add(row: Row): void {
    const pane = this.#paneOf(this.#spec.keys.keyOf(row));
    pane.rows++;
    addTo(pane, row, this.#spec);
  }

  columns(): PaneColumns[] {
    return this.#panes.length === 0 ? [] : [paneColumns(GROUPS, this.#panes, this.#spec.aggregates)];
  }

  #paneOf(key: Key): Pane {
    const known = this.#spec.node.changelog === true ? undefined : this.#ofKey.get(key);
    if (known !== undefined) return known;
    const pane = { rows: 0, accumulators: this.#spec.aggregates.map((a) => a.zero) };
    this.#panes.push([key, pane]);
    this.#ofKey.set(key, pane);
    return pane;
  }
}
