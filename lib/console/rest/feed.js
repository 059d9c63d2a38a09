/** What the page knows by the stream of events. */

/** @import { Connection } from './follow.js' */
/** @import { ServerEvent } from './event-stream.js' */
/** @import { RestError } from './rest-error.js' */
/** @import { Failure, Job, JobItem, Sample } from '../types.js' */

/**
 * @typedef {object} JobList
 * @property {readonly JobItem[]} jobs newest first, at most 1000
 * @property {number} total
 * @property {Readonly<Record<string, number>>} counts by status
 * @property {'records' | 'bytes'} offsets what lags count
 */

/**
 * @typedef {object} Feed
 * @property {Connection} connection
 * @property {RestError | null} error why the connection is lost
 * @property {number | null} asOf when the server was heard last, by the browser's clock
 * @property {JobList | null} list
 * @property {Job | null} job
 * @property {readonly Sample[]} samples that came since the page looks, oldest first
 * @property {Failure | null} gone why what is asked for cannot be read
 */

/** @type {Feed} */
export const NOTHING_YET = { connection: 'connecting', error: null, asOf: null, list: null, job: null, samples: [], gone: null };

/** A sample comes every second or so. */
const SAMPLES_MAX = 900;
/** As many as the server tells of. */
const JOBS_MAX = 1000;

/**
 * @typedef {{ readonly kind: 'event', readonly event: ServerEvent }
 *   | { readonly kind: 'connection', readonly connection: Connection, readonly error: RestError | null, readonly at: number }
 *   | { readonly kind: 'again' }} Heard
 */

/** @param {Feed} feed @param {Heard} heard @returns {Feed} */
export function hear(feed, heard) {
  switch (heard.kind) {
    case 'again':
      return NOTHING_YET;
    case 'connection':
      return { ...feed, connection: heard.connection, error: heard.error, asOf: heard.connection === 'lost' ? feed.asOf : heard.at };
    case 'event':
      return take(feed, heard.event);
  }
}

/** What the server sends is held to its shapes by its own tests. @param {Feed} feed @param {ServerEvent} event @returns {Feed} */
function take(feed, { name, data }) {
  switch (name) {
    case 'jobs':
      return { ...feed, gone: null, list: merged(feed.list, /** @type {JobList} */ (data)) };
    case 'job':
      return { ...feed, gone: null, job: /** @type {Job} */ (data) };
    case 'sample':
      return withSample(feed, /** @type {Sample} */ (data));
    case 'gone':
      return { ...feed, gone: /** @type {Failure} */ (data) };
    default:
      return feed;
  }
}

/** A job is told of again when something about it changes; meanwhile its clock goes on. @param {Feed} feed @param {Sample} sample @returns {Feed} */
const withSample = ({ job, samples, ...feed }, sample) => ({
  ...feed,
  job: job === null ? null : { ...job, now: Math.max(job.now, sample.at) },
  samples: [...samples, sample].slice(-SAMPLES_MAX),
});

/** The first event has all jobs, later ones those that have changed. @param {JobList | null} known @param {JobList} news @returns {JobList} */
function merged(known, news) {
  const byId = new Map((known?.jobs ?? []).map((job) => [job.id, job]));
  for (const job of news.jobs) byId.set(job.id, job);
  return { ...news, jobs: [...byId.values()].sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1)).slice(0, JOBS_MAX) };
}
