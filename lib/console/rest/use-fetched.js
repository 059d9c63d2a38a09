/** What one request gives, as state of a component. */
import { useEffect, useState } from 'preact/hooks';
import { get } from './request.js';
import { asRestError } from './rest-error.js';

/** @import { RestError } from './rest-error.js' */

/**
 * @template T
 * @typedef {object} Fetched
 * @property {T | null} value the newest that came, also while another is asked for
 * @property {RestError | null} error why the newest did not come
 */

/**
 * Asks again when the path changes, and when `version` does.
 * @template T @param {string} path @param {unknown} [version] @returns {Fetched<T>}
 */
export function useFetched(path, version) {
  const [fetched, setFetched] = useState(/** @type {Fetched<T>} */ ({ value: null, error: null }));
  useEffect(() => {
    let isWanted = true;
    get(path).then(
      (value) => isWanted && setFetched({ value, error: null }),
      (error) => isWanted && setFetched(({ value }) => ({ value, error: asRestError(error) })),
    );
    return () => {
      isWanted = false;
    };
  }, [path, version]);
  return fetched;
}
