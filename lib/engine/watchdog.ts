/** The watchdog of a job: functions run in slices of time, so that none but a call that takes long by itself is interrupted. */
import { durationText } from '../core/duration.ts';
import { errorText } from '../core/error-text.ts';
import { SluiceError } from '../core/errors.ts';
import { keyText } from '../core/key.ts';
import type { CallUnderWay, Watchdog } from '../core/process/watchdog.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Job } from './job.ts';

/** Null for jobs of SQL. */
export function watchdogOf(runtime: Pick<Runtime, 'elapsed' | 'runWithin'>, { dataflow, policies }: Pick<Job, 'dataflow' | 'policies'>): Watchdog | null {
  const { call, runsCode } = dataflow;
  const { functionTimeoutMs } = policies;
  if (!runsCode) return null;
  /** Goes on for half the limit; returns whether there is more. */
  const slice = (next: () => boolean): boolean => {
    const until = runtime.elapsed() + functionTimeoutMs / 2;
    let more = true;
    const ended = runtime.runWithin(functionTimeoutMs, () => {
      do more = next();
      while (more && runtime.elapsed() < until);
    });
    if (!ended) throw tooSlow(call, functionTimeoutMs);
    return more;
  };
  return {
    call,
    repeat: (next) => {
      while (slice(next));
    },
  };
}

function tooSlow({ uid, key }: CallUnderWay, limitMs: number): SluiceError {
  const what = uid === null ? 'a function of the program' : `the function of ${uid}`;
  return new SluiceError('FUNCTION_TOO_SLOW', {
    message: errorText(`${what}${key === null ? '' : ` on key ${keyText(key)}`} was interrupted after ${durationText(limitMs)}`),
    details: { uid, key, limitMs },
  });
}
