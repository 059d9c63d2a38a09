/** A step of TUMBLE, HOP and CUMULATE (protocol E2-E4, E6). Rows stay in the columns they came in until their window fires. */
import { sortKeys, type Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import type { DueWindow, EmitPane, OperatorStep } from './operator-step.ts';
import { forEachPane, mergeInto, rowCount, type Pane, type PaneColumns } from './pane.ts';
import type { SliceState } from './slice-state.ts';
import { cleanupTimeOf, isLate, slicesOf, windowEndsBetween, windowStartOf } from './slices.ts';

export class SliceStep implements OperatorStep {
  readonly #state: SliceState;
  readonly #latenessMs: number;
  #watermark: EventTime;
  /** Columns taken in, by slice end. */
  readonly #added = new Map<number, PaneColumns[]>();
  /** Slices that leave the state with this step. */
  readonly #purged = new Set<number>();
  /** Keys with late rows, by the end of a window that has fired and still lives. */
  readonly #updated = new Map<number, Set<Key>>();

  constructor(state: SliceState, watermark: EventTime, latenessMs: number) {
    this.#state = state;
    this.#watermark = watermark;
    this.#latenessMs = latenessMs;
  }

  add(section: readonly PaneColumns[]): number {
    let dropped = 0;
    for (const columns of section) {
      if (isLate(this.#state.window, eventTime(columns.end), this.#watermark, this.#latenessMs)) dropped += rowCount(columns);
      else this.#take(columns);
    }
    return dropped;
  }

  due(watermark: EventTime): DueWindow[] {
    return this.#dueEnds(watermark).map((end) => ({ end, rows: this.#rowsAtMost(end) }));
  }

  fire(watermark: EventTime, emit: EmitPane): void {
    const due = new Set<number>(this.#dueEnds(watermark));
    for (const end of [...new Set([...due, ...this.#updated.keys()])].sort((a, b) => a - b)) {
      const keys = due.has(end) ? null : (this.#updated.get(end) ?? null);
      this.#emitWindow(eventTime(end), keys, emit);
    }
    this.#updated.clear();
    this.#watermark = watermark;
    this.#purgeCleanedUp();
  }

  commit(): void {
    for (const columns of [...this.#added.values()].flat()) this.#state.merge(columns);
    for (const end of this.#purged) this.#state.purge(end);
  }

  #take(columns: PaneColumns): void {
    if (columns.keys.length === 0) return;
    const others = this.#added.get(columns.end);
    if (others === undefined) this.#added.set(columns.end, [columns]);
    else others.push(columns);
    if (this.#latenessMs > 0) this.#markUpdated(columns);
  }

  /** Windows that have fired but not been cleaned up get an updated row for these keys. */
  #markUpdated(columns: PaneColumns): void {
    const cleanedUp = eventTime(this.#watermark - this.#latenessMs);
    for (const end of windowEndsBetween(this.#state.window, columns.end, cleanedUp, this.#watermark)) {
      const keys = this.#updated.get(end) ?? new Set();
      for (const key of columns.keys) keys.add(key);
      this.#updated.set(end, keys);
    }
  }

  #sliceEnds(): number[] {
    const ends = new Set([...this.#state.sliceEnds(), ...this.#added.keys()]);
    return [...ends].filter((end) => !this.#purged.has(end));
  }

  /** Ends of windows with a pane that fire on the way to `watermark`, ascending. */
  #dueEnds(watermark: EventTime): EventTime[] {
    const ends = new Set<EventTime>();
    for (const slice of this.#sliceEnds()) {
      for (const end of windowEndsBetween(this.#state.window, slice, this.#watermark, watermark)) ends.add(end);
    }
    return [...ends].sort((a, b) => a - b);
  }

  #rowsAtMost(windowEnd: EventTime): number {
    let rows = 0;
    for (const slice of slicesOf(this.#state.window, windowEnd)) {
      rows += this.#state.panesAt(slice).size;
      for (const columns of this.#added.get(slice) ?? []) rows += columns.keys.length;
    }
    return rows;
  }

  /** One row per key of the window, or for `only` these keys. */
  #emitWindow(end: EventTime, only: ReadonlySet<Key> | null, emit: EmitPane): void {
    const { window } = this.#state;
    const slices = slicesOf(window, end).filter((slice) => !this.#purged.has(slice));
    const panes = this.#merged(slices, true);
    const before = only === null ? null : this.#merged(slices, false);
    const span = { start: windowStartOf(window, end), end };
    for (const key of sortKeys([...panes.keys()])) {
      const pane = panes.get(key);
      if (pane !== undefined && (only === null || only.has(key))) emit(span, key, pane, before?.get(key) ?? null);
    }
  }

  /** The panes of some slices by key, `withAdded` those of this step included; neither the state nor what was added is touched. */
  #merged(slices: readonly number[], withAdded: boolean): Map<Key, Pane> {
    const { aggregates } = this.#state;
    const panes = new Map<Key, Pane>();
    const own = new Set<Key>();
    const merge = (key: Key, rows: number, accumulators: Pane['accumulators']): void => {
      const pane = panes.get(key);
      if (pane === undefined) {
        panes.set(key, { rows, accumulators });
        return;
      }
      const mine = own.has(key) ? pane : { rows: pane.rows, accumulators: pane.accumulators.slice() };
      mergeInto(mine, rows, accumulators, aggregates);
      panes.set(key, mine);
      own.add(key);
    };
    for (const slice of slices) {
      if (panes.size === 0) for (const [key, pane] of this.#state.panesAt(slice)) panes.set(key, pane);
      else for (const [key, pane] of this.#state.panesAt(slice)) merge(key, pane.rows, pane.accumulators);
      if (withAdded) for (const columns of this.#added.get(slice) ?? []) forEachPane(columns, aggregates, merge);
    }
    return panes;
  }

  /** E6. */
  #purgeCleanedUp(): void {
    for (const end of this.#sliceEnds()) {
      if (cleanupTimeOf(this.#state.window, eventTime(end), this.#latenessMs) > this.#watermark) continue;
      this.#purged.add(end);
      this.#added.delete(end);
    }
  }
}
