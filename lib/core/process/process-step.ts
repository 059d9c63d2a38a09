/**
 * A step of a process function (Flink's KeyedProcessOperator), as an overlay over its state: records are taken in, timers fire, and nothing of it touches the
 * state before `commit`. So a step can be computed, thrown away and computed again (protocol F3, F4, F7).
 */
import { SluiceError } from '../errors.ts';
import { thrownText } from '../error-text.ts';
import type { Key } from '../key.ts';
import { eventTime, wallTime, type EventTime, type Uid, type WallTime } from '../numbers.ts';
import type { JsonValue } from '../plan.ts';
import { Raw, type Row, type Value } from '../types.ts';
import { encodeStored } from '../stored-value.ts';
import type { DueWindow } from '../window/operator-step.ts';
import { MAX_WATERMARK } from '../watermark.ts';
import type { PaneColumns } from '../window/pane.ts';
import { callError, functionThrew, type Called } from './call-error.ts';
import { changeOf, type KeyChange } from './changes.ts';
import type { KeyContext, KeyedFunction, Outputs, TimeDomain } from './keyed-function.ts';
import { OpenKey, type StepFrame } from './open-key.ts';
import type { ProcessState } from './process-state.ts';
import { PartitionInstances } from './partition-instances.ts';
import { recordAt, RECORD_KEYS, storedAt, storedRecord } from './record-fold.ts';
import { StepOutputs } from './step-outputs.ts';
import { StepTimers, type FiringBound } from './step-timers.ts';
import { begin, unwatched, watchCount, watchEach, type Watchdog } from './watchdog.ts';

export interface ProcessSpec {
  readonly uid: Uid;
  readonly fn: KeyedFunction;
  /** Takes a failure of the function; what it failed on is left out then, and all that it did with it undone. Absent: the step throws. */
  readonly onFailure?: (failed: FailedCall) => void;
  /** Event-time timers that the watermark has passed fire though it stays. Absent: they wait for its next move. */
  readonly firesPassed?: boolean;
  /** Absent: calls take as long as they take. */
  readonly watchdog?: Watchdog;
}

/** How much of what lies behind a step leaves with it (F13). */
export interface StepBound {
  /** Timers and outputs; what falls on one time is never split. */
  readonly rows: number;
  /** The processing time that the job has come to already. */
  readonly procTime: WallTime;
}

const UNBOUNDED: StepBound = { rows: Infinity, procTime: wallTime(0) };

/** How far a step comes within its bound. */
export type TimeReached = { readonly eventTime: EventTime } | { readonly procTime: WallTime };

/** What a function has failed on. */
export interface FailedCall {
  /** Of kind `data`. */
  readonly error: SluiceError;
  /** Absent where no key was at hand. */
  readonly key?: Key;
  /** As it is stored; absent for timers. */
  readonly value?: JsonValue;
}

/** So many timers of a key that are registered while timers fire may fire with them: a function that registers one for now, each time, would never end. */
export const CHAINED_TIMERS_MAX = 1_000_000;

interface CallDetails {
  /** What it runs on, as it is stored, since the function may have changed what it got; absent for a timer. */
  readonly value?: JsonValue;
  /** Of what it returns, where that is not the timestamp: what timers of processing time return has none (KeyedProcessOperator.onProcessingTime). */
  readonly outputTime?: number | null;
}

export class ProcessStep {
  readonly #spec: ProcessSpec;
  readonly #state: ProcessState;
  readonly #watchdog: Watchdog;
  readonly #frame: { -readonly [Name in keyof StepFrame]: StepFrame[Name] };
  readonly #keys = new Map<Key, OpenKey>();
  readonly #timers: StepTimers;
  /** Of a function over source partitions. */
  readonly #instances: PartitionInstances | null;
  readonly #outputs = new StepOutputs();
  readonly #places: ReadonlyMap<string, number>;

  /** `watermark` is that of before the step, `procTime` the processing time that it will have come to: it is that of all that the step does. */
  constructor(spec: ProcessSpec, state: ProcessState, watermark: EventTime, procTime: WallTime) {
    this.#spec = spec;
    this.#state = state;
    this.#watchdog = spec.watchdog ?? unwatched();
    this.#timers = new StepTimers(state, this.#keys);
    this.#instances = spec.fn.initialize === undefined ? null : new PartitionInstances(spec.fn.initialize);
    this.#frame = { states: spec.fn.states, procTime, watermark, registered: (domain, key, time) => this.#timers.add(domain, { key, time }) };
    this.#places = new Map(spec.fn.sideOutputs.map((name, i) => [name, i + 1]));
  }

  /** Runs the function on every record (`record-fold.ts`), in their order. Throws FUNCTION_THREW, or what of kind `data` the function throws. */
  add(section: readonly PaneColumns[]): void {
    for (const columns of section) {
      const { keys } = columns;
      watchCount(this.#watchdog, keys.length, (i) => this.#process(this.#open(keys[i] ?? null), recordAt(columns, i), storedAt(columns, i)));
    }
  }

  /**
   * Runs the function on one record, a `KEYED_ROW`, and hands on what that gives at once. Throws as `add` does, STATE_VALUE_INVALID, and what `emit` throws:
   * nothing of the record stays then. Returns what undoes it; of several records, the last comes first.
   */
  run(row: Row, emit: (row: Row) => void): () => void {
    const { key, record, stored } = storedRecord(row);
    const open = this.#open(key);
    const mark = open.mark();
    const undo = (): void => open.rollback(mark);
    try {
      this.#process(open, record, stored);
      this.#give(emit);
    } catch (error) {
      undo();
      this.#outputs.rollback(0);
      throw error;
    }
    return undo;
  }

  /** Makes the instances of these partitions as those of a job that is restored, whether they had state or not, and takes their snapshots. */
  restorePartitions(keys: readonly Key[]): void {
    watchEach(this.#watchdog, keys, (key) => this.#guarded(key, 'cannot be initialized', () => this.#instances?.restore(this.#open(key))));
    this.#snapshot();
  }

  /** Rows that the next `fire` gives whatever the times are: those of the records. */
  get pending(): number {
    return this.#outputs.count;
  }

  /** Event-time timers that `fire(watermark)` would call, by time; each counts as a row. What they register, and give, only `fire` finds out (F13). */
  due(watermark: EventTime): DueWindow[] {
    return watermark > this.#frame.watermark ? this.#timers.due(watermark, this.#frame.watermark) : [];
  }

  /** The same of processing-time timers. */
  dueProcessing(procTime: WallTime): DueWindow[] {
    return this.#timers.upTo('processing', procTime).map(({ time }) => ({ end: eventTime(time), rows: 1 }));
  }

  /** The function has been called. */
  get hasRun(): boolean {
    return this.#keys.size > 0;
  }

  /**
   * Moves the watermark, then calls the event-time timers up to it by time, then by key, then the processing-time timers up to `procTime`; those that are
   * registered meanwhile as well (Flink's InternalTimerServiceImpl.advanceWatermark). A watermark that stays calls none, also none that it has passed.
   *
   * Returns null; or, where there is more than `bound` on the way, the time by which it is reached (F13). The step is of no use then: it is computed anew up to
   * there, since functions have seen the times that it was to come to.
   */
  fire(watermark: EventTime, procTime: WallTime, emit: (row: Row) => void, bound: StepBound = UNBOUNDED): TimeReached | null {
    this.#snapshot();
    const before = this.#frame.watermark;
    if (watermark > before || this.#spec.firesPassed === true) {
      this.#frame.watermark = watermark;
      // At the end of time, what goes on and on would do so in step after step: it is stopped by its number.
      const stopped = this.#fireTimers('event', watermark, { rows: watermark === MAX_WATERMARK ? Infinity : bound.rows, from: Math.min(before + 1, watermark) });
      if (stopped !== null) return { eventTime: eventTime(stopped) };
    }
    const stopped = this.#fireTimers('processing', procTime, { rows: bound.rows, from: bound.procTime });
    if (stopped !== null) return { procTime: wallTime(stopped) };
    this.#give(emit);
    return null;
  }

  /** What the step has changed of the keys; before `commit`. */
  changes(): KeyChange[] {
    const { states } = this.#spec.fn;
    const changes = Array.from(this.#keys, ([key, { changed }]) => (changed === null ? null : changeOf(states, key, this.#state.contentsOf(key), changed)));
    return changes.filter((change) => change !== null);
  }

  /** Brings the state to the end of the step. */
  commit(): void {
    for (const [key, { changed }] of this.#keys) if (changed !== null) this.#state.put(key, changed, this.#frame.procTime);
    // Part of the step: every replica drops the same at the same FIRE (F4).
    this.#state.cleanUp(this.#frame.procTime);
  }

  #give(emit: (row: Row) => void): void {
    // What is behind may be code of the program, too.
    watchEach(this.#watchdog, this.#outputs.drain(), emit);
  }

  #process(open: OpenKey, [value = null, time = null, from = null]: readonly Value[], stored: JsonValue): void {
    const timestamp = typeof time === 'number' ? time : null;
    if (this.#instances !== null) return this.#processInPartition(this.#instances, open, timestamp, [value, stored]);
    const input = this.#spec.fn.inputs[Number(from)];
    if (input === undefined) throw new SluiceError('CODE_MISSING', { message: `the process function at ${this.#spec.uid} has no input ${String(from)}` });
    this.#call(open, timestamp, (context) => input(valueOf(value), context), { value: stored });
  }

  /** Before the call, so that what it fails on does not undo the instance. */
  #processInPartition(instances: PartitionInstances, open: OpenKey, timestamp: number | null, [value, stored]: readonly [Value, JsonValue]): void {
    const instance = this.#guarded(open.key, 'cannot be initialized', () => instances.of(open));
    const isTaken = this.#call(open, timestamp, (context) => instance.onEvent(valueOf(value), context), { value: stored });
    if (!isTaken) this.#guarded(open.key, 'cannot go on behind a record that was left out', () => instances.redo(open));
    else if (this.#spec.onFailure !== undefined) instances.keep(open, { value: stored, context: this.#contextOf(open, timestamp) });
  }

  #snapshot(): void {
    const instances = this.#instances;
    if (instances !== null) watchEach(this.#watchdog, instances.keys(), (key) => this.#guarded(key, 'cannot be snapshotted', () => instances.snapshot(key)));
  }

  /** Runs what no record is to blame for, so that leaving one out does not help. */
  #guarded<T>(key: Key, what: string, run: () => T): T {
    begin(this.#watchdog.call, this.#spec.uid, key);
    try {
      return run();
    } catch (error) {
      if (error instanceof SluiceError) throw error;
      throw functionThrew(this.#called(key), `${what}: ${thrownText(error)}`, error);
    }
  }

  /** Returns the time with which it has stopped before its end. */
  #fireTimers(domain: TimeDomain, upTo: number, bound: FiringBound): number | null {
    const { onTimer } = this.#spec.fn;
    const before = this.#outputs.count;
    watchEach(this.#watchdog, this.#timers.fire(domain, upTo, bound, () => this.#outputs.count - before), ({ timer: { key, time }, chained }) => {
      if (chained > CHAINED_TIMERS_MAX) throw functionThrew(this.#called(key), `its timers have registered ${CHAINED_TIMERS_MAX} timers that were due at once`);
      const open = this.#open(key);
      // Gone before it is called: the call may register it anew.
      open.timers.delete(domain, time);
      if (onTimer !== undefined) this.#call(open, time, (context) => onTimer({ time, domain }, context), domain === 'event' ? {} : { outputTime: null });
    });
    return this.#timers.stoppedAt;
  }

  /** `timestamp`: that of the context. False where it has failed, and was left out. */
  #call(open: OpenKey, timestamp: number | null, run: (context: KeyContext) => Outputs<unknown>, { value, outputTime = timestamp }: CallDetails): boolean {
    const context = this.#contextOf(open, timestamp);
    const [mark, outputs] = [open.mark(), this.#outputs.begin()];
    begin(this.#watchdog.call, this.#spec.uid, open.key);
    try {
      const given = run(context) ?? [];
      // Its characters would be the outputs.
      if (typeof given === 'string') throw new TypeError('a text is no list of outputs: yield it, or return [text]');
      const called = this.#called(open.key);
      for (const output of given) this.#outputs.add({ place: 0, json: encodeStored(output), timestamp: outputTime }, called);
      return true;
    } catch (error) {
      open.rollback(mark);
      this.#outputs.rollback(outputs);
      this.#fail(error, open.key, value);
      return false;
    }
  }

  #contextOf(open: OpenKey, timestamp: number | null): KeyContext {
    const [key = null] = RECORD_KEYS.valuesOf(open.key);
    return {
      key: valueOf(key),
      state: open.state,
      get timers() {
        return open.timerService;
      },
      timestamp,
      output: ({ name }, value) => this.#outputTo(name, value, timestamp, open.key),
    };
  }

  /** What is given to an output that nobody reads is lost, as in Flink. */
  #outputTo(sideOutput: string, value: unknown, timestamp: number | null, key: Key): void {
    const place = this.#places.get(sideOutput);
    if (place !== undefined) this.#outputs.add({ place, json: encodeStored(value), timestamp }, this.#called(key));
  }

  #fail(error: unknown, key: Key, value?: JsonValue): void {
    const failure = callError(this.#called(key), error);
    if (this.#spec.onFailure === undefined) throw failure;
    this.#spec.onFailure({ error: failure, key, ...(value !== undefined && { value }) });
  }

  #called(key: Key): Called {
    return { uid: this.#spec.uid, key };
  }

  #open(key: Key): OpenKey {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const open = new OpenKey(this.#frame, key, this.#state.contentsOf(key));
    this.#keys.set(key, open);
    return open;
  }
}

const valueOf = (value: Value): unknown => (value instanceof Raw ? value.value : value);
