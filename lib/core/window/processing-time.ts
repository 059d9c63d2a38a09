/**
 * Processing-time windows (protocol E9). A row has no time of its own: it gets that of the log entry it came in, which is written once
 * and so is the same in every replay (K3). The writer folds by key only; the window is assigned when the entry is taken in.
 */
import type { Key } from '../key.ts';
import { eventTime, type WallTime } from '../numbers.ts';
import type { TimeWindow } from '../plan.ts';
import type { Row } from '../types.ts';
import type { FoldSpec, WindowFold } from './fold.ts';
import { paneColumns, SESSIONS, type Pane, type PaneColumns } from './pane.ts';
import { addTo } from './slice-fold.ts';
import { isLate, sliceEndOf } from './slices.ts';
import { timerOf, wallClockOf } from './window-zone.ts';

/** The "slice end" of rows that no window has been assigned to. */
const UNASSIGNED = Number.MIN_SAFE_INTEGER;

export class ProcessingTimeFold implements WindowFold {
  readonly #spec: FoldSpec;
  readonly #panes = new Map<Key, Pane>();
  readonly late = 0;

  constructor(spec: FoldSpec) {
    this.#spec = spec;
  }

  add(row: Row): void {
    const key = this.#spec.keys.keyOf(row);
    let pane = this.#panes.get(key);
    if (pane === undefined) {
      pane = { rows: 0, accumulators: this.#spec.aggregates.map((a) => a.zero) };
      this.#panes.set(key, pane);
    }
    pane.rows++;
    addTo(pane, row, this.#spec);
  }

  columns(): PaneColumns[] {
    return this.#panes.size === 0 ? [] : [paneColumns(UNASSIGNED, this.#panes, this.#spec.aggregates)];
  }
}

/**
 * The columns in the window of `at`, when their entry was written; where that has fired, in the window of `procTime`, up to which windows
 * have fired: a row is never late.
 */
export function assignProcessingTime(window: TimeWindow, columns: PaneColumns, at: WallTime, procTime: WallTime): PaneColumns {
  const [then, now] = [wallClockOf(window, eventTime(at)), wallClockOf(window, eventTime(procTime + 1))];
  if (window.kind === 'session') {
    const start = timerOf(window, then + window.gapMs) > procTime ? then : now;
    return { ...columns, end: SESSIONS, spans: columns.keys.map(() => [start, start + window.gapMs]) };
  }
  const end = sliceEndOf(window, then);
  return { ...columns, end: isLate(window, end, eventTime(procTime)) ? sliceEndOf(window, now) : end };
}
