/** What is done to jobs. It is triggered with an id of its own, so that asking twice does it once, and asked about until it has ended. */
import { get, request } from './request.js';
import { failureIn, RestError } from './rest-error.js';

/** @import { Failure } from '../types.js' */

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1000;

export const newTrigger = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** @typedef {{ readonly job: string, readonly trigger: string, readonly signal: AbortSignal }} Call */

/** `directory`: '' is where the server keeps them. Returns the location. @param {Call} call @param {string} directory @returns {Promise<string>} */
export async function takeSavepoint({ job, trigger, signal }, directory) {
  await request('POST', `jobs/${job}/savepoints`, { 'target-directory': directory === '' ? null : directory, 'cancel-job': false, triggerId: trigger });
  return locationOf(await outcome(`jobs/${job}/savepoints/${trigger}`, signal));
}

/** Returns the location. @param {Call} call @param {string} directory @param {boolean} drain @returns {Promise<string>} */
export async function stop({ job, trigger, signal }, directory, drain) {
  await request('POST', `jobs/${job}/stop`, { targetDirectory: directory === '' ? null : directory, drain, triggerId: trigger });
  return locationOf(await outcome(`jobs/${job}/savepoints/${trigger}`, signal));
}

/** @param {Call} call @returns {Promise<void>} */
export const cancel = ({ job }) => request('PATCH', `jobs/${job}?mode=cancel`, {});

/** Returns its number. @param {Call} call @returns {Promise<number>} */
export async function takeCheckpoint({ job, trigger, signal }) {
  await request('POST', `jobs/${job}/checkpoints`, { checkpointType: 'CONFIGURED', triggerId: trigger });
  const { checkpointId, failureCause } = await outcome(`jobs/${job}/checkpoints/${trigger}`, signal);
  if (failureCause !== undefined && failureCause !== null) throw causeIn(failureCause);
  return checkpointId;
}

/** @param {string} location @param {AbortSignal} signal @returns {Promise<void>} */
export async function dispose(location, signal) {
  const { 'request-id': trigger } = await request('POST', 'savepoint-disposal', { 'savepoint-path': location });
  const { 'failure-cause': cause } = await outcome(`savepoint-disposal/${trigger}`, signal);
  if (cause !== undefined && cause !== null) throw causeIn(cause);
}

/**
 * From where, and as what, a job goes on.
 * @typedef {object} Resumption
 * @property {string} [savepoint] default: the last state
 * @property {string} [sql] default: as it is
 * @property {boolean} allowNonRestored
 * @property {boolean} allowOffsetGap
 */

/** Returns the state that was dropped. @param {Call} call @param {Resumption} resumption @returns {Promise<readonly string[]>} */
export async function resume({ job, trigger, signal }, resumption) {
  await request('POST', `sluice/v1/jobs/${job}/resume`, { ...resumption, triggerId: trigger });
  /** @type {{ dropped?: readonly string[], failure?: Failure }} */
  const { dropped = [], failure } = await outcome(`sluice/v1/jobs/${job}/resume/${trigger}`, signal);
  if (failure !== undefined) throw new RestError(409, failure.code, failure.message, failure.hint);
  return dropped;
}

/** Until it has ended, or nobody waits any more. @param {string} path @param {AbortSignal} signal @returns {Promise<any>} */
async function outcome(path, signal) {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(MAX_PAUSE_MS, pause * 2)) {
    const { status, operation } = await get(path);
    if (status.id === 'COMPLETED') return operation ?? {};
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
}

/** @param {{ location?: string | null, 'failure-cause'?: object | null }} operation */
function locationOf({ location, 'failure-cause': cause }) {
  if (typeof location === 'string') return location.replace(/^file:(?=\/)/, '');
  throw causeIn(cause);
}

/** Flink's failures are stack traces, ours without a stack. @param {unknown} cause */
function causeIn(cause) {
  const text = typeof cause === 'object' && cause !== null && 'stack-trace' in cause ? String(cause['stack-trace']) : 'The operation failed.';
  return failureIn(500, text);
}
