/**
 * A step of windows that give their results with every row, `table.exec.emit.early-fire` without a delay (Flink's EventTimeTriggers with
 * ElementTriggers.every): a window has given all that it has when it ends, and late rows that are allowed change it like all others.
 */
import type { Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import { MAX_WATERMARK } from '../watermark.ts';
import type { DueWindow, OperatorStep } from './operator-step.ts';
import { absorbInto, forEachPane, ownPane, rowCount, type Pane, type PaneColumns } from './pane.ts';
import { drained, resultOf, weightOf, type EmitResult, type PaneResult, type StepSpec } from './pane-result.ts';
import type { SliceState } from './slice-state.ts';
import { cleanupTimeOf, isLate, slicesOf, windowEndsBetween, windowStartOf } from './slices.ts';

interface Change {
  readonly end: EventTime;
  readonly key: Key;
  readonly before: PaneResult | null;
  readonly after: PaneResult;
}

/** What a window has of a key in the step, and gave last. */
interface Touched {
  readonly pane: Pane;
  result: PaneResult | null;
}

export class EagerStep implements OperatorStep {
  readonly #spec: StepSpec;
  readonly #state: SliceState;
  readonly #latenessMs: number;
  #watermark: EventTime;
  /** Panes of slices with what came in for them, by the end of the slice. */
  readonly #slices = new Map<number, Map<Key, Pane>>();
  /** Of windows that the step has changed, by their end. */
  readonly #windows = new Map<number, Map<Key, Touched>>();
  /** In the order in which they happened. */
  readonly #changes: Change[] = [];

  pending = 0;

  constructor(spec: StepSpec, state: SliceState, watermark: EventTime) {
    this.#spec = spec;
    this.#state = state;
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

  /** What came in goes out with the FIRE that covers it, and cannot wait for another one. */
  due(): DueWindow[] {
    return [];
  }

  fire(watermark: EventTime, emit: EmitResult): void {
    for (const { end, key, before, after } of drained(this.#changes)) emit({ start: windowStartOf(this.#state.window, end), end }, key, after, before);
    this.pending = 0;
    this.#watermark = watermark;
  }

  commit(): void {
    for (const [end, panes] of this.#slices) this.#state.replace(end, panes);
    for (const end of this.#state.sliceEnds()) {
      if (cleanupTimeOf(this.#state.window, eventTime(end), this.#latenessMs) <= this.#watermark) this.#state.purge(end);
    }
    this.#state.shared = null;
  }

  #take(columns: PaneColumns): void {
    const { aggregates, window } = this.#state;
    const live = windowEndsBetween(window, columns.end, eventTime(this.#watermark - this.#latenessMs), MAX_WATERMARK);
    forEachPane(columns, aggregates, (key, rows, accumulators) => {
      for (const end of live) this.#change(end, key, { rows, accumulators });
      absorbInto(this.#sliceOf(columns.end, key), rows, accumulators, aggregates);
    });
  }

  #change(end: EventTime, key: Key, { rows, accumulators }: Pane): void {
    const touched = this.#touch(end, key);
    absorbInto(touched.pane, rows, accumulators, this.#state.aggregates);
    const after = resultOf(this.#spec, touched.pane);
    this.#changes.push({ end, key, before: touched.result, after });
    this.pending += weightOf(after);
    touched.result = after;
  }

  #sliceOf(end: number, key: Key): Pane {
    const panes = entryOf(this.#slices, end);
    const pane = panes.get(key) ?? ownPane(this.#state.panesAt(end).get(key) ?? null, this.#state.aggregates);
    panes.set(key, pane);
    return pane;
  }

  #touch(end: EventTime, key: Key): Touched {
    const windows = entryOf(this.#windows, end);
    const touched = windows.get(key) ?? this.#stored(end, key);
    windows.set(key, touched);
    return touched;
  }

  /** What the state has of a window for a key, in a pane of its own. */
  #stored(end: EventTime, key: Key): Touched {
    const { window, aggregates } = this.#state;
    const pane = ownPane(null, aggregates);
    for (const slice of slicesOf(window, end)) {
      const part = this.#state.panesAt(slice).get(key);
      if (part !== undefined) absorbInto(pane, part.rows, part.accumulators, aggregates);
    }
    return { pane, result: pane.rows === 0 ? null : resultOf(this.#spec, pane) };
  }
}

function entryOf<T>(maps: Map<number, Map<Key, T>>, end: number): Map<Key, T> {
  const known = maps.get(end) ?? new Map<Key, T>();
  maps.set(end, known);
  return known;
}
