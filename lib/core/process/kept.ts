/** What of a list stays, and where it stands: lists grow at their end and lose their beginning as a rule, and a function may write anew all that it has read. */

export interface Kept {
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
}

/**
 * Where the longest beginning of `after` stands in `before`, the first such place. Elements are compared by their texts, those that are shared without them:
 * it takes as long as the lists are (Knuth, Morris and Pratt).
 */
export function keptOf<T>(before: readonly T[], after: readonly T[], textOf: (item: T) => string): Kept {
  if (before.length <= after.length && before.every((item, i) => item === after[i])) return { from: 0, to: before.length };
  return placeOf(before.map(textOf), after.map(textOf));
}

function placeOf(texts: readonly string[], pattern: readonly string[]): Kept {
  const borders = bordersOf(pattern);
  let kept: Kept = { from: 0, to: 0 };
  let length = 0;
  for (const [i, text] of texts.entries()) {
    length = extended(pattern, borders, length, text);
    if (length > kept.to - kept.from) kept = { from: i + 1 - length, to: i + 1 };
  }
  return kept;
}

/** How much of the pattern stands at the end of a text, and one element more, of which `length` stood there. */
function extended(pattern: readonly string[], borders: readonly number[], length: number, next: string): number {
  let stands = length;
  while (stands > 0 && pattern[stands] !== next) stands = borders[stands - 1] ?? 0;
  return pattern[stands] === next ? stands + 1 : 0;
}

/** Of each beginning of the pattern, how much of the pattern it ends with, short of itself. */
function bordersOf(pattern: readonly string[]): number[] {
  const borders: number[] = [];
  let length = 0;
  for (const [i, text] of pattern.entries()) {
    if (i > 0) length = extended(pattern, borders, length, text);
    borders.push(length);
  }
  return borders;
}
