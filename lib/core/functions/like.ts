/** LIKE patterns: `%` is any text, `_` any character, an escape character takes either literally (SqlLikeUtils). */
import { SluiceError } from '../errors.ts';

/** The pattern as a regular expression over the whole text. */
export function likePattern(pattern: string, escape: string | null): RegExp {
  const chars = [...pattern];
  let source = '';
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    if (char === escape) source += quoted(escaped(chars[++i], escape, pattern));
    else source += char === '%' ? '.*' : char === '_' ? '.' : quoted(char);
  }
  return new RegExp(`^${source}$`, 'su');
}

const quoted = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function escaped(char: string | undefined, escape: string, pattern: string): string {
  if (char === '%' || char === '_' || char === escape) return char;
  throw new SluiceError('EXPRESSION_FAILED', { message: `invalid escape sequence in the LIKE pattern '${pattern}'` });
}
