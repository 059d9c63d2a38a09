/** Flink's AggregateFunction, for states and windows of a program. */

/**
 * An accumulator is a value that can be stored (`stored-value.ts`). `add` and `merge` may change and return what they are given first: nobody else holds
 * it. `merge` takes what came in before first; what it gives is stored and read before anything else sees it.
 */
export interface AggregateFunction<In, Acc, Out> {
  /**
   * By which the accumulators of a window are found again (V4); absent: `aggregate`. Under another name they begin anew: give one where an accumulator changes
   * what it means.
   */
  readonly name?: string;
  createAccumulator(): Acc;
  add(accumulator: Acc, value: In): Acc;
  getResult(accumulator: Acc): Out;
  merge(a: Acc, b: Acc): Acc;
}

/** As the engine calls it. */
export type ProgramAggregate = AggregateFunction<unknown, unknown, unknown>;
