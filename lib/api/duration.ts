/** Durations of programs: Flink's words (`'5 s'`, `'1 min'`), or milliseconds. */
import { parseDuration } from '../core/duration.ts';
import { refuse } from './refusal.ts';

/** `'5 s'`, `'1 min'`, `'500 ms'`; a number is milliseconds. */
export type Duration = string | number;

/** Whole milliseconds, at least `least`; throws JOB_DEFINITION. `what` is what lasts so long. */
export function millisecondsOf(duration: Duration, where: string, what: string, least = 1): number {
  const ms = typeof duration === 'number' ? duration : parseDuration(duration);
  if (ms !== null && Number.isSafeInteger(ms) && ms >= least) return ms;
  return refuse(where, `${what} '${duration}' is no duration of at least ${least} ms`, "Write '500 ms', '10 s', '5 min', '1 h' or '1 d'.");
}
