/** Statements, one after the other, in one session of the gateway. */
import { closeOperation, fetchResult, nextToken, openSession, submit } from '../rest/gateway.js';
import { asRestError } from '../rest/rest-error.js';

/** @import { Column, Fetched, Row } from '../rest/gateway.js' */
/** @import { RestError } from '../rest/rest-error.js' */

/**
 * What a statement has come to so far.
 * @typedef {object} Outcome
 * @property {string} statement
 * @property {'running' | 'done' | 'stopped' | 'failed'} state
 * @property {readonly Column[]} columns
 * @property {readonly Row[]} rows the newest ones
 * @property {number} total of rows that came
 * @property {boolean} isQuery
 * @property {string | null} job the one that it started
 * @property {RestError | null} error
 */

/** Of a statement, in the page. */
const ROWS_MAX = 1000;
const WAIT_MS = 100;
const LIVE_WAIT_MS = 250;

/** @type {Promise<string> | null} */
let session = null;

/** The page's one session; it ends by itself, when nobody uses it. @returns {Promise<string>} */
export function sessionHandle() {
  session ??= openSession().catch((error) => {
    session = null;
    throw error;
  });
  return session;
}

/** @param {string} statement @returns {Outcome} */
const begun = (statement) => ({ statement, state: 'running', columns: [], rows: [], total: 0, isQuery: false, job: null, error: null });

/** Tells of each as it comes; ends at the first that fails. @param {readonly string[]} statements @param {(outcomes: readonly Outcome[]) => void} onOutcomes @param {AbortSignal} signal */
export async function runAll(statements, onOutcomes, signal) {
  /** @type {readonly Outcome[]} */
  let finished = [];
  for (const statement of statements) {
    const last = await runOne(statement, (outcome) => onOutcomes([...finished, outcome]), signal);
    finished = [...finished, last];
    onOutcomes(finished);
    if (last.state !== 'done') return;
  }
}

/** @param {string} statement @param {(outcome: Outcome) => void} onOutcome @param {AbortSignal} signal @returns {Promise<Outcome>} */
async function runOne(statement, onOutcome, signal) {
  let outcome = begun(statement);
  onOutcome(outcome);
  try {
    const handle = await sessionHandle();
    const operation = await submit(handle, statement);
    try {
      /** @type {number | null} */
      let token = 0;
      while (token !== null && !signal.aborted) {
        const fetched = await fetchResult(handle, operation, token);
        outcome = withMore(outcome, fetched);
        onOutcome(outcome);
        if ((fetched.results?.data.length ?? 0) === 0 && fetched.resultType !== 'EOS') await pause(fetched.resultType === 'NOT_READY' ? WAIT_MS : LIVE_WAIT_MS, signal);
        token = nextToken(fetched);
      }
    } finally {
      await closeOperation(handle, operation).catch(() => {});
    }
    return { ...outcome, state: signal.aborted ? 'stopped' : 'done' };
  } catch (error) {
    const failure = asRestError(error);
    // A session that nobody has used for long is gone.
    if (failure.status === 404 || /[Ss]ession/.test(failure.message)) session = null;
    return { ...outcome, state: 'failed', error: failure };
  }
}

/** @param {Outcome} outcome @param {Fetched} fetched @returns {Outcome} */
function withMore(outcome, { results, jobID, isQueryResult }) {
  if (results === undefined) return outcome;
  const { columns, data } = results;
  return {
    ...outcome,
    columns: columns.length === 0 ? outcome.columns : columns,
    rows: [...outcome.rows, ...data].slice(-ROWS_MAX),
    total: outcome.total + data.length,
    isQuery: outcome.isQuery || isQueryResult === true,
    job: jobID ?? outcome.job,
  };
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
