/** What one request gives, as state of a component. */
import { useEffect, useRef, useState } from 'preact/hooks';
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
 * Asks again when the path changes, and when `version` does: then behind the answer that is on its way, so that a slow server is not asked faster than it answers.
 * @template T @param {string} path @param {unknown} [version] @returns {Fetched<T>}
 */
export function useFetched(path, version) {
  const [fetched, setFetched] = useState(/** @type {Fetched<T>} */ ({ value: null, error: null }));
  const wanted = useRef(/** @type {unknown} */ (version));
  const ask = useRef(() => {});
  wanted.current = version;
  useEffect(() => {
    let [isOver, isAsking] = [false, false];
    ask.current = async () => {
      if (isAsking) return;
      isAsking = true;
      /** @type {unknown} */
      let asked;
      do {
        asked = wanted.current;
        const news = await answerTo(path);
        if (isOver) return;
        setFetched(({ value }) => ({ value, ...news }));
      } while (wanted.current !== asked);
      isAsking = false;
    };
    return () => {
      isOver = true;
    };
  }, [path]);
  useEffect(() => {
    ask.current();
  }, [path, version]);
  return fetched;
}

/** @param {string} path @returns {Promise<{ value?: any, error: RestError | null }>} */
const answerTo = (path) =>
  get(path).then(
    (value) => ({ value, error: null }),
    (error) => ({ error: asRestError(error) }),
  );
