/** Strings by characters as SQL counts them: code points, where JavaScript counts UTF-16 units. Without surrogates both are the same. */

const SURROGATE = /[\ud800-\udfff]/;

export const codePointLength = (text: string): number => (SURROGATE.test(text) ? [...text].length : text.length);

/** Code points `from` to `to` (exclusive). */
export const sliceCodePoints = (text: string, from: number, to: number): string =>
  SURROGATE.test(text) ? [...text].slice(from, to).join('') : text.slice(from, to);

/** The code point at which `part` begins, at `from` or behind it; -1 if it does not. */
export function indexOfCodePoints(text: string, part: string, from: number): number {
  if (!SURROGATE.test(text)) return text.indexOf(part, from);
  const found = text.indexOf(part, unitOf(text, from));
  return found < 0 ? -1 : codePointLength(text.slice(0, found));
}

/** The UTF-16 unit at which a code point begins. */
function unitOf(text: string, codePoint: number): number {
  let unit = 0;
  for (let i = 0; i < codePoint && unit < text.length; i++) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return unit;
}

/** As Flink stores strings, in UTF-8: half a surrogate pair, which functions on UTF-16 units may leave, becomes a `?`. */
export const storable = (text: string): string => (SURROGATE.test(text) ? text.replace(LONE_SURROGATE, '?') : text);

const LONE_SURROGATE = /\p{Surrogate}/gu;
