/**
 * A function of the program over the records of one partition, in the writer (protocol 13.3, stateful partition mode): what it gives goes into the entry as
 * rows of a source would, and beside it what has changed of its state. Nothing touches the state before `commit`: an entry that is not appended has not been.
 */
import type { FunctionFlow } from '../../core/dataflow.ts';
import type { Uid } from '../../core/numbers.ts';
import type { KeyChange } from '../../core/process/changes.ts';
import type { FunctionTime } from '../../core/process/partitioned-state.ts';
import type { ProcessState } from '../../core/process/process-state.ts';
import { ProcessStep, type FailedCall, type TimeReached } from '../../core/process/process-step.ts';
import { unwatched, type CallUnderWay } from '../../core/process/watchdog.ts';
import type { Take } from '../../core/transforms.ts';
import type { Row } from '../../core/types.ts';
import type { Failures } from '../firer/failures.ts';

/** What the functions of a partition go on from, and the time that they come to with this entry. */
export interface FunctionFrame {
  readonly stateOf: (flow: FunctionFlow) => ProcessState;
  /** A sandbox that has loaded the state may know it as later than it was: what timers have not fired by then do now. */
  readonly before: FunctionTime;
  readonly after: FunctionTime;
}

/** Where what a function gives goes. */
export interface Outlet {
  readonly consumers: readonly Take[];
  /** Returns what takes back the rows for sinks from here on: what timers give goes nowhere else (`requirePrePartitioned`). */
  mark(): () => void;
}

/** The same frame, up to a time by which there is enough to do. */
export function frameUpTo(frame: FunctionFrame, reached: TimeReached): FunctionFrame {
  const { watermark, procTime } = frame.after;
  return { ...frame, after: 'eventTime' in reached ? { watermark: reached.eventTime, procTime } : { watermark, procTime: reached.procTime } };
}

export class FunctionRun {
  readonly #flow: FunctionFlow;
  readonly #before: FunctionTime;
  readonly #after: FunctionTime;
  readonly #failures: Failures;
  readonly #step: ProcessStep;
  readonly #outlet: Outlet;
  /** Of the record that is taken in, in the order in which it was. */
  readonly #undo: (() => void)[] = [];
  #timersFire = false;

  constructor(flow: FunctionFlow, { stateOf, before, after, call }: FunctionFrame & { readonly call: CallUnderWay }, failures: Failures, outlet: Outlet) {
    this.#flow = flow;
    this.#before = before;
    this.#after = after;
    this.#failures = failures;
    this.#outlet = outlet;
    const onFailure = (failed: FailedCall): void => this.#onFailure(failed);
    // The whole batch is watched.
    const spec = { uid: flow.uid, fn: flow.fn, firesPassed: true, watchdog: unwatched(call), ...(failures.take && { onFailure }) };
    this.#step = new ProcessStep(spec, stateOf(flow), before.watermark, after.procTime);
  }

  get uid(): Uid {
    return this.#flow.uid;
  }

  /** Says that another record of the source comes; it may be several here, or none. */
  beginRecord(): void {
    this.#undo.length = 0;
  }

  /** Throws what the function, or what its outputs go through, fails on: the record is bad then (W10). */
  add(row: Row): void {
    this.#undo.push(this.#step.run(row, this.#hand));
  }

  /** As if the record had not come, for the state: another one behind it is not bad because of it. */
  undoRecord(): void {
    for (const undo of this.#undo.toReversed()) undo();
  }

  /** Behind the last record the timers fire, as in a FIRE. Returns how far time may go where they are more than `rowsMax`: nothing of the run holds then (F13). */
  fire(rowsMax: number): TimeReached | null {
    this.#timersFire = true;
    const emit = (row: Row): void => this.#failures.guard(this.#flow.uid, () => this.#handWhole(row));
    return this.#step.fire(this.#after.watermark, this.#after.procTime, emit, { rows: rowsMax, procTime: this.#before.procTime });
  }

  /** What has changed. */
  changes(): KeyChange[] {
    return this.#step.changes();
  }

  commit(): void {
    this.#step.commit();
  }

  readonly #hand = (row: Row): void => {
    for (const consume of this.#outlet.consumers) consume(row);
  };

  /** All that comes of the row, or nothing (W10). */
  #handWhole(row: Row): void {
    const undo = this.#outlet.mark();
    try {
      this.#hand(row);
    } catch (error) {
      undo();
      throw error;
    }
  }

  /** A record that fails is left out by whoever reads them: that one knows its offset. */
  #onFailure(failed: FailedCall): void {
    if (!this.#timersFire) throw failed.error;
    this.#failures.take?.(this.#flow.uid, failed);
  }
}
