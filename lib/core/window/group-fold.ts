/**
 * Folding rows that lie in no window. Where every change of a result is told, or rows are counted, each row is a pane of its own, in the order of the rows;
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
  readonly #keepsRows: boolean;
  /** More rows than this no LIMIT takes of one batch. */
  readonly #rowsMax: number;
  readonly late = 0;

  constructor(spec: FoldSpec) {
    this.#spec = spec;
    const { changelog, limit } = spec.node;
    this.#keepsRows = changelog === true || limit !== undefined;
    this.#rowsMax = limit === undefined ? Number.POSITIVE_INFINITY : limit.offset + limit.count;
  }

  add(row: Row): void {
    if (this.#panes.length === this.#rowsMax) return;
    const pane = this.#paneOf(this.#spec.keys.keyOf(row));
    pane.rows++;
    addTo(pane, row, this.#spec);
  }

  columns(): PaneColumns[] {
    return this.#panes.length === 0 ? [] : [paneColumns(GROUPS, this.#panes, this.#spec.aggregates)];
  }

  #paneOf(key: Key): Pane {
    const known = this.#keepsRows ? undefined : this.#ofKey.get(key);
    if (known !== undefined) return known;
    const pane = { rows: 0, accumulators: this.#spec.aggregates.map((a) => a.zero) };
    this.#panes.push([key, pane]);
    this.#ofKey.set(key, pane);
    return pane;
  }
}
