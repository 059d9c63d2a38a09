/** An operation under way, as state of a dialog. Whoever closes the dialog does not end it. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { newTrigger } from '../rest/operations.js';
import { asRestError } from '../rest/rest-error.js';

/** @import { Call } from '../rest/operations.js' */
/** @import { RestError } from '../rest/rest-error.js' */

/**
 * @template T
 * @typedef {{ readonly kind: 'asked' } | { readonly kind: 'running', readonly trigger: string } | { readonly kind: 'done', readonly result: T } | { readonly kind: 'failed', readonly error: RestError }} Phase
 */

/** @template T @param {string} job @returns {{ phase: Phase<T>, run: (action: (call: Call) => Promise<T>) => void }} */
export function useOperation(job) {
  const [phase, setPhase] = useState(/** @type {Phase<T>} */ ({ kind: 'asked' }));
  const controller = useMemo(() => new AbortController(), []);
  useEffect(() => () => controller.abort(), []);
  const unanswered = useRef(/** @type {string | null} */ (null));
  const run = (/** @type {(call: Call) => Promise<T>} */ action) => {
    const trigger = unanswered.current ?? newTrigger();
    setPhase({ kind: 'running', trigger });
    action({ job, trigger, signal: controller.signal }).then(
      (result) => setPhase({ kind: 'done', result }),
      (thrown) => {
        const error = asRestError(thrown);
        // Where nobody answered it may be under way: who asks again asks about the same one.
        unanswered.current = error.status === 0 ? trigger : null;
        if (!controller.signal.aborted) setPhase({ kind: 'failed', error });
      },
    );
  };
  return { phase, run };
}
