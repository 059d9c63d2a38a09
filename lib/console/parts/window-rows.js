/** Draws of a long table what can be seen. The page itself scrolls. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { windowRows } from '../words/window-rows.js';

/**
 * @param {{ count: number, rowHeight: number }} rows
 * @returns {{ body: { current: HTMLTableSectionElement | null }, first: number, end: number }} `body` is for the `ref` of the `<tbody>`
 */
export function useWindowRows({ count, rowHeight }) {
  const body = useRef(/** @type {HTMLTableSectionElement | null} */ (null));
  const [rows, setRows] = useState({ first: 0, end: Math.min(count, 40) });
  useLayoutEffect(() => {
    const look = () => {
      const top = -(body.current?.getBoundingClientRect().top ?? 0);
      const next = windowRows({ top, height: innerHeight, rowHeight, count });
      setRows((known) => (known.first === next.first && known.end === next.end ? known : next));
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [count, rowHeight]);
  return { body, first: Math.min(rows.first, count), end: Math.min(rows.end, count) };
}

/** Of a row, px; tables of a phone have taller ones. @param {number} wide @param {number} narrow */
export function useRowHeight(wide, narrow) {
  const query = '(max-width: 719px)';
  const [isNarrow, setNarrow] = useState(() => matchMedia(query).matches);
  useLayoutEffect(() => {
    const list = matchMedia(query);
    const onChange = () => setNarrow(list.matches);
    list.addEventListener('change', onChange);
    return () => list.removeEventListener('change', onChange);
  }, []);
  return isNarrow ? narrow : wide;
}
