/** The stream of events as state of a component: of one job, or of the list. */
import { useEffect, useReducer } from 'preact/hooks';
import { hear, NOTHING_YET } from './feed.js';
import { follow } from './follow.js';
import { get } from './request.js';

/** @import { Feed } from './feed.js' */

/** @param {string | null} job null: all jobs @returns {Feed} */
export function useFeed(job) {
  const [feed, dispatch] = useReducer(hear, NOTHING_YET);
  useEffect(() => {
    const controller = new AbortController();
    dispatch({ kind: 'again' });
    const following = {
      path: job === null ? 'sluice/v1/events' : `sluice/v1/events?job=${job}`,
      poll: async () => (job === null ? [{ name: 'jobs', data: await get('sluice/v1/jobs?limit=1000') }] : [{ name: 'job', data: await get(`sluice/v1/jobs/${job}`) }]),
      /** @param {import('./event-stream.js').ServerEvent} event */
      onEvent: (event) => dispatch({ kind: 'event', event }),
      /** @param {import('./follow.js').Connection} connection @param {import('./rest-error.js').RestError | null} error */
      onConnection: (connection, error) => dispatch({ kind: 'connection', connection, error, at: Date.now() }),
    };
    void follow(following, controller.signal);
    return () => controller.abort();
  }, [job]);
  return feed;
}
