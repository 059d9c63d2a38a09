/** Lines and columns of the server, from 1, as places in a text. Columns are code points, of which some take two places. */

/** @import { Failure } from '../types.js' */

/** The end is inclusive. @typedef {Failure & { readonly line: number, readonly column: number, readonly endLine: number, readonly endColumn: number }} SqlProblem */

/** @param {string} text @param {number} line @param {number} column @returns {number} */
export function offsetOf(text, line, column) {
  let from = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf('\n', from);
    if (end === -1) return text.length;
    from = end + 1;
  }
  const end = text.indexOf('\n', from);
  const before = Array.from(text.slice(from, end === -1 ? text.length : end)).slice(0, Math.max(0, column - 1));
  return from + before.join('').length;
}

/** One letter at least, so that it can be seen; behind the end of a line it is the letter before. @param {string} text @param {SqlProblem} problem @returns {{ from: number, to: number }} */
export function rangeOf(text, { line, column, endLine, endColumn }) {
  const from = offsetOf(text, line, column);
  const to = Math.max(offsetOf(text, endLine, endColumn + 1), from + 1);
  return to <= text.length ? { from, to } : { from: Math.max(0, text.length - 1), to: text.length };
}
