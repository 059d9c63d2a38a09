/** The address behind the `#`, which needs nothing of a server. */
import { useEffect, useState } from 'preact/hooks';

export const TABS = /** @type {const} */ (['overview', 'partitions', 'state', 'checkpoints', 'records']);

/** @typedef {(typeof TABS)[number]} Tab */
/** @typedef {{ readonly view: 'jobs' } | { readonly view: 'sql' } | { readonly view: 'job', readonly id: string, readonly tab: Tab }} Route */

/** What is no address is the list of jobs. @param {string} hash @returns {Route} */
export function routeOf(hash) {
  if (/^#\/sql$/.test(hash)) return { view: 'sql' };
  const [, id = '', name = 'overview'] = /^#\/jobs\/([0-9a-f]{32})(?:\/(\w+))?$/.exec(hash) ?? [];
  if (id === '') return { view: 'jobs' };
  return { view: 'job', id, tab: TABS.find((tab) => tab === name) ?? 'overview' };
}

/** @param {string} id @param {Tab} [tab] */
export const jobAddress = (id, tab = 'overview') => `#/jobs/${id}${tab === 'overview' ? '' : `/${tab}`}`;

/** @returns {Route} */
export function useRoute() {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return routeOf(hash);
}
