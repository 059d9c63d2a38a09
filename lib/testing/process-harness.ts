/** Harnesses for functions of one and of two inputs (Flink's KeyedOneInputStreamOperatorTestHarness and KeyedTwoInputStreamOperatorTestHarness). */
import type { CoProcessFunction } from '../api/connected-streams.ts';
import { erased } from '../api/erase.ts';
import { keyedFunction, type ProcessFunction, type StateDescriptors } from '../api/process-function.ts';
import { FunctionHarness } from './function-harness.ts';
import type { HarnessOptions } from './step-harness.ts';

/** Runs a function without a job: `processHarness(deduplicate, ({ id }) => id)`. `keyBy` is what the job keys its stream by. */
export const processHarness = <K, In, D extends StateDescriptors = {}, Out = never, TimerOut = never>(
  fn: ProcessFunction<K, In, D, Out, TimerOut>,
  keyBy: (event: In) => K,
  options: HarnessOptions = {},
): ProcessHarness<K, In, D, Out | TimerOut> => new ProcessHarness<K, In, D, Out | TimerOut>(fn, keyBy, options);

/** The same of a function of two inputs, each with its key. */
export const coProcessHarness = <K, A, B, D extends StateDescriptors = {}, Out1 = never, Out2 = never, TimerOut = never>(
  fn: CoProcessFunction<K, A, B, D, Out1, Out2, TimerOut>,
  keyBy1: (event: A) => K,
  keyBy2: (event: B) => K,
  options: HarnessOptions = {},
): CoProcessHarness<K, A, B, D, Out1 | Out2 | TimerOut> => new CoProcessHarness<K, A, B, D, Out1 | Out2 | TimerOut>(fn, keyBy1, keyBy2, options);

export class ProcessHarness<K, In, D extends StateDescriptors, Out> extends FunctionHarness<K, D, Out> {
  readonly #keyBy: (event: In) => K;

  constructor(fn: ProcessFunction<K, In, D, Out, Out>, keyBy: (event: In) => K, options: HarnessOptions) {
    super(keyedFunction(fn, [erased(fn.onEvent.bind(fn))]), options);
    this.#keyBy = keyBy;
  }

  /** `timestamp`: event time, epoch ms; absent for a stream that has none. Throws FUNCTION_THREW with the error as its cause. */
  processElement(event: In, timestamp: number | null = null): void {
    this.element(this.#keyBy(event), event, timestamp, 0);
  }
}

export class CoProcessHarness<K, A, B, D extends StateDescriptors, Out> extends FunctionHarness<K, D, Out> {
  readonly #keyBy1: (event: A) => K;
  readonly #keyBy2: (event: B) => K;

  constructor(fn: CoProcessFunction<K, A, B, D, Out, Out, Out>, keyBy1: (event: A) => K, keyBy2: (event: B) => K, options: HarnessOptions) {
    super(keyedFunction(fn, [erased(fn.onEvent1.bind(fn)), erased(fn.onEvent2.bind(fn))]), options);
    this.#keyBy1 = keyBy1;
    this.#keyBy2 = keyBy2;
  }

  /** An element of the first stream. */
  processElement1(event: A, timestamp: number | null = null): void {
    this.element(this.#keyBy1(event), event, timestamp, 0);
  }

  /** An element of the second stream. */
  processElement2(event: B, timestamp: number | null = null): void {
    this.element(this.#keyBy2(event), event, timestamp, 1);
  }
}
