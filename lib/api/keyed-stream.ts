/** Streams whose values have keys (Flink's KeyedStream): what keeps state is called on them. */
import { SluiceError } from '../core/errors.ts';
import { KEYED_ROW } from '../core/process/rows.ts';
import { Raw, type Value } from '../core/types.ts';
import { ConnectedStreams } from './connected-streams.ts';
import { erased } from './erase.ts';
import { called, valueOf } from './function-call.ts';
import type { Graph } from './graph.ts';
import { processed, type ProcessFunction, type StateDescriptors } from './process-function.ts';
import type { ProcessedStream } from './stream.ts';
import { inputOf, type Transformation } from './transformation.ts';
import { WindowedStream, type WindowOptions } from './windowed-stream.ts';
import type { WindowAssigner } from './window/assigner.ts';

/** The key of a value, by then of any type. */
type KeyOf = (value: unknown) => unknown;

export class KeyedStream<K, T> {
  /** What follows is of use within `lib/api` alone. */
  readonly graph: Graph;
  readonly input: Transformation;
  readonly keyOf: KeyOf;
  /** Its topic is partitioned by this key. */
  readonly prePartitioned: boolean;
  /** Never there: it keeps the types. */
  declare readonly type?: () => readonly [key: K, value: T];

  constructor(graph: Graph, input: Transformation, keyOf: KeyOf, prePartitioned = false) {
    this.graph = graph;
    this.input = input;
    this.keyOf = keyOf;
    this.prePartitioned = prePartitioned;
  }

  /** Calls a function with state and timers for every value (Flink's KeyedProcessFunction); `uid` is the name by which its state is found again. */
  process<D extends StateDescriptors = {}, Out = never, TimerOut = never>(uid: string, fn: ProcessFunction<K, T, D, Out, TimerOut>): ProcessedStream<Out | TimerOut>;
  /** Without a uid it is named after its input, with a warning: its state is lost when that changes. */
  process<D extends StateDescriptors = {}, Out = never, TimerOut = never>(fn: ProcessFunction<K, T, D, Out, TimerOut>): ProcessedStream<Out | TimerOut>;
  process<D extends StateDescriptors, Out, TimerOut>(uid: string | ProcessFunction<K, T, D, Out, TimerOut>, fn?: ProcessFunction<K, T, D, Out, TimerOut>): ProcessedStream<Out | TimerOut> {
    const [name, given] = typeof uid === 'string' ? [uid, fn] : [null, uid];
    const inputs = given === undefined ? [] : [erased(given.onEvent.bind(given))];
    return processed(this.graph, name, this.keyed(0), given, { inputs, prePartitioned: this.prePartitioned });
  }

  /** Two keyed streams with one state: what has the same key in both meets in one function. */
  connect<Other>(other: KeyedStream<K, Other>): ConnectedStreams<K, T, Other> {
    return new ConnectedStreams(this, other);
  }

  /** Groups the values of each key by time: `window(tumbling('1 min'))`. */
  window(assigner: WindowAssigner, options: WindowOptions<T> = {}): WindowedStream<K, T> {
    return new WindowedStream(this, assigner, options);
  }

  /** Rows of `KEYED_ROW`; `from` is the place of this stream among those that are connected. */
  keyed(from: number): Transformation {
    return this.graph.add(keyedRows(this.input, this.keyOf, from));
  }

  /** The same for windows of event time, which have no place for a value without one: ROWTIME_NULL. */
  timed(): Transformation {
    return this.graph.add(keyedRows(this.input, this.keyOf, 0, requireTime));
  }
}

/** Rows of `KEYED_ROW`. */
export function keyedRows(input: Transformation, keyOf: KeyOf, from: number, checkTime: (time: Value) => void = () => {}): Transformation {
  return {
    uid: null,
    suffix: 'key',
    inputs: [input],
    isTimed: input.isTimed,
    build: (uid, inputs) => ({
      node: { kind: 'code', uid, input: inputOf(inputs), columns: KEYED_ROW },
      transform: ([value = null, time = null], next) => {
        checkTime(time);
        next([new Raw(called(uid, () => keyOf(valueOf(value))) ?? null), value, time, from]);
      },
    }),
  };
}

/** What a timer of processing time gives has none, as in Flink, whose windows fail on it. */
function requireTime(time: Value): void {
  if (time !== null) return;
  throw new SluiceError('ROWTIME_NULL', {
    message: 'a value that goes into a window of event time has no event time, as what a processing-time timer gives',
    hint: "use an event-time timer, or a window with { time: 'processing' }",
  });
}
