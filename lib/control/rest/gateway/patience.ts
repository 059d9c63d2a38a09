/** How long an answer waits for what it may be about: a moment, which saves most clients a second request. */
import type { Runtime } from '../../../ports/runtime.ts';

const LOOKS = 10;
const PAUSE_MS = 10;

/** Returns when `isReady`, or when it has been waited for long enough. */
export async function waitAMoment(runtime: Pick<Runtime, 'sleep'>, isReady: () => boolean): Promise<void> {
  for (let look = 0; look < LOOKS && !isReady(); look++) await runtime.sleep(PAUSE_MS);
}
