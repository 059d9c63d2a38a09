/**
 * A step of windows that give their results with every row, `table.exec.emit.early-fire` without a delay (Flink's EventTimeTriggers with
 * ElementTriggers.every): a window has given all that it has when it ends, and late rows that are allowed change it like all others.
 */
import type { Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import { MAX_WATERMARK } from '../watermark.ts';
import { merged } from './group-state.ts';
import type { DueWindow, EmitPane, OperatorStep } from './operator-step.ts';
import { forEachPane, rowCount, type Pane, type PaneColumns } from './pane.ts';
import type { SliceState } from './slice-state.ts';
import { cleanupTimeOf, isLate, slicesOf, windowEndsBetween, windowStartOf } from './slices.ts';

interface Change {
  readonly end: EventTime;
  readonly key: Key;
  readonly before: Pane | null;
  readonly after: Pane;
}

export class EagerStep implements OperatorStep {
  readonly #state: SliceState;
  readonly #latenessMs: number;
  #watermark: EventTime;
  readonly #added: PaneColumns[] = [];
  /** Of windows that the step has changed, by their end. */
  readonly #panes = new Map<number, Map<Key, Pane>>();
  /** In the order in which they happened. */
  #changes: Change[] = [];

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

  /** What came in goes out with the FIRE that covers it, and cannot wait for another one. */
  due(): DueWindow[] {
    return [];
  }

  fire(watermark: EventTime, emit: EmitPane): void {
    for (const { end, key, before, after } of this.#changes) emit({ start: windowStartOf(this.#state.window, end), end }, key, after, before);
    this.#changes = [];
    this.#watermark = watermark;
  }

  commit(): void {
    for (const columns of this.#added) this.#state.merge(columns);
    for (const end of this.#state.sliceEnds()) {
      if (cleanupTimeOf(this.#state.window, eventTime(end), this.#latenessMs) <= this.#watermark) this.#state.purge(end);
    }
    this.#state.shared = null;
  }

  #take(columns: PaneColumns): void {
    this.#added.push(columns);
    const live = windowEndsBetween(this.#state.window, columns.end, eventTime(this.#watermark - this.#latenessMs), MAX_WATERMARK);
    forEachPane(columns, this.#state.aggregates, (key, rows, accumulators) => {
      for (const end of live) {
        const before = this.#paneOf(end, key);
        const after = merged(before, rows, accumulators, this.#state.aggregates);
        this.#panesOf(end).set(key, after);
        this.#changes.push({ end, key, before, after });
      }
    });
  }

  #panesOf(end: EventTime): Map<Key, Pane> {
    const known = this.#panes.get(end) ?? new Map<Key, Pane>();
    this.#panes.set(end, known);
    return known;
  }

  /** What the window has of a key so far; null: nothing. */
  #paneOf(end: EventTime, key: Key): Pane | null {
    const known = this.#panesOf(end).get(key);
    if (known !== undefined) return known;
    let pane: Pane | null = null;
    for (const slice of slicesOf(this.#state.window, end)) {
      const part = this.#state.panesAt(slice).get(key);
      if (part !== undefined) pane = merged(pane, part.rows, part.accumulators, this.#state.aggregates);
    }
    return pane;
  }
}
