/** Results of the windows of an operator. Where a function of the program fails on one, that is told with its key, by whoever emits it. */
import type { Accumulator } from '../../core/aggregates/aggregate.ts';
import { FailedAggregate } from '../../core/aggregates/failed-aggregate.ts';
import type { OperatorFlow } from '../../core/dataflow.ts';
import type { Value } from '../../core/types.ts';

type ResultsOf = OperatorFlow['resultsOf'];

export class WindowResults {
  readonly of: ResultsOf;
  /** By what stands for the result. */
  readonly #failed = new WeakMap<readonly Value[], FailedAggregate>();

  constructor(resultsOf: ResultsOf) {
    this.of = (accumulators) => this.#tried(resultsOf, accumulators);
  }

  /** Null for a result that there is. */
  failureOf(values: readonly Value[]): FailedAggregate | null {
    return this.#failed.get(values) ?? null;
  }

  #tried(resultsOf: ResultsOf, accumulators: readonly Accumulator[]): Value[] {
    try {
      return resultsOf(accumulators);
    } catch (error) {
      if (!(error instanceof FailedAggregate)) throw error;
      const none: Value[] = [];
      this.#failed.set(none, error);
      return none;
    }
  }
}
