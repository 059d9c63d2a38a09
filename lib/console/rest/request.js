/** Requests to the server that this page came from. */
import { RestError, refusalIn } from './rest-error.js';

/** The page may stand below a path. */
const ROOT = new URL('../../', import.meta.url);
const WITHIN_MS = 60_000;

/** Throws RestError. @param {string} path without a leading slash @param {RequestInit} init @returns {Promise<Response>} */
export async function send(path, init) {
  try {
    return await fetch(new URL(path, ROOT), init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new RestError(0, null, 'The server cannot be reached.', 'Is `sluice up` still running?');
  }
}

/** Throws RestError. @param {'GET' | 'POST' | 'PATCH' | 'DELETE'} method @param {string} path @param {object} [body] @returns {Promise<any>} */
export async function request(method, path, body) {
  const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json; charset=UTF-8' } };
  const response = await send(path, { method, signal: AbortSignal.timeout(WITHIN_MS), ...init });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw refusalIn(response.status, answer);
  return answer;
}

/** @param {string} path */
export const get = (path) => request('GET', path);
