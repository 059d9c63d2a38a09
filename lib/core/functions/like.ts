/** LIKE and SIMILAR TO: patterns of SQL as patterns of Java (Flink's SqlLikeUtils, Calcite's Like), which see characters as code points. */
import { SluiceError } from '../errors.ts';
import { PatternSyntaxError, javaPattern } from '../java/regex.ts';

/** A test of a whole text against a pattern. */
export type Matcher = (text: string) => boolean;

/** `%` is any text, `_` any character but the end of a line; an escape character takes either literally. */
export function likeMatcher(pattern: string, escape: string | null): Matcher {
  return wholly(likeSource(pattern, escapeCharacter(escape)));
}

/** As LIKE, with alternatives, groups, repetitions and sets of characters. */
export function similarMatcher(pattern: string, escape: string | null): Matcher {
  return wholly(similarSource(pattern, escapeCharacter(escape)));
}

function wholly(source: string): Matcher {
  const { regex } = compiled(`^(?:${source})\\z`);
  return (text) => {
    regex.lastIndex = 0;
    return regex.test(text);
  };
}

function compiled(source: string): { readonly regex: RegExp } {
  try {
    return javaPattern(source);
  } catch (error) {
    if (error instanceof PatternSyntaxError) throw failure(error.message);
    throw error;
  }
}

const failure = (message: string): SluiceError => new SluiceError('EXPRESSION_FAILED', { message, hint: 'Correct the pattern or its escape character.' });

function escapeCharacter(escape: string | null): string {
  if (escape !== null && [...escape].length !== 1) throw failure(`Invalid escape character '${escape}'`);
  return escape ?? '';
}

const JAVA_SPECIALS = '[]()|^-+*?{}$\\.';
const literally = (char: string): string => (JAVA_SPECIALS.includes(char) ? `\\${char}` : char);

const ANY_TEXT = '(?s:.*)';

function likeSource(pattern: string, escape: string): string {
  const chars = [...pattern];
  let source = '';
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    if (char === escape) source += literally(escaped(chars[++i], escape, pattern, i - 1));
    else source += char === '%' ? ANY_TEXT : char === '_' ? '.' : literally(char);
  }
  return source;
}

function escaped(char: string | undefined, escape: string, pattern: string, at: number): string {
  if (char === '%' || char === '_' || char === escape) return char;
  throw failure(`Invalid escape sequence '${pattern}', ${at}`);
}

const SIMILAR_SPECIALS = '[]()|^-+*_%?{}';

function similarSource(pattern: string, escape: string): string {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (char === escape) source += literally(escapedSpecial(pattern, ++i, escape));
    else if (char === '[') {
      const set = characterSet(pattern, i, escape);
      source += set.source;
      i = set.end;
    } else if (char === ']') throw invalidExpression(pattern, i);
    else source += SIMILAR.get(char) ?? char;
  }
  return source;
}

const SIMILAR: ReadonlyMap<string, string> = new Map([
  ['_', '.'],
  ['%', ANY_TEXT],
  ['\\', '\\\\'],
  ['$', '\\$'],
]);

function escapedSpecial(pattern: string, at: number, escape: string): string {
  const char = pattern[at];
  if (char !== undefined && (SIMILAR_SPECIALS.includes(char) || char === escape)) return char;
  throw failure(`Invalid escape sequence '${pattern}', ${at - 1}`);
}

const invalidExpression = (pattern: string, at: number): SluiceError => failure(`Invalid regular expression '${pattern}', index ${at}`);

const NAMED_SETS: ReadonlyMap<string, string> = new Map([
  ['alpha', '\\p{Alpha}'],
  ['upper', '\\p{Upper}'],
  ['lower', '\\p{Lower}'],
  ['digit', '\\d'],
  ['space', ' '],
  ['whitespace', '\\s'],
  ['alnum', '\\p{Alnum}'],
]);

/** `[a-z]`, `[^a]`, `[[:DIGIT:]x]`: the set that begins at a bracket, and where it ends. */
function characterSet(pattern: string, start: number, escape: string): { readonly source: string; readonly end: number } {
  let source = '[';
  for (let i = start + 1; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (char === ']') return { source: `${source}]`, end: i };
    const name = /^\[:([A-Z]+|[a-z]+):\]/.exec(pattern.slice(i));
    if (char === escape) source += literally(escapedSpecial(pattern, ++i, escape));
    else if (name !== null) {
      source += NAMED_SETS.get((name[1] ?? '').toLowerCase()) ?? invalidSet(pattern, i);
      i += name[0].length - 1;
    } else if (char === '-' || char === '^') source += char;
    else source += SIMILAR_SPECIALS.includes(char) ? invalidSet(pattern, i) : char;
  }
  throw invalidExpression(pattern, pattern.length);
}

function invalidSet(pattern: string, at: number): never {
  throw invalidExpression(pattern, at);
}
