/** Which rows of a long table are drawn: those that can be seen, and some on both sides, so that keys and screen readers find the next one. */

/**
 * @typedef {object} Viewport
 * @property {number} top how far the list's beginning is above the viewport's, px; negative: below it
 * @property {number} height of the viewport, px
 * @property {number} rowHeight px
 * @property {number} count of all rows
 */

const OVERSCAN = 12;
/** Windows begin at multiples of it, so that scrolling by a row does not draw anew. */
const STEP = 6;

/** The first row that is drawn, and the one behind the last. @param {Viewport} viewport @returns {{ first: number, end: number }} */
export function windowRows({ top, height, rowHeight, count }) {
  const seen = Math.floor(Math.max(0, top) / rowHeight);
  const first = Math.max(0, Math.min(count, seen) - OVERSCAN);
  const aligned = first - (first % STEP);
  const end = Math.min(count, Math.ceil((Math.max(0, top) + height) / rowHeight) + OVERSCAN + STEP);
  return { first: aligned, end: Math.max(aligned, end) };
}
