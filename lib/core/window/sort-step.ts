/**
 * A step of ORDER BY time (Flink's RowTimeSortOperator): the rows of an instant wait until the watermark has reached it. Late is what comes behind an instant
 * whose rows have been given; what lies behind the watermark alone is given when that moves on.
 */
import { sortKeys, type Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import { MIN_WATERMARK } from '../watermark.ts';
import type { DueWindow, OperatorStep } from './operator-step.ts';
import { resultOf, type EmitResult, type StepSpec } from './pane-result.ts';
import { rowCount, type Pane, type PaneColumns } from './pane.ts';
import type { SliceState } from './slice-state.ts';
import { windowStartOf } from './slices.ts';
import { StepSlices } from './step-slices.ts';

export class SortStep implements OperatorStep {
  readonly #spec: StepSpec;
  readonly #state: SliceState;
  readonly #slices: StepSlices;
  #watermark: EventTime;
  /** End of the last slice that was given. The state remembers it as one without rows. */
  #last: number;
  readonly #given = new Map<number, readonly Key[]>();

  readonly pending = 0;

  constructor(spec: StepSpec, state: SliceState, watermark: EventTime) {
    this.#spec = spec;
    this.#state = state;
    this.#slices = new StepSlices(state);
    this.#watermark = watermark;
    this.#last = state.sliceEnds().findLast((end) => isGiven(state, end)) ?? MIN_WATERMARK;
  }

  add(section: readonly PaneColumns[]): number {
    let dropped = 0;
    for (const columns of section) {
      if (columns.end <= this.#last) dropped += rowCount(columns);
      else this.#slices.add(columns);
    }
    return dropped;
  }

  /** What has come behind the watermark counts for the next instant: nothing is given while the watermark stands. */
  due(watermark: EventTime): DueWindow[] {
    return this.#dueEnds(watermark).map((end) => ({ end: eventTime(Math.max(end, this.#watermark + 2)), rows: rowsOf(this.#slices.panesAt(end)) }));
  }

  fire(watermark: EventTime, emit: EmitResult): void {
    for (const end of this.#dueEnds(watermark)) {
      const panes = new Map(this.#slices.panesAt(end));
      const keys = sortKeys([...panes.keys()]);
      for (const key of keys) {
        const pane = panes.get(key);
        if (pane !== undefined) emit({ start: windowStartOf(this.#state.window, end), end }, key, resultOf(this.#spec, pane), null);
      }
      this.#given.set(end, keys);
      this.#slices.drop(end);
      this.#last = end;
    }
    if (watermark > this.#watermark) this.#watermark = watermark;
  }

  commit(): void {
    this.#slices.commit();
    if (this.#given.size === 0) return;
    for (const end of this.#state.sliceEnds()) if (end <= this.#last) this.#state.purge(end);
    const accumulators = this.#state.aggregates.map(({ zero }) => zero);
    this.#state.replace(this.#last, new Map((this.#given.get(this.#last) ?? []).map((key) => [key, { rows: 0, accumulators }])));
  }

  /** Ends of slices with rows that the watermark reaches on its way, ascending. */
  #dueEnds(watermark: EventTime): EventTime[] {
    if (watermark <= this.#watermark) return [];
    const ends = [...this.#slices.ends()].filter((end) => end > this.#last && end - 1 <= watermark);
    return ends.sort((a, b) => a - b).map(eventTime);
  }
}

const rowsOf = (panes: Iterable<readonly [Key, Pane]>): number => [...panes].reduce((rows, [, pane]) => rows + pane.rows, 0);

const isGiven = (state: SliceState, end: number): boolean => rowsOf(state.panesAt(end)) === 0;
