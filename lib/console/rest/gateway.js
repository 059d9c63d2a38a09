/** Flink's SQL gateway: a session, and statements in it. */
import { get, request } from './request.js';

/** @typedef {{ readonly name: string, readonly logicalType: { readonly type: string } }} Column */
/** @typedef {{ readonly kind: 'INSERT' | 'UPDATE_BEFORE' | 'UPDATE_AFTER' | 'DELETE', readonly fields: readonly (string | null)[] }} Row */

/**
 * @typedef {object} Fetched
 * @property {'NOT_READY' | 'PAYLOAD' | 'EOS'} resultType
 * @property {boolean} [isQueryResult]
 * @property {string} [jobID]
 * @property {{ readonly columns: readonly Column[], readonly data: readonly Row[] }} [results]
 * @property {string} [nextResultUri]
 */

/** @returns {Promise<string>} */
export async function openSession() {
  const { sessionHandle } = await request('POST', 'v2/sessions', { sessionName: 'console', properties: {} });
  return sessionHandle;
}

/** @param {string} session @param {string} statement @returns {Promise<string>} */
export async function submit(session, statement) {
  const { operationHandle } = await request('POST', `v2/sessions/${session}/statements`, { statement });
  return operationHandle;
}

/** @param {string} session @param {string} operation @param {number} token @returns {Promise<Fetched>} */
export const fetchResult = (session, operation, token) => get(`v2/sessions/${session}/operations/${operation}/result/${token}?rowFormat=PLAIN_TEXT`);

/** @param {string} session @param {string} operation @returns {Promise<void>} */
export const closeOperation = (session, operation) => request('DELETE', `v2/sessions/${session}/operations/${operation}/close`);

/** Flink's client does it by a GET, with which browsers send no body. @param {string} session @param {string} statement @param {number} position @returns {Promise<readonly string[]>} */
export async function complete(session, statement, position) {
  const { candidates } = await request('POST', `v2/sessions/${session}/complete-statement`, { statement, position });
  return candidates;
}

/** The token of the next result; null behind the last one. @param {Fetched} fetched @returns {number | null} */
export function nextToken({ nextResultUri }) {
  const token = /\/result\/(\d+)(?:\?|$)/.exec(nextResultUri ?? '')?.[1];
  return token === undefined ? null : Number(token);
}
