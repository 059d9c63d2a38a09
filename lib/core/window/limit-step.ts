/**
 * A step of LIMIT and OFFSET (Flink's StreamExecLimit): of the rows that come, in the order of the logs, those between two numbers are handed on. All that is
 * kept is how many have come, and no longer than that matters.
 */
import type { WindowAggregateNode } from '../plan.ts';
import type { Key } from '../key.ts';
import type { GroupState } from './group-state.ts';
import { ALL_TIME } from './group-step.ts';
import type { DueWindow, OperatorStep } from './operator-step.ts';
import { drained, resultOf, type EmitResult, type PaneResult, type StepSpec } from './pane-result.ts';
import { forEachPane, type PaneColumns } from './pane.ts';

export class LimitStep implements OperatorStep {
  readonly #spec: StepSpec;
  readonly #state: GroupState;
  readonly #limit: NonNullable<WindowAggregateNode['limit']>;
  /** Rows that have come, by key; all have the same. */
  readonly #counts = new Map<Key, number>();
  readonly #taken: { readonly key: Key; readonly result: PaneResult }[] = [];

  constructor(spec: StepSpec, state: GroupState, limit: NonNullable<WindowAggregateNode['limit']>) {
    this.#spec = spec;
    this.#state = state;
    this.#limit = limit;
  }

  /** Every pane is a row. */
  add(section: readonly PaneColumns[]): number {
    const { offset, count } = this.#limit;
    for (const columns of section) {
      forEachPane(columns, this.#state.aggregates, (key, rows, accumulators) => {
        const before = this.#counts.get(key) ?? this.#state.paneOf(key)?.rows ?? 0;
        if (before >= offset + count) return;
        this.#counts.set(key, before + rows);
        if (before >= offset) this.#taken.push({ key, result: resultOf(this.#spec, { rows, accumulators }) });
      });
    }
    return 0;
  }

  get pending(): number {
    return this.#taken.length;
  }

  /** What came in goes out with the FIRE that covers it, and cannot wait for another one. */
  due(): DueWindow[] {
    return [];
  }

  fire(_watermark: unknown, emit: EmitResult): void {
    for (const { key, result } of drained(this.#taken)) emit(ALL_TIME, key, result, null);
  }

  commit(): void {
    const accumulators = this.#state.aggregates.map(({ zero }) => zero);
    for (const [key, rows] of this.#counts) this.#state.put(key, { rows, accumulators });
  }
}
