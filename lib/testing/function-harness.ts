/** What the harnesses of functions over keys have in common. */
import type { StateDescriptors } from '../api/process-function.ts';
import type { Key } from '../core/key.ts';
import { NO_TIMERS } from '../core/process/key-timers.ts';
import { RECORD_KEYS, RecordFold } from '../core/process/record-fold.ts';
import { listOf } from '../core/process/time-tree.ts';
import { Raw } from '../core/types.ts';
import { heldValues, type HeldValues } from './held-values.ts';
import { restored, type HarnessSnapshot, type RestoreOptions } from './snapshot.ts';
import { StepHarness } from './step-harness.ts';
import { typed } from './typed.ts';

/** The timers of a key, epoch ms, ascending. */
export interface TimerTimes {
  readonly event: readonly number[];
  readonly processing: readonly number[];
}

export class FunctionHarness<K, D extends StateDescriptors, Out> extends StepHarness<Out> {
  /** The states of a key as they are now, as plain values: `harness.state('a').count`. What has expired and can be seen no more is not there. */
  state(key: K): HeldValues<D> {
    return typed(heldValues(this.fn.states, this.held, keyOf(key)));
  }

  /** The timers of a key, epoch ms, in order. */
  timers(key: K): TimerTimes {
    const { event, processing } = this.held.state.contentsOf(keyOf(key))?.timers ?? NO_TIMERS;
    return { event: listOf(event), processing: listOf(processing) };
  }

  /**
   * Keys that hold anything: a state or a timer. A function whose keys all stay has a leak. What has expired is read no more at once, but held for up to a
   * sixteenth of its TTL.
   */
  get numKeys(): number {
    return this.held.state.paneCount();
  }

  /**
   * Puts a snapshot in the place of all that is held, as a resume from a savepoint does: also one of another version of the function, through the migrations.
   * Throws STATE_INCOMPATIBLE where a job would not resume; nothing has changed then.
   */
  restore(snapshot: HarnessSnapshot, options: RestoreOptions = {}): void {
    this.held = restored(this.fn, snapshot, options);
  }

  /** For the harnesses alone: gives the function an element. */
  protected element(key: K, value: unknown, timestamp: number | null, from: number): void {
    const records = new RecordFold();
    records.add([new Raw(key), new Raw(value), timestamp, from]);
    this.step({ records: records.columns() });
  }
}

const keyOf = (key: unknown): Key => RECORD_KEYS.keyOf([new Raw(key)]);
