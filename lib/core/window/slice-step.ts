/** A step of TUMBLE, HOP and CUMULATE (protocol E2-E4, E6). Rows stay in the columns they came in until their window fires. */
import { sortKeys, type Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import type { DueWindow, OperatorStep } from './operator-step.ts';
import { rowCount, type Pane, type PaneColumns } from './pane.ts';
import { resultOf, type EmitResult, type PaneResult, type StepSpec } from './pane-result.ts';
import { isShared, mergedPanes, ofKey, SharedPanes, type SlicePanes } from './shared-panes.ts';
import type { SliceState } from './slice-state.ts';
import { cleanupTimeOf, isLate, slicesOf, windowEndsBetween, windowStartOf } from './slices.ts';
import { StepSlices } from './step-slices.ts';

export class SliceStep implements OperatorStep {
  readonly #spec: StepSpec;
  readonly #state: SliceState;
  readonly #latenessMs: number;
  #watermark: EventTime;
  readonly #slices: StepSlices;
  /** Taken from the state by the first window that fires; a step that is thrown away takes it along. */
  #shared: SharedPanes | null = null;
  /** What came for slices that windows have fired with. */
  readonly #changed: PaneColumns[] = [];
  /** Slices that leave the state with this step. */
  readonly #purged = new Set<number>();
  /** Keys with late rows, by the end of a window that has fired and still lives. */
  readonly #updated = new Map<number, Set<Key>>();
  /** What windows that may fire again have given in this step, by their end. */
  readonly #given = new Map<number, Map<Key, PaneResult>>();

  constructor(spec: StepSpec, state: SliceState, watermark: EventTime) {
    this.#spec = spec;
    this.#state = state;
    this.#slices = new StepSlices(state);
    this.#watermark = watermark;
    this.#latenessMs = spec.node.allowedLatenessMs ?? 0;
  }

  add(section: readonly PaneColumns[]): number {
    let dropped = 0;
    for (const columns of section) {
      if (isLate(this.#state.window, eventTime(columns.end), this.#watermark, this.#latenessMs)) dropped += rowCount(columns);
      else this.#take(columns);
    }
    return dropped;
  }

  get pending(): number {
    let rows = 0;
    for (const keys of this.#updated.values()) rows += keys.size;
    return rows;
  }

  due(watermark: EventTime): DueWindow[] {
    return this.#dueEnds(watermark).map((end) => ({ end, rows: this.#rowsAtMost(end) }));
  }

  fire(watermark: EventTime, emit: EmitResult): void {
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
    const shared = this.#shared ?? this.#takeShared();
    this.#slices.commit();
    for (const end of this.#purged) this.#state.purge(end);
    this.#state.shared = shared;
  }

  #take(columns: PaneColumns): void {
    if (columns.keys.length === 0) return;
    this.#slices.add(columns);
    if (this.#shared !== null) this.#shared.changed(columns.end, columns.keys);
    else if (this.#state.shared?.covers(columns.end) === true) this.#changed.push(columns);
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
    return [...this.#slices.ends()].filter((end) => !this.#purged.has(end));
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
    return slicesOf(this.#state.window, windowEnd).reduce((rows, slice) => rows + this.#slices.sizeAt(slice), 0);
  }

  /** One row per key of the window, or for `only` these keys. */
  #emitWindow(end: EventTime, only: ReadonlySet<Key> | null, emit: EmitResult): void {
    const span = { start: windowStartOf(this.#state.window, end), end };
    if (only !== null) return this.#emitAgain(span, only, emit);
    const panes = this.#panesOf(end);
    for (const key of sortKeys([...panes.keys()])) {
      const pane = panes.get(key);
      if (pane !== undefined) emit(span, key, this.#give(end, key, pane), null);
    }
  }

  /** The result, remembered where it may change. */
  #give(end: EventTime, key: Key, pane: Pane): PaneResult {
    const result = resultOf(this.#spec, pane);
    if (this.#latenessMs === 0) return result;
    const given = this.#given.get(end) ?? new Map<Key, PaneResult>();
    this.#given.set(end, given.set(key, result));
    return result;
  }

  #emitAgain(span: { readonly start: number; readonly end: EventTime }, keys: ReadonlySet<Key>, emit: EmitResult): void {
    const before: SlicePanes = { panesAt: (slice) => this.#state.panesAt(slice), paneAt: (slice, key) => this.#state.panesAt(slice).get(key) };
    for (const key of sortKeys([...keys])) {
      const pane = this.#paneOf(span.end, key, this.#slices);
      const last = this.#given.get(span.end)?.get(key) ?? this.#resultOf(span.end, key, before);
      if (pane !== undefined) emit(span, key, this.#give(span.end, key, pane), last);
    }
  }

  #resultOf(end: EventTime, key: Key, slices: SlicePanes): PaneResult | null {
    const pane = this.#paneOf(end, key, slices);
    return pane === undefined ? null : resultOf(this.#spec, pane);
  }

  #paneOf(end: EventTime, key: Key, slices: SlicePanes): Pane | undefined {
    const { window, aggregates } = this.#state;
    return mergedPanes(window, end, ofKey(slices, key), aggregates).get(key);
  }

  #panesOf(end: EventTime): ReadonlyMap<Key, Pane> {
    const { window, aggregates } = this.#state;
    if (!isShared(window)) return mergedPanes(window, end, this.#slices, aggregates);
    this.#shared ??= this.#takeShared() ?? new SharedPanes(window, aggregates);
    return this.#shared.panesOf(end, this.#slices);
  }

  #takeShared(): SharedPanes | null {
    const { shared } = this.#state;
    this.#state.shared = null;
    for (const { end, keys } of this.#changed.splice(0)) shared?.changed(end, keys);
    return shared;
  }

  /** E6. */
  #purgeCleanedUp(): void {
    for (const end of this.#sliceEnds()) {
      if (cleanupTimeOf(this.#state.window, eventTime(end), this.#latenessMs) > this.#watermark) continue;
      this.#purged.add(end);
      this.#slices.drop(end);
    }
  }
}
