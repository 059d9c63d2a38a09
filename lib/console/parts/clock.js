/** The time, again and again. */
import { useEffect, useState } from 'preact/hooks';

/** Epoch ms, by the browser's clock. @param {number} everyMs @returns {number} */
export function useNow(everyMs) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
