/**
 * What the harnesses have in common (Flink's AbstractStreamOperatorTestHarness). Each call is a step of its own, by the very classes that a firer runs: what a
 * harness shows is what a job does.
 */
import { eventTime, wallTime, type EventTime, type WallTime } from '../core/numbers.ts';
import type { KeyContext, KeyedFunction, OutputTag } from '../core/process/keyed-function.ts';
import type { PartitionContext, PartitionInstance } from '../core/process/partition-function.ts';
import { ProcessState } from '../core/process/process-state.ts';
import { ProcessStep } from '../core/process/process-step.ts';
import { Raw, type Row } from '../core/types.ts';
import { encodeWatermark, MIN_WATERMARK } from '../core/watermark.ts';
import type { PaneColumns } from '../core/window/pane.ts';
import { snapshotOf, UID, type HarnessSnapshot, type Held } from './snapshot.ts';
import { typed } from './typed.ts';

export interface HarnessOptions {
  /** Where processing time begins, epoch ms; absent: 0, as in Flink's harness. */
  readonly processingTime?: number;
}

/** A value that the function has given. */
export interface Emitted<T> {
  readonly value: T;
  /** Epoch ms; null where the element, or the domain of the timer, has none. */
  readonly timestamp: number | null;
}

/** What a step does. */
interface Step {
  readonly records?: readonly PaneColumns[];
  readonly watermark?: EventTime;
  readonly processingTime?: WallTime;
}

/** A value for a side output. */
interface SideValue extends Emitted<unknown> {
  readonly name: string;
}

export class StepHarness<Out> {
  /** For the harnesses alone, as all that is protected. */
  protected readonly fn: KeyedFunction;
  protected held: Held;
  #emitted: Emitted<Out>[] = [];
  #side: SideValue[] = [];

  constructor(fn: KeyedFunction, { processingTime = 0 }: HarnessOptions) {
    this.fn = fn;
    this.held = { state: new ProcessState(fn.states), watermark: MIN_WATERMARK, processingTime: wallTime(processingTime) };
  }

  /** What the function has given so far, in order; `clearOutput` begins anew. */
  get output(): readonly Out[] {
    return this.#emitted.map(({ value }) => value);
  }

  /** The same with event times. */
  get emitted(): readonly Emitted<Out>[] {
    return [...this.#emitted];
  }

  /** What the function has given to a side output. */
  sideOutput<T>(tag: OutputTag<T>): readonly T[] {
    return this.#side.filter(({ name }) => name === tag.name).map(({ value }) => typed<T>(value));
  }

  /** Forgets the outputs so far, also those of side outputs. */
  clearOutput(): void {
    this.#emitted = [];
    this.#side = [];
  }

  /** The event-time timers up to `time`, epoch ms, fire. A watermark does not go back: a smaller one does nothing. */
  processWatermark(time: number): void {
    if (time > this.held.watermark) this.step({ watermark: eventTime(time) });
  }

  /** The processing-time timers up to `time`, epoch ms, fire, and expired state leaves. Throws a RangeError for a time that has passed. */
  setProcessingTime(time: number): void {
    if (time < this.processingTime) throw new RangeError(`processing time is ${this.processingTime}, and does not go back to ${time}`);
    this.step({ processingTime: wallTime(time) });
  }

  /** As `setProcessingTime`, so many ms from now. */
  advanceProcessingTime(ms: number): void {
    this.setProcessingTime(this.processingTime + ms);
  }

  /** Epoch ms. */
  get processingTime(): number {
    return this.held.processingTime;
  }

  /** Epoch ms; null before the first. */
  get watermark(): number | null {
    return encodeWatermark(this.held.watermark);
  }

  /** State, timers and times as plain JSON; outputs are no part of it. */
  snapshot(): HarnessSnapshot {
    return snapshotOf(this.fn, this.held);
  }

  /** Nothing of it has happened if it throws. */
  protected step({ records = [], watermark = this.held.watermark, processingTime = this.held.processingTime }: Step): void {
    const { state } = this.held;
    const side: SideValue[] = [];
    const rows: Row[] = [];
    const step = new ProcessStep({ uid: UID, fn: withSideOutputs(this.fn, side) }, state, this.held.watermark, processingTime);
    step.add(records);
    step.fire(watermark, processingTime, (row) => void rows.push(row));
    step.commit();
    this.held = { state, watermark, processingTime };
    this.#emitted.push(...rows.map(emittedOf<Out>));
    this.#side.push(...side);
  }
}

function emittedOf<Out>([, value, time]: Row): Emitted<Out> {
  return { value: typed<Out>(value instanceof Raw ? value.value : value), timestamp: typeof time === 'number' ? time : null };
}

/** Takes what is given to side outputs: which there are, only the rest of a job says. */
function withSideOutputs(fn: KeyedFunction, side: SideValue[]): KeyedFunction {
  const watched = <C extends Pick<KeyContext, 'output' | 'timestamp'>>(context: C): C => ({ ...context, output: ({ name }: OutputTag<unknown>, value: unknown) => void side.push({ name, value, timestamp: context.timestamp }) });
  const { onTimer, initialize } = fn;
  return {
    ...fn,
    inputs: fn.inputs.map((input): KeyedFunction['inputs'][number] => (value, context) => input(value, watched(context))),
    ...(initialize && { initialize: (context) => watchedInstance(initialize(context), watched) }),
    ...(onTimer && { onTimer: (timer, context) => onTimer(timer, watched(context)) }),
  };
}

const watchedInstance = (instance: PartitionInstance, watched: (context: PartitionContext) => PartitionContext): PartitionInstance => ({
  onEvent: (event, context) => instance.onEvent(event, watched(context)),
  snapshot: () => instance.snapshot?.(),
});
