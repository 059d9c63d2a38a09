/** A key as a step has it open: its states and timers over what is committed, and what its function may ask of them. */
import { SluiceError } from '../errors.ts';
import type { Key } from '../key.ts';
import type { EventTime, WallTime } from '../numbers.ts';
import { MIN_WATERMARK } from '../watermark.ts';
import type { KeyContents } from './contents.ts';
import type { NamedState } from './descriptor.ts';
import { openKeyStates, type KeyStates, type Mark } from './key-states.ts';
import { NO_TIMERS, OpenTimers, type TimersMark } from './key-timers.ts';
import type { TimeDomain, TimerService } from './keyed-function.ts';
import { timesBeside } from './time-tree.ts';

/** What all keys of a step have in common. */
export interface StepFrame {
  readonly states: readonly NamedState[];
  readonly procTime: WallTime;
  readonly watermark: EventTime;
  /** Hears of every timer that was not there. */
  registered(domain: TimeDomain, key: Key, time: number): void;
}

/** What a key had before a call. */
export interface KeyMark {
  readonly states: Mark;
  readonly timers: TimersMark;
}

export class OpenKey {
  readonly key: Key;
  readonly timers: OpenTimers;
  #timerService: TimerService | null = null;
  readonly #frame: StepFrame;
  readonly #states: KeyStates;

  constructor(frame: StepFrame, key: Key, committed: KeyContents | null) {
    this.key = key;
    this.#frame = frame;
    this.timers = new OpenTimers(committed?.timers ?? NO_TIMERS);
    this.#states = openKeyStates(frame.states, committed?.cells ?? null, frame.procTime);
  }

  /** Made for functions that ask for it: most keys of a step need none. */
  get timerService(): TimerService {
    return (this.#timerService ??= timerService(this.#frame, this.key, this.timers));
  }

  /** What the function reads and writes. */
  get state(): KeyStates['state'] {
    return this.#states.state;
  }

  /** Null where nothing has changed. */
  get changed(): KeyContents | null {
    const isChanged = this.#states.isChanged || this.timers.isChanged;
    return isChanged ? { cells: this.#states.cells(), timers: this.timers.timers } : null;
  }

  mark(): KeyMark {
    return { states: this.#states.mark(), timers: this.timers.mark() };
  }

  /** Undoes what has happened since. Timers that were deleted stand again: who has swept them out hears of them anew. */
  rollback({ states, timers }: KeyMark): void {
    const undone = this.timers.timers;
    this.#states.rollback(states);
    this.timers.rollback(timers);
    for (const domain of ['event', 'processing'] as const) {
      for (const time of timesBeside(timers[domain], undone[domain])) this.#frame.registered(domain, this.key, time);
    }
  }
}

function timerService(frame: StepFrame, key: Key, timers: OpenTimers): TimerService {
  const register = (domain: TimeDomain, time: number): void => {
    if (timers.register(domain, timeOf(time))) frame.registered(domain, key, time);
  };
  return {
    currentProcessingTime: () => frame.procTime,
    currentWatermark: () => (frame.watermark === MIN_WATERMARK ? null : frame.watermark),
    registerEventTimeTimer: (time) => register('event', time),
    registerProcessingTimeTimer: (time) => register('processing', time),
    deleteEventTimeTimer: (time) => timers.delete('event', time),
    deleteProcessingTimeTimer: (time) => timers.delete('processing', time),
  };
}

/** Timers are stored and compared as whole numbers, as Flink's longs. */
function timeOf(time: number): number {
  if (Number.isSafeInteger(time)) return time;
  throw new SluiceError('FUNCTION_THREW', { message: `a timer is registered for ${String(time)}`, hint: 'give whole milliseconds since 1970' });
}
