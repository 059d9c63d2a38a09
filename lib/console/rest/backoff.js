/** How long to wait before the next attempt: twice as long each time, and a random part, so that pages do not all come back at once. */

const FIRST_MS = 500;
const MAX_MS = 15_000;

/** @param {number} attempt 0 for the first @param {number} random 0 to 1 @returns {number} ms */
export const pauseBefore = (attempt, random) => Math.round(Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt, 16)) * (0.5 + random / 2));
