/** Work that somebody may stop waiting for. */

/** What can be ended ends by itself within this time. */
const GRACE_MS = 500;

/** Nobody waits any more, and the work goes on. */
export class Abandoned extends Error {}

/** Settles as the work does. Behind an abort the work has a moment to end; then it rejects with `Abandoned`. */
export function abandonable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let patience: NodeJS.Timeout | null = null;
    const abandon = (): void => {
      patience = setTimeout(() => reject(new Abandoned()), GRACE_MS);
    };
    const settle = (): void => {
      signal.removeEventListener('abort', abandon);
      if (patience !== null) clearTimeout(patience);
    };
    signal.addEventListener('abort', abandon, { once: true });
    void work.finally(settle).then(resolve, reject);
  });
}
