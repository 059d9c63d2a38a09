/** A script as statements: the gateway takes one at a time. */

/** What may hold a semicolon that ends nothing: comments, texts, quoted names. What is not closed goes to the end. */
const OPAQUE = /--[^\n]*|\/\*[^]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|`(?:[^`]|``)*(?:`|$)|;/g;
const SET_BEGINS = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*EXECUTE\s+STATEMENT\s+SET\s+BEGIN\b/i;
const SET_ENDS = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*END\s*;?$/i;
const EMPTY = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/|;)*$/;

/** With their semicolons, without what has only comments. A statement set is one. @param {string} script @returns {string[]} */
export function statementsIn(script) {
  /** @type {string[]} */
  const statements = [];
  let isInSet = false;
  for (const piece of piecesOf(script)) {
    if (isInSet) statements.push(`${statements.pop() ?? ''}${piece}`);
    else if (!EMPTY.test(piece)) statements.push(piece);
    isInSet = isInSet ? !SET_ENDS.test(piece) : SET_BEGINS.test(piece);
  }
  return statements.map((statement) => statement.trim());
}

/** The one that somebody is writing at a place: from where the last one ended. @param {string} script @param {number} position @returns {string} */
export const begunAt = (script, position) => piecesOf(script.slice(0, position)).at(-1) ?? '';

/** @param {string} script */
function piecesOf(script) {
  /** @type {string[]} */
  const pieces = [];
  let from = 0;
  for (const { 0: found, index } of script.matchAll(OPAQUE)) {
    if (found !== ';') continue;
    pieces.push(script.slice(from, index + 1));
    from = index + 1;
  }
  return [...pieces, script.slice(from)];
}
