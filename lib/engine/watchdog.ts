/** The watchdog of a job: functions run in slices of time, so that none but a call that takes long by itself is interrupted. */
import { durationText } from '../core/duration.ts';
import { errorText } from '../core/error-text.ts';
import { SluiceError } from '../core/errors.ts';
import { keyText } from '../core/key.ts';
import { CALLS_PER_TURN, type CallUnderWay, type Watchdog } from '../core/process/watchdog.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Job } from './job.ts';

/** Null for jobs of SQL. */
export function watchdogOf(runtime: Pick<Runtime, 'elapsed' | 'runWithin'>, { dataflow, policies }: Pick<Job, 'dataflow' | 'policies'>): Watchdog | null {
  const { call, runsCode } = dataflow;
  const { functionTimeoutMs } = policies;
  if (!runsCode) return null;
  return {
    call,
    repeat: (next) => {
      const turns = new Turns(next, runtime, functionTimeoutMs);
      do if (!runtime.runWithin(functionTimeoutMs, () => turns.goOn(functionTimeoutMs / 2))) throw tooSlow(call, functionTimeoutMs);
      while (turns.more);
    },
  };
}

/** Turns that take long have one call each: however many there are, none of them is interrupted that ends within half the limit. */
class Turns {
  more = true;
  readonly #next: (calls: number) => boolean;
  readonly #runtime: Pick<Runtime, 'elapsed'>;
  readonly #shortMs: number;
  #calls = 1;

  constructor(next: (calls: number) => boolean, runtime: Pick<Runtime, 'elapsed'>, limitMs: number) {
    this.#next = next;
    this.#runtime = runtime;
    this.#shortMs = limitMs / (2 * CALLS_PER_TURN);
  }

  goOn(ms: number): void {
    const began = this.#runtime.elapsed();
    for (let at = began; this.more && at - began < ms; ) {
      this.more = this.#next(this.#calls);
      const now = this.#runtime.elapsed();
      this.#calls = now - at < this.#shortMs ? Math.min(CALLS_PER_TURN, 2 * this.#calls) : 1;
      at = now;
    }
  }
}

function tooSlow({ uid, key }: CallUnderWay, limitMs: number): SluiceError {
  const what = uid === null ? 'a function of the program' : `the function of ${uid}`;
  return new SluiceError('FUNCTION_TOO_SLOW', {
    message: errorText(`${what}${key === null ? '' : ` on key ${keyText(key)}`} was interrupted after ${durationText(limitMs)}`),
    details: { uid, key, limitMs },
  });
}
