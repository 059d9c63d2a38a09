/** Runs checks side by side, each for a bounded time. */
import { setTimeout as delay } from 'node:timers/promises';
import { isError } from '../../core/errors.ts';
import { fail, type Check, type Finding } from './finding.ts';

/** As long as one check may take. */
const CHECK_MS = 5000;
/** Of requests to AWS, so that what they find is known within that. */
export const QUICK = { deadline: 4000, attempt: 2000 } as const;

/** In the order of the checks. One that has no time left goes on by itself, until what it asks has given up. */
export async function examine(checks: readonly Check[], withinMs = CHECK_MS): Promise<readonly Finding[]> {
  const found = await Promise.all(checks.map((check) => findingsOf(check, withinMs)));
  return found.flat();
}

async function findingsOf(check: Check, withinMs: number): Promise<readonly Finding[]> {
  const controller = new AbortController();
  const late = delay(withinMs, [fail(check.what, `no answer within ${withinMs / 1000} s`, 'check the address and that the network lets this machine through')], { signal: controller.signal });
  try {
    return await Promise.race([looked(check), late]);
  } finally {
    controller.abort();
    await late.catch(() => []);
  }
}

async function looked(check: Check): Promise<readonly Finding[]> {
  try {
    return await check.look();
  } catch (error) {
    if (!isError(error) || error.kind === 'bug') throw error;
    return [fail(check.what, error.message, error.hint ?? 'correct what the message names')];
  }
}
