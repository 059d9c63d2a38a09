/** A step of an aggregation without a window (Flink's GroupAggFunction): every pane that comes in changes the result of its key. */
import type { Key } from '../key.ts';
import type { DueWindow, OperatorStep } from './operator-step.ts';
import type { GroupState } from './group-state.ts';
import { absorbInto, forEachPane, ownPane, type Pane, type PaneColumns, type Span } from './pane.ts';
import { drained, resultOf, weightOf, type EmitResult, type PaneResult, type StepSpec } from './pane-result.ts';

/** No window has these bounds, and no row shows them. */
export const ALL_TIME: Span = { start: 0, end: 0 };

/** What a key has in the step, and gave last. */
interface Touched {
  readonly pane: Pane;
  result: PaneResult | null;
}

export class GroupStep implements OperatorStep {
  readonly #spec: StepSpec;
  readonly #state: GroupState;
  readonly #touched = new Map<Key, Touched>();
  /** In the order in which they happened. */
  readonly #changes: { readonly key: Key; readonly before: PaneResult | null; readonly after: PaneResult }[] = [];

  pending = 0;

  constructor(spec: StepSpec, state: GroupState) {
    this.#spec = spec;
    this.#state = state;
  }

  /** Nothing is ever late. */
  add(section: readonly PaneColumns[]): number {
    for (const columns of section) {
      forEachPane(columns, this.#state.aggregates, (key, rows, accumulators) => {
        const touched = this.#touch(key);
        absorbInto(touched.pane, rows, accumulators, this.#state.aggregates);
        const after = resultOf(this.#spec, touched.pane);
        this.#changes.push({ key, before: touched.result, after });
        this.pending += weightOf(after);
        touched.result = after;
      });
    }
    return 0;
  }

  /** What came in goes out with the FIRE that covers it, and cannot wait for another one. */
  due(): DueWindow[] {
    return [];
  }

  fire(_watermark: unknown, emit: EmitResult): void {
    for (const { key, before, after } of drained(this.#changes)) emit(ALL_TIME, key, after, before);
    this.pending = 0;
  }

  commit(): void {
    for (const [key, { pane }] of this.#touched) this.#state.put(key, pane);
  }

  /** The pane of the state is copied once: the step may be thrown away. */
  #touch(key: Key): Touched {
    const known = this.#touched.get(key);
    if (known !== undefined) return known;
    const stored = this.#state.paneOf(key);
    const touched = { pane: ownPane(stored, this.#state.aggregates), result: stored === null ? null : resultOf(this.#spec, stored) };
    this.#touched.set(key, touched);
    return touched;
  }
}
