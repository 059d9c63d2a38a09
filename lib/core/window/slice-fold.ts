/** Folding rows into slices. */
import type { Accumulator, Aggregate } from '../aggregates/aggregate.ts';
import type { Feed } from '../aggregates/states.ts';
import type { Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import type { SlicedWindow } from '../plan.ts';
import type { Row } from '../types.ts';
import type { FoldSpec, WindowFold } from './fold.ts';
import { NO_ACCUMULATORS, paneColumns, type Pane, type PaneColumns } from './pane.ts';
import type { TimeZone } from '../time/zone.ts';
import { isInSomeWindow, isLate, sliceEndOf, sliceMsOf } from './slices.ts';
import { zoneOfWindow } from './window-zone.ts';

export class SliceFold implements WindowFold {
  readonly #spec: FoldSpec;
  readonly #window: SlicedWindow;
  readonly #timeColumn: number;
  readonly #zone: TimeZone | null;
  readonly #sliceMs: number;
  readonly #zeros: readonly Accumulator[];
  readonly #slices = new Map<number, Map<Key, Pane>>();
  /** The slice of the previous row: rows of one batch are mostly neighbours in time. */
  #end = Number.NEGATIVE_INFINITY;
  #start = Number.NEGATIVE_INFINITY;
  /** null: its rows are late. */
  #panes: Map<Key, Pane> | null = null;
  readonly #fired: EventTime;
  #late = 0;

  constructor(spec: FoldSpec, window: SlicedWindow, timeColumn: number, fired: EventTime) {
    this.#spec = spec;
    this.#timeColumn = timeColumn;
    this.#window = window;
    this.#zone = zoneOfWindow(window);
    this.#sliceMs = sliceMsOf(window);
    this.#fired = fired;
    this.#zeros = spec.aggregates.map((a) => a.zero);
  }

  add(row: Row): void {
    const { keys, aggregates } = this.#spec;
    let t = row[this.#timeColumn] as number;
    if (this.#zone !== null) t += this.#zone.offsetAt(t);
    if (t >= this.#end || t < this.#start) this.#enter(t);
    const panes = this.#panes;
    if (panes === null) {
      this.#late++;
      return;
    }
    const key = keys.keyOf(row);
    let pane = panes.get(key);
    if (pane === undefined) {
      pane = { rows: 0, accumulators: aggregates.length === 0 ? NO_ACCUMULATORS : this.#zeros.slice() };
      panes.set(key, pane);
    }
    pane.rows++;
    if (aggregates.length > 0) addTo(pane, row, this.#spec);
  }

  get late(): number {
    return this.#late;
  }

  columns(): PaneColumns[] {
    const ends = [...this.#slices.keys()].filter((end) => isInSomeWindow(this.#window, eventTime(end))).sort((a, b) => a - b);
    return ends.map((end) => paneColumns(end, this.#slices.get(end) ?? [], this.#spec.aggregates));
  }

  #enter(t: number): void {
    const end = sliceEndOf(this.#window, eventTime(t));
    this.#end = end;
    this.#start = end - this.#sliceMs;
    const isCounted = isInSomeWindow(this.#window, end) && isLate(this.#window, end, this.#fired, this.#spec.node.allowedLatenessMs);
    this.#panes = isCounted ? null : this.#panesAt(end);
  }

  #panesAt(end: number): Map<Key, Pane> {
    let panes = this.#slices.get(end);
    if (panes === undefined) {
      panes = new Map();
      this.#slices.set(end, panes);
    }
    return panes;
  }
}

/** Adds the values of a row; NULL is no value. */
export function addTo(pane: Pane, row: Row, { aggregates, arguments: columns, feeds }: FoldSpec): void {
  if (feeds !== undefined) return addFed(pane, row, aggregates, feeds);
  for (let a = 0; a < aggregates.length; a++) {
    const value = row[columns[a] ?? -1] ?? null;
    if (value !== null) pane.accumulators[a] = aggregates[a]?.add(pane.accumulators[a], value);
  }
}

function addFed(pane: Pane, row: Row, aggregates: readonly Aggregate[], feeds: readonly Feed[]): void {
  for (let a = 0; a < aggregates.length; a++) {
    const value = feeds[a]?.(row);
    if (value !== undefined) pane.accumulators[a] = aggregates[a]?.add(pane.accumulators[a], value);
  }
}
