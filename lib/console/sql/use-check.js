/** What is wrong with the text, a moment after the last key. */
import { useEffect, useState } from 'preact/hooks';
import { request } from '../rest/request.js';

/** @import { SqlProblem } from './positions.js' */

/** @typedef {{ readonly text: string, readonly problems: readonly SqlProblem[], readonly explain: string | null }} Check */

const QUIET_MS = 400;

/** @param {string} text @returns {Check} */
export function useCheck(text) {
  const [check, setCheck] = useState(/** @type {Check} */ ({ text: '', problems: [], explain: null }));
  useEffect(() => {
    if (text.trim() === '') return setCheck({ text, problems: [], explain: null });
    let isWanted = true;
    const timer = setTimeout(() => {
      request('POST', 'sluice/v1/sql/check', { statements: text }).then(
        ({ problems, explain }) => isWanted && setCheck({ text, problems, explain }),
        // The marks are a help; what cannot be run says so itself.
        () => {},
      );
    }, QUIET_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [text]);
  return check;
}
