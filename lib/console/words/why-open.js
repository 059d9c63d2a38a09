/**
 * Why is my window still open? A window closes when the watermark passes its end. The watermark of an operator is the least of its sources that are not idle,
 * that of a source the least of its partitions that are not idle: in the end one partition holds it.
 */
import { ago, bytes, clock, counted, duration, span, time } from './format.js';
import { above } from './plan-order.js';

/** @import { Job, Operator, OpenWindow, Partition, Source } from '../types.js' */

/**
 * @typedef {object} Answer
 * @property {string} sentence
 * @property {string | null} advice what to do, where something can be done
 * @property {Partition | null} holder
 * @property {OpenWindow} window
 */

/** Silence that is worth saying. */
const QUIET_MS = 10_000;

/** Of the oldest open window of each operator. @param {Job} job @returns {{ operator: Operator, answer: Answer }[]} */
export const whyOpen = (job) =>
  (job.state?.operators ?? []).flatMap((operator) => {
    const [window] = operator.windows;
    return window === undefined ? [] : [{ operator, answer: whyWindowIsOpen(job, operator, window) }];
  });

/** @param {Job} job @param {Operator} operator @param {OpenWindow} window @returns {Answer} */
export function whyWindowIsOpen(job, operator, window) {
  const name = `Window ${span(window, job.now)}`;
  const sources = sourcesOf(job, operator);
  const source = slowest(sources);
  const holder = source === null ? null : holderOf(source);
  /** @param {string} reason @param {string | null} [advice] @returns {Answer} */
  const because = (reason, advice = null) => ({ sentence: `${name} is open because ${reason}`, advice, holder, window });

  if (job.isEnded) return because(`the job is ${job.status}. What is in it is kept.`, 'It goes on when the job is resumed.');
  if (job.fireError !== null) return because(`its result cannot be computed since ${clock(job.fireError.since, job.now)}: ${job.fireError.message}`, job.fireError.hint);
  if (source === null) return because('nothing has been read yet.');
  const watermark = watermarkOf(sources);
  if (watermark !== null && watermark >= window.end - 1) {
    return { sentence: `${name} is complete: the watermark, ${time(watermark, window.start)}, has passed its end. Its result comes next.`, advice: null, holder: null, window };
  }
  const blocked = job.recordErrors.find(({ partitionId }) => holder === null || partitionId === holder.id);
  if (blocked !== undefined) {
    const where = `partition ${blocked.partition} of topic ${blocked.topic}`;
    return because(`${where} waits behind the record at offset ${blocked.offset}, which cannot be taken in: ${blocked.message}`, blocked.hint);
  }
  if (holder === null) return because(allIdle(source, job.now), 'It closes when a record comes whose time is far enough past its end.');
  return because(`${place(holder, source, sources)} ${standing(holder, window, job)}`, adviceFor(holder, source, window, job));
}

/** @param {Job} job @param {Operator} operator */
function sourcesOf({ state, plan }, operator) {
  const all = state?.sources ?? [];
  if (plan === null) return all;
  const uids = above(plan, operator.uid);
  const found = all.filter(({ uid }) => uids.has(uid));
  return found.length === 0 ? all : found;
}

/** @param {Source} source */
const isIdle = ({ partitionCount, idleCount }) => idleCount === partitionCount;

/** Among those that are not idle, if there are any; one that has no watermark yet is slower than all that have one. @param {readonly Source[]} sources @returns {Source | null} */
function slowest(sources) {
  const active = sources.filter((source) => !isIdle(source));
  const [first = null] = (active.length === 0 ? sources : active).toSorted((a, b) => (a.watermark ?? -Infinity) - (b.watermark ?? -Infinity));
  return first;
}

/** @param {readonly Source[]} sources */
const watermarkOf = (sources) => slowest(sources)?.watermark ?? null;

/** @param {Source} source @returns {Partition | null} */
export const holderOf = ({ holder, partitions }) => partitions.find(({ id }) => id === holder) ?? null;

/** @param {Partition} holder @param {Source} source @param {readonly Source[]} sources */
const place = ({ partition, topic }, { table }, sources) => `partition ${partition} of topic ${topic}${sources.length > 1 ? ` (table ${table})` : ''}`;

/** @param {Partition} holder @param {OpenWindow} window @param {Job} job */
function standing({ watermark, lag, dataAt }, window, { now, offsets }) {
  const isQuiet = dataAt !== null && now - dataAt >= QUIET_MS;
  if (watermark === null) {
    const since = dataAt === null ? '' : ` since ${clock(dataAt, now)} (${ago(dataAt, now)})`;
    return (lag ?? 0) > 0 ? `has not been read yet: ${waiting(lag ?? 0, offsets)}.` : `has sent nothing yet${since}: without a record it has no watermark, and without its watermark there is none.`;
  }
  const stands = `its watermark is ${time(watermark, window.start)}, ${duration(window.end - watermark)} before the window ends.`;
  if ((lag ?? 0) > 0) return `is behind: ${waiting(lag ?? 0, offsets)}; ${stands}`;
  return isQuiet ? `has sent nothing since ${clock(dataAt ?? 0, now)} (${ago(dataAt ?? 0, now)}); ${stands}` : `has not come to its end yet; ${stands}`;
}

/** @param {number} lag @param {Job['offsets']} offsets */
const waiting = (lag, offsets) => (offsets === 'bytes' ? `${bytes(lag)} of it wait to be read` : `${counted(lag, 'record')} of it wait to be read`);

/** @param {Source} source @param {number} now */
function allIdle({ table, partitionCount, watermark }, now) {
  const who = partitionCount === 1 ? `the one partition of ${table} is` : `all ${partitionCount} partitions of ${table} are`;
  return `${who} idle; ${watermark === null ? 'there is no watermark yet.' : `the watermark stays at ${time(watermark, now)}.`}`;
}

const IDLE_TIMEOUT = 'table.exec.source.idle-timeout';

/** @param {Partition} holder @param {Source} source @param {OpenWindow} window @param {Job} job @returns {string | null} */
function adviceFor(holder, { partitionCount, partitions }, window, { options, plan }) {
  if ((holder.lag ?? 0) > 0) return null;
  const others = partitions.filter(({ id, idle }) => id !== holder.id && !idle);
  const isAlone = partitionCount === 1 || others.length === 0;
  if (isAlone) return 'It closes when a record comes whose time puts the watermark at the end of the window, or past it.';
  const ahead = others.filter(({ watermark }) => watermark !== null && watermark >= window.end - 1).length;
  if (ahead < others.length) return null;
  const hasTimeout = IDLE_TIMEOUT in options || (plan?.nodes ?? []).some(({ lines }) => lines.some((line) => line.includes('idle')));
  return hasTimeout
    ? 'All other partitions have passed its end. It closes when this one sends, or when it has been silent for the idle timeout.'
    : `All other partitions have passed its end. To let windows close without a partition that is silent, set '${IDLE_TIMEOUT}'.`;
}
