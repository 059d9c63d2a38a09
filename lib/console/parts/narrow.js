/** Whether the page is as narrow as a phone. */
import { useLayoutEffect, useState } from 'preact/hooks';

/** As in the style sheets. */
const QUERY = '(max-width: 719px)';

/** @returns {boolean} */
export function useIsNarrow() {
  const [isNarrow, setNarrow] = useState(() => matchMedia(QUERY).matches);
  useLayoutEffect(() => {
    const list = matchMedia(QUERY);
    const onChange = () => setNarrow(list.matches);
    list.addEventListener('change', onChange);
    return () => list.removeEventListener('change', onChange);
  }, []);
  return isNarrow;
}
