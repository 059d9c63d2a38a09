/**
 * Folding rows into sessions. A row that is late on its own may still join a session, or be the only one that is dropped, so merging
 * rows of a batch beforehand is exact only where none can be late on its own (13.2) — which a writer does not know when a partition may
 * be idle or have joined late. Only neighbours of one key with one time are merged: they share their fate.
 */
import type { Key } from '../key.ts';
import type { EventTime } from '../numbers.ts';
import type { SessionWindow } from '../plan.ts';
import type { Row } from '../types.ts';
import type { FoldSpec, WindowFold } from './fold.ts';
import { paneColumns, SESSIONS, type Pane, type PaneColumns, type Span } from './pane.ts';
import { addTo } from './slice-fold.ts';
import { wallClockOf } from './window-zone.ts';

type Item = Pane & Span;

export class SessionFold implements WindowFold {
  readonly #spec: FoldSpec;
  readonly #timeColumn: number;
  readonly #window: SessionWindow;
  readonly #items: (readonly [Key, Item])[] = [];
  readonly late = 0;
  readonly #lastOfKey = new Map<Key, Item>();

  constructor(spec: FoldSpec, window: SessionWindow, timeColumn: number) {
    this.#spec = spec;
    this.#timeColumn = timeColumn;
    this.#window = window;
  }

  add(row: Row): void {
    const t = wallClockOf(this.#window, row[this.#timeColumn] as EventTime);
    const item = this.#itemAt(this.#spec.keys.keyOf(row), t);
    item.rows++;
    addTo(item, row, this.#spec);
  }

  columns(): PaneColumns[] {
    return this.#items.length === 0 ? [] : [paneColumns(SESSIONS, this.#items, this.#spec.aggregates)];
  }

  #itemAt(key: Key, t: number): Item {
    const last = this.#lastOfKey.get(key);
    if (last?.start === t) return last;
    const item = { start: t, end: t + this.#window.gapMs, rows: 0, accumulators: this.#spec.aggregates.map((a) => a.zero) };
    this.#items.push([key, item]);
    this.#lastOfKey.set(key, item);
    return item;
  }
}
