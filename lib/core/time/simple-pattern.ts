/** Patterns of java.text.SimpleDateFormat, which Flink's functions on strings and Unix time use (locale en-US). */
import { PatternError } from './datetime-pattern.ts';

export type SimplePart =
  | { readonly kind: 'literal'; readonly text: string }
  /** `abuts`: another field follows at once, so that exactly `count` digits belong to this one. */
  | { readonly kind: 'field'; readonly letter: string; readonly count: number; readonly abuts: boolean };

const LETTERS = 'GyMwWDdFEaHkKhmsSzZYuXL';

/** Throws PatternError. */
export function compileSimplePattern(pattern: string): readonly SimplePart[] {
  const parts: SimplePart[] = [];
  for (const [token] of pattern.matchAll(/([A-Za-z])\1*|'(?:[^']|'')*'?|[^A-Za-z']+/g)) parts.push(partOf(token));
  return parts.map((part, i) => (part.kind === 'field' ? { ...part, abuts: parts[i + 1]?.kind === 'field' } : part));
}

function partOf(token: string): SimplePart {
  const first = token.charAt(0);
  if (/[A-Za-z]/.test(first)) {
    if (!LETTERS.includes(first)) throw new PatternError(`Illegal pattern character '${first}'`);
    return { kind: 'field', letter: first, count: token.length, abuts: false };
  }
  if (first !== "'") return { kind: 'literal', text: token };
  if (token.length === 1 || !token.endsWith("'")) throw new PatternError('Unterminated quote');
  return { kind: 'literal', text: token === "''" ? "'" : token.slice(1, -1).replaceAll("''", "'") };
}
