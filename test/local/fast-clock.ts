/** Real time that runs faster, in the same way in all processes of a test: what waits for a second waits for a moment. */
import { wallTime } from '../../lib/core/numbers.ts';
import type { Runtime } from '../../lib/ports/runtime.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';

const SPEED = 10;

/** `start`: epoch ms at which the clock shows the real time. */
export const fastRuntime = (start: number): Runtime => ({
  now: () => wallTime(start + (nodeRuntime.now() - start) * SPEED),
  elapsed: () => nodeRuntime.elapsed() * SPEED,
  randomHex: nodeRuntime.randomHex,
  sleep: (ms) => nodeRuntime.sleep(ms / SPEED),
  runWithin: nodeRuntime.runWithin,
});
