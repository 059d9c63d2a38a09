/** The name that was probably meant. */

/** The longest distance that still counts as a typing error, by the length of the word. */
const tolerance = (length: number): number => Math.min(4, Math.floor((length + 1) / 4));

/**
 * The candidate with the fewest insertions, deletions, replacements and swaps of neighbours away from `word`, without
 * regard to case; the first of several; undefined if none is near enough to be a typing error.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = tolerance(word.length);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Optimal string alignment distance: Levenshtein's, with a swap of neighbours as one step. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) row.push(step(a, b, i, j, row, last, beforeLast));
    beforeLast = last;
    last = row;
  }
  return cell(last, b.length);
}

function step(a: string, b: string, i: number, j: number, row: number[], last: number[], beforeLast: number[]): number {
  const replaced = cell(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
  const best = Math.min(replaced, cell(last, j) + 1, cell(row, j - 1) + 1);
  const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(best, cell(beforeLast, j - 2) + 1) : best;
}

const cell = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
