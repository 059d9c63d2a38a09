/** Draws of a long table what can be seen. The page itself scrolls. */
import { html } from 'htm/preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { windowRows } from '../words/window-rows.js';
import { useIsNarrow } from './narrow.js';

/** Of a row, px, as in tables.css. */
const WIDE = 44;
const NARROW = 76;
/** Before anybody knows how much can be seen. */
const FIRST_ROWS = 40;

/**
 * @typedef {object} Drawn
 * @property {{ current: HTMLTableSectionElement | null }} body for the `ref` of the `<tbody>`
 * @property {number} first row that is drawn
 * @property {number} end the one behind the last
 * @property {number} above px
 * @property {number} below px
 */

/** @param {number} count of all rows @returns {Drawn} */
export function useWindowRows(count) {
  const rowHeight = useIsNarrow() ? NARROW : WIDE;
  const body = useRef(/** @type {HTMLTableSectionElement | null} */ (null));
  const [rows, setRows] = useState({ first: 0, end: FIRST_ROWS });
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
  const [first, end] = [Math.min(rows.first, count), Math.min(rows.end, count)];
  return { body, first, end, above: first * rowHeight, below: (count - end) * rowHeight };
}

/** In the place of rows that are not drawn. @param {{ px: number, columns: number }} props */
export const Space = ({ px, columns }) => (px === 0 ? null : html`<tr aria-hidden="true" class="space"><td colspan=${columns} style=${{ height: `${px}px` }}></td></tr>`);

/**
 * The head of a column by which the rows can be put in order.
 * @param {{ label: string, isNumber: boolean, order: 'ascending' | 'descending' | null, onSort: (() => void) | null }} props
 */
export const Heading = ({ label, isNumber, order, onSort }) => html`<th scope="col" role="columnheader" class=${isNumber ? 'number' : ''} aria-sort=${order}>
  ${onSort === null ? label : html`<button type="button" class="sort" onClick=${onSort}>${label}<span aria-hidden="true">${order === null ? '' : order === 'ascending' ? ' ↑' : ' ↓'}</span></button>`}
</th>`;
