/**
 * Why is my window still open? A window closes when the watermark passes its end. The watermark of an operator is the least of its sources that are not idle,
 * that of a source the least of its partitions that are not idle: in the end one partition holds it.
 */
import { ago, bytes, clock, count, counted, duration, span, time } from './format.js';
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
  const subject = subjectOf(window, job.now);
  const sources = sourcesOf(job, operator);
  const held = heldBack(sources);
  const [source = null] = held;
  const holder = source === null ? null : holderOf(source);
  /** @param {string} reason @param {string | null} [advice] @returns {Answer} */
  const because = (reason, advice = null) => ({ sentence: `${subject} open because ${reason}`, advice, holder, window });

  if (job.isEnded) return because(`the job is ${job.status}. What is in it is kept.`, 'It goes on when the job is resumed.');
  if (job.fireError !== null) return because(`its result cannot be computed since ${clock(job.fireError.since, job.now)}: ${job.fireError.message}`, job.fireError.hint);
  if (window.time === 'processing') return byTheClock(job, window);
  if (source === null) return because('nothing has been read yet.');
  const watermark = source.watermark;
  if (watermark !== null && watermark >= window.firesAt) return complete(job, window, `the watermark, ${time(watermark, window.start)}, has passed its end`);
  const blocked = job.recordErrors.find(({ partitionId }) => holder === null || partitionId === holder.id);
  if (blocked !== undefined) {
    const where = `partition ${blocked.partition} of topic ${blocked.topic}`;
    return because(`${where} waits behind the record at offset ${blocked.offset}, which cannot be taken in: ${blocked.message}`, blocked.hint);
  }
  if (holder === null) return because(allIdle(held, job.now), 'It closes when a record comes whose time is far enough past its end.');
  return because(`${place(holder, source, sources)} ${standing(holder, window, job)}`, adviceFor(holder, source, window, job));
}

/** Each session has a span of its own: of several there is the whole. @param {OpenWindow} window @param {number} now */
function subjectOf(window, now) {
  if (window.kind === 'window') return `Window ${span(window, now)} is`;
  return window.entries === 1 ? `Session ${span(window, now)} is` : `${counted(window.entries, 'session')} from ${span(window, now)} are`;
}

/** No watermark is waited for. @param {Job} job @param {OpenWindow} window @returns {Answer} */
function byTheClock(job, window) {
  const end = window.firesAt + 1;
  if (job.now >= end) return complete(job, window, `its end, ${clock(end, job.now)}, is over`);
  const what = window.kind === 'sessions' && window.entries > 1 ? 'The first of them closes' : 'It closes';
  return { sentence: `${subjectOf(window, job.now)} open. ${what} by the clock, in ${duration(end - job.now)}.`, advice: null, holder: null, window };
}

/** Its result may wait for a sink that does not take the one before. @param {Job} job @param {OpenWindow} window @param {string} reason @returns {Answer} */
function complete({ now, sinkErrors: [waiting] }, window, reason) {
  const isOne = window.kind === 'window' || window.entries === 1;
  const subject = isOne ? `${subjectOf(window, now)} complete` : `Of ${counted(window.entries, 'session')} the first is complete`;
  const next = waiting === undefined ? 'Its result comes next.' : `Its result waits for the sink ${waiting.table}, which takes no rows since ${clock(waiting.since, now)}: ${waiting.message}`;
  return { sentence: `${subject}: ${reason}. ${next}`, advice: waiting?.hint ?? null, holder: null, window };
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

/**
 * Which sources the watermark of an operator comes from: the slowest of those that are not idle; where all are idle, the one that has come farthest before the others.
 * One that has no watermark yet is slower than all that have one.
 * @param {readonly Source[]} sources @returns {readonly Source[]}
 */
function heldBack(sources) {
  const slowestFirst = (/** @type {Source} */ a, /** @type {Source} */ b) => (a.watermark ?? -Infinity) - (b.watermark ?? -Infinity);
  const active = sources.filter((source) => !isIdle(source));
  return active.length > 0 ? active.toSorted(slowestFirst) : sources.toSorted((a, b) => slowestFirst(b, a));
}

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
  const what = window.kind === 'window' ? 'the window' : window.entries === 1 ? 'the session' : 'the first of them';
  const stands = `its watermark is ${time(watermark, window.start)}, ${duration(window.firesAt + 1 - watermark)} before ${what} ends.`;
  if ((lag ?? 0) > 0) return `is behind: ${waiting(lag ?? 0, offsets)}; ${stands}`;
  return isQuiet ? `has sent nothing since ${clock(dataAt ?? 0, now)} (${ago(dataAt ?? 0, now)}); ${stands}` : `has not come to its end yet; ${stands}`;
}

/** @param {number} lag @param {Job['offsets']} offsets */
const waiting = (lag, offsets) => (offsets === 'bytes' ? `${bytes(lag)} of it wait to be read` : `${counted(lag, 'record')} of it wait to be read`);

/** @param {readonly Source[]} sources the one that has come farthest first @param {number} now */
function allIdle(sources, now) {
  const stays = sources[0]?.watermark ?? null;
  const known = sources.filter(({ partitionCount }) => partitionCount > 0);
  const partitions = known.reduce((sum, { partitionCount }) => sum + partitionCount, 0);
  const tables = known.map(({ table }) => table).join(' and ');
  if (partitions === 0) return `no partition of ${sources.map(({ table }) => table).join(' and ')} is known yet.`;
  const who = partitions === 1 ? `the one partition of ${tables} is` : `all ${count(partitions)} partitions of ${tables} are`;
  return `${who} idle; ${stays === null ? 'there is no watermark yet.' : `the watermark stays at ${time(stays, now)}.`}`;
}

const IDLE_TIMEOUT = 'table.exec.source.idle-timeout';

/** @param {Partition} holder @param {Source} source @param {OpenWindow} window @param {Job} job @returns {string | null} */
function adviceFor(holder, { partitionCount, idleCount, partitions, uid }, window, { options, plan }) {
  if ((holder.lag ?? 0) > 0) return null;
  if (partitionCount - idleCount === 1) return 'It closes when a record comes whose time puts the watermark at the end of the window, or past it.';
  const others = partitions.filter(({ id, idle }) => id !== holder.id && !idle);
  // Of more partitions than the server shows nobody here knows where they are.
  if (partitions.length < partitionCount || others.some(({ watermark }) => watermark === null || watermark < window.firesAt)) return null;
  const hasTimeout = IDLE_TIMEOUT in options || (plan?.nodes ?? []).some((node) => node.uid === uid && node.lines.some((line) => line.includes('idle after')));
  return hasTimeout
    ? 'All other partitions have passed its end. It closes when this one sends, or when it has been silent for the idle timeout.'
    : `All other partitions have passed its end. To let windows close without a partition that is silent, set '${IDLE_TIMEOUT}'.`;
}
