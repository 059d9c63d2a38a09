/**
 * What the harnesses have in common (Flink's AbstractStreamOperatorTestHarness). Each call is a step of its own, by the very classes that a firer runs: what a
 * harness shows is what a job does.
 */
import type { StateDescriptors } from '../api/process-function.ts';
import type { Key } from '../core/key.ts';
import { eventTime, wallTime, type EventTime, type WallTime } from '../core/numbers.ts';
import type { KeyContext, KeyedFunction, OutputTag } from '../core/process/keyed-function.ts';
import { NO_TIMERS } from '../core/process/key-timers.ts';
import { ProcessState } from '../core/process/process-state.ts';
import { ProcessStep } from '../core/process/process-step.ts';
import { RECORD_KEYS, RecordFold } from '../core/process/record-fold.ts';
import { listOf } from '../core/process/time-tree.ts';
import { Raw, type Row } from '../core/types.ts';
import { encodeWatermark, MIN_WATERMARK } from '../core/watermark.ts';
import type { PaneColumns } from '../core/window/pane.ts';
import { heldValues, type HeldValues } from './held-values.ts';
import { restored, snapshotOf, UID, type HarnessSnapshot, type RestoreOptions } from './snapshot.ts';
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

/** The timers of a key, epoch ms, ascending. */
export interface TimerTimes {
  readonly event: readonly number[];
  readonly processing: readonly number[];
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

export class FunctionHarness<K, D extends StateDescriptors, Out> {
  readonly #fn: KeyedFunction;
  #state: ProcessState;
  #watermark = MIN_WATERMARK;
  #processingTime: WallTime;
  #emitted: Emitted<Out>[] = [];
  #side: SideValue[] = [];

  constructor(fn: KeyedFunction, { processingTime = 0 }: HarnessOptions) {
    this.#fn = fn;
    this.#state = new ProcessState(fn.states);
    this.#processingTime = wallTime(processingTime);
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
    if (time > this.#watermark) this.#step({ watermark: eventTime(time) });
  }

  /** The processing-time timers up to `time`, epoch ms, fire, and expired state leaves. Throws a RangeError for a time that has passed. */
  setProcessingTime(time: number): void {
    if (time < this.#processingTime) throw new RangeError(`processing time is ${this.#processingTime}, and does not go back to ${time}`);
    this.#step({ processingTime: wallTime(time) });
  }

  /** As `setProcessingTime`, so many ms from now. */
  advanceProcessingTime(ms: number): void {
    this.setProcessingTime(this.#processingTime + ms);
  }

  /** Epoch ms. */
  get processingTime(): number {
    return this.#processingTime;
  }

  /** Epoch ms; null before the first. */
  get watermark(): number | null {
    return encodeWatermark(this.#watermark);
  }

  /** The states of a key as they are now, as plain values: `harness.state('a').count`. What has expired and can be seen no more is not there. */
  state(key: K): HeldValues<D> {
    return typed(heldValues(this.#fn.states, this.#state, keyOf(key), this.#processingTime));
  }

  /** The timers of a key, epoch ms, in order. */
  timers(key: K): TimerTimes {
    const { event, processing } = this.#state.contentsOf(keyOf(key))?.timers ?? NO_TIMERS;
    return { event: listOf(event), processing: listOf(processing) };
  }

  /**
   * Keys that hold anything: a state or a timer. A function whose keys all stay has a leak. What has expired is read no more at once, but held for up to a
   * sixteenth of its TTL.
   */
  get numKeys(): number {
    return this.#state.paneCount();
  }

  /** State, timers and times as plain JSON; outputs are no part of it. */
  snapshot(): HarnessSnapshot {
    return snapshotOf(this.#fn, { state: this.#state, watermark: this.#watermark, processingTime: this.#processingTime });
  }

  /**
   * Puts a snapshot in the place of all that is held, as a resume from a savepoint does: also one of another version of the function, through the migrations.
   * Throws STATE_INCOMPATIBLE where a job would not resume; nothing has changed then.
   */
  restore(snapshot: HarnessSnapshot, options: RestoreOptions = {}): void {
    const { state, watermark, processingTime } = restored(this.#fn, snapshot, options);
    [this.#state, this.#watermark, this.#processingTime] = [state, watermark, processingTime];
  }

  /** For the harnesses alone: gives the function an element. */
  protected element(key: K, value: unknown, timestamp: number | null, from: number): void {
    const records = new RecordFold();
    records.add([new Raw(key), new Raw(value), timestamp, from]);
    this.#step({ records: records.columns() });
  }

  /** Nothing of it has happened if it throws. */
  #step({ records = [], watermark = this.#watermark, processingTime = this.#processingTime }: Step): void {
    const side: SideValue[] = [];
    const rows: Row[] = [];
    const step = new ProcessStep({ uid: UID, fn: withSideOutputs(this.#fn, side) }, this.#state, this.#watermark, processingTime);
    step.add(records);
    step.fire(watermark, processingTime, (row) => void rows.push(row));
    step.commit();
    [this.#watermark, this.#processingTime] = [watermark, processingTime];
    this.#emitted.push(...rows.map(emittedOf<Out>));
    this.#side.push(...side);
  }
}

const keyOf = (key: unknown): Key => RECORD_KEYS.keyOf([new Raw(key)]);

function emittedOf<Out>([, value, time]: Row): Emitted<Out> {
  return { value: typed<Out>(value instanceof Raw ? value.value : value), timestamp: typeof time === 'number' ? time : null };
}

/** Takes what is given to side outputs: which there are, only the rest of a job says. */
function withSideOutputs(fn: KeyedFunction, side: SideValue[]): KeyedFunction {
  const watched = (context: KeyContext): KeyContext => ({ ...context, output: ({ name }, value) => void side.push({ name, value, timestamp: context.timestamp }) });
  const { onTimer } = fn;
  return {
    ...fn,
    inputs: fn.inputs.map((input): KeyedFunction['inputs'][number] => (value, context) => input(value, watched(context))),
    ...(onTimer && { onTimer: (timer, context) => onTimer(timer, watched(context)) }),
  };
}
