/** Keyed streams in windows (Flink's WindowedStream). */
import type { WindowAggregateNode } from '../core/plan.ts';
import type { AggregateFunction } from '../core/process/aggregate-function.ts';
import { CODE } from '../core/process/code-aggregate.ts';
import type { OutputTag } from '../core/process/keyed-function.ts';
import { STREAM_ROW } from '../core/process/rows.ts';
import { RAW, Raw, TIMESTAMP3, type Column } from '../core/types.ts';
import { millisecondsOf, type Duration } from './duration.ts';
import { erased } from './erase.ts';
import { called, valueOf } from './function-call.ts';
import type { KeyedStream } from './keyed-stream.ts';
import { refuse } from './refusal.ts';
import { ProcessedStream } from './stream.ts';
import { inputOf, type Transformation } from './transformation.ts';
import type { WindowAssigner } from './window/assigner.ts';
import { withoutLate } from './window/late.ts';

export interface WindowOptions<T> {
  /** Absent: event time. Windows of processing time go by the time at which values come in. */
  readonly time?: 'event' | 'processing';
  /** How long behind its end a window still takes values, each of which gives its result anew. */
  readonly allowedLateness?: Duration;
  /** Where values go that come too late for all their windows; absent: they are dropped, and counted. */
  readonly lateOutput?: OutputTag<T>;
}

/** A window of time, epoch ms; `end` is not part of it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export class WindowedStream<K, T> {
  readonly #keyed: KeyedStream<K, T>;
  readonly #assigner: WindowAssigner;
  readonly #options: WindowOptions<never>;

  constructor(keyed: KeyedStream<K, T>, assigner: WindowAssigner, options: WindowOptions<T>) {
    this.#keyed = keyed;
    this.#assigner = assigner;
    this.#options = options;
  }

  /** One result for each key and window; `uid` is the name by which its state is found again. */
  aggregate<Acc, R>(uid: string, fn: AggregateFunction<T, Acc, R>): ProcessedStream<R>;
  /** With what `make` makes of key, result and window. */
  aggregate<Acc, R, Out>(uid: string, fn: AggregateFunction<T, Acc, R>, make: (key: K, result: R, window: Span) => Out): ProcessedStream<Out>;
  aggregate<Acc, R, Out>(uid: string, fn: AggregateFunction<T, Acc, R>, make?: (key: K, result: R, window: Span) => Out): ProcessedStream<R | Out> {
    return this.#results<R | Out, Acc, R>(uid, fn, make === undefined ? resultAlone : erased(make));
  }

  /** What all values of a key and window are reduced to, two by two. `fn` gives the same in whatever order it takes them together. */
  reduce(uid: string, fn: (a: T, b: T) => T): ProcessedStream<T>;
  reduce<Out>(uid: string, fn: (a: T, b: T) => T, make: (key: K, result: T, window: Span) => Out): ProcessedStream<Out>;
  reduce<Out>(uid: string, fn: (a: T, b: T) => T, make?: (key: K, result: T, window: Span) => Out): ProcessedStream<T | Out> {
    return this.#results<T | Out, Reduced<T>, T | null>(uid, reducer(fn), make === undefined ? resultAlone : erased(make));
  }

  #results<Out, Acc, R>(uid: string, fn: AggregateFunction<T, Acc, R>, make: (...args: readonly unknown[]) => unknown): ProcessedStream<Out> {
    const { graph } = this.#keyed;
    const { lateOutput } = this.#options;
    const { onTime, late } = lateOutput === undefined ? { onTime: this.#isTimed ? this.#keyed.timed() : this.#keyed.keyed(0), late: null } : withoutLate(this.#keyed, uid, this.#assigner.window, this.#latenessMs(uid));
    const aggregation = graph.add(this.#aggregation(uid, onTime, fn));
    return new ProcessedStream(graph, graph.add(resultsOf(aggregation, make, this.#isTimed)), (name) => {
      if (late !== null && name === lateOutput?.name) return late;
      return refuse(`window ${uid}`, `it has no side output '${name}'`, `Declare it: .window(…, { lateOutput: ${name} }).`);
    });
  }

  get #isTimed(): boolean {
    return this.#options.time !== 'processing';
  }

  #latenessMs(uid: string): number {
    return millisecondsOf(this.#options.allowedLateness ?? 0, `window ${uid}`, 'allowedLateness', 0);
  }

  #aggregation<Acc, R>(uid: string, input: Transformation, fn: AggregateFunction<T, Acc, R>): Transformation {
    const { window } = this.#assigner;
    const latenessMs = this.#latenessMs(uid);
    this.#requireFitting(uid, input, latenessMs);
    return {
      uid,
      suffix: 'window',
      inputs: [input],
      isTimed: this.#isTimed,
      stateful: 'window',
      build: (own, inputs) => ({
        node: {
          kind: 'window-aggregate',
          uid: own,
          input: inputOf(inputs),
          window,
          ...(latenessMs === 0 ? {} : { allowedLatenessMs: latenessMs }),
          timeColumn: this.#isTimed ? TIME : null,
          keys: [0],
          aggregates: [{ name: fn.name ?? 'aggregate', fn: CODE, argument: 1, argumentType: RAW, type: RAW }],
          columns: RESULT_ROW,
        } satisfies WindowAggregateNode,
        aggregate: fn,
      }),
    };
  }

  #requireFitting(uid: string, input: Transformation, latenessMs: number): void {
    const where = `window ${uid}`;
    const { lateOutput } = this.#options;
    if (this.#isTimed && !input.isTimed) refuse(where, 'its stream has no event time', "Give the source an eventTime, or the window { time: 'processing' }.");
    if (!this.#isTimed && (latenessMs > 0 || lateOutput !== undefined)) refuse(where, 'nothing is late in processing time', 'Leave allowedLateness and lateOutput out.');
    if (this.#assigner.window.kind !== 'session') return;
    if (latenessMs > 0) refuse(where, 'sessions that have ended are gone, and take no late values', 'Leave allowedLateness out, or let the watermark wait: outOfOrderness.');
    if (lateOutput !== undefined) refuse(where, 'whether a value is late for a session depends on the sessions that are there', 'Leave lateOutput out; late values are counted.');
  }
}

const TIME = 2;

const RESULT_ROW: readonly Column[] = [
  { name: 'key', type: RAW, nullable: true },
  { name: 'result', type: RAW, nullable: true },
  { name: 'window_start', type: TIMESTAMP3, nullable: false },
  { name: 'window_end', type: TIMESTAMP3, nullable: false },
  { name: 'window_time', type: TIMESTAMP3, nullable: false },
];

const resultAlone = (_key: unknown, result: unknown): unknown => result;

/** null before the first value. */
type Reduced<T> = { readonly value: T } | null;

const reducer = <T>(fn: (a: T, b: T) => T): AggregateFunction<T, Reduced<T>, T | null> => ({
  name: 'reduce',
  createAccumulator: () => null,
  add: (acc, value) => ({ value: acc === null ? value : fn(acc.value, value) }),
  getResult: (acc) => (acc === null ? null : acc.value),
  merge: (a, b) => (a === null ? b : b === null ? a : { value: fn(a.value, b.value) }),
});

/** Values of a stream from the rows of an aggregation; their event time is the last millisecond of the window. */
function resultsOf(aggregation: Transformation, make: (...args: readonly unknown[]) => unknown, isTimed: boolean): Transformation {
  return {
    uid: null,
    suffix: 'results',
    inputs: [aggregation],
    isTimed,
    build: (uid, inputs) => ({
      node: { kind: 'code', uid, input: inputOf(inputs), columns: STREAM_ROW },
      transform: ([key, result, start = null, end = null, time = null], next) => {
        const out = called(uid, () => make(valueOf(key), valueOf(result), { start, end }));
        next([new Raw(out), isTimed ? time : null]);
      },
    }),
  };
}
