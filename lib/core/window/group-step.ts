/** A step of an aggregation without a window (Flink's GroupAggFunction): every pane that comes in changes the result of its key. */
import type { Key } from '../key.ts';
import type { DueWindow, EmitPane, OperatorStep } from './operator-step.ts';
import { merged, type GroupState } from './group-state.ts';
import { forEachPane, type Pane, type PaneColumns, type Span } from './pane.ts';

/** No window has these bounds, and no row shows them. */
const ALL_TIME: Span = { start: 0, end: 0 };

export class GroupStep implements OperatorStep {
  readonly #state: GroupState;
  readonly #touched = new Map<Key, Pane>();
  /** In the order in which they happened. */
  #changes: { readonly key: Key; readonly before: Pane | null; readonly after: Pane }[] = [];

  constructor(state: GroupState) {
    this.#state = state;
  }

  /** Nothing is ever late. */
  add(section: readonly PaneColumns[]): number {
    for (const columns of section) {
      forEachPane(columns, this.#state.aggregates, (key, rows, accumulators) => {
        const before = this.#touched.get(key) ?? this.#state.paneOf(key);
        const after = merged(before, rows, accumulators, this.#state.aggregates);
        this.#touched.set(key, after);
        this.#changes.push({ key, before, after });
      });
    }
    return 0;
  }

  /** What came in goes out with the FIRE that covers it, and cannot wait for another one. */
  due(): DueWindow[] {
    return [];
  }

  fire(_watermark: unknown, emit: EmitPane): void {
    for (const { key, before, after } of this.#changes) emit(ALL_TIME, key, after, before);
    this.#changes = [];
  }

  commit(): void {
    for (const [key, pane] of this.#touched) this.#state.put(key, pane);
  }
}
