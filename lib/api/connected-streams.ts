/** Two keyed streams in one function (Flink's ConnectedStreams and KeyedCoProcessFunction). */
import { KEYED_ROW } from '../core/process/rows.ts';
import type { StatesOf } from '../core/process/descriptor.ts';
import type { KeyContext, Outputs } from '../core/process/keyed-function.ts';
import { erased } from './erase.ts';
import type { KeyedStream } from './keyed-stream.ts';
import { processed, type StateDescriptors, type StatefulFunction } from './process-function.ts';
import type { ProcessedStream } from './stream.ts';
import { unionOf } from './transformation.ts';

/** A function of two keyed streams, with one state. */
export interface CoProcessFunction<K, A, B, D extends StateDescriptors, Out1, Out2 = never, TimerOut = never> extends StatefulFunction<K, D, TimerOut> {
  /** For each value of the first stream. */
  onEvent1(event: A, context: KeyContext<K, StatesOf<D>>): Outputs<Out1>;
  /** For each value of the second stream. */
  onEvent2(event: B, context: KeyContext<K, StatesOf<D>>): Outputs<Out2>;
}

/** As `processFunction`: `coProcessFunction<string, Order, Payment>()({ … })`. */
export const coProcessFunction =
  <K, A, B>() =>
  <D extends StateDescriptors = {}, Out1 = never, Out2 = never, TimerOut = never>(fn: CoProcessFunction<K, A, B, D, Out1, Out2, TimerOut>): CoProcessFunction<K, A, B, D, Out1, Out2, TimerOut> =>
    fn;

export class ConnectedStreams<K, A, B> {
  readonly #first: KeyedStream<K, A>;
  readonly #second: KeyedStream<K, B>;

  constructor(first: KeyedStream<K, A>, second: KeyedStream<K, B>) {
    this.#first = first;
    this.#second = second;
  }

  /** As `process` of a keyed stream; values of one stream come in its order, and in no order between the two. */
  process<D extends StateDescriptors = {}, Out1 = never, Out2 = never, TimerOut = never>(
    uid: string,
    fn: CoProcessFunction<K, A, B, D, Out1, Out2, TimerOut>,
  ): ProcessedStream<Out1 | Out2 | TimerOut> {
    const { graph } = this.#first;
    const input = graph.add(unionOf([this.#first.keyed(0), this.#second.keyed(1)], KEYED_ROW));
    return processed<K, D, Out1 | Out2, TimerOut>(graph, uid, input, fn, { inputs: [erased(fn.onEvent1.bind(fn)), erased(fn.onEvent2.bind(fn))] });
  }
}
