/** The real clock, randomness and waiting of this process. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { wallTime } from '../../core/numbers.ts';
import { runWithin } from './run-within.ts';
import type { Runtime } from '../../ports/runtime.ts';

export const nodeRuntime: Runtime = {
  now: () => wallTime(Date.now()),
  elapsed: () => performance.now(),
  randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  sleep: (ms) => delay(ms),
  runWithin,
};
