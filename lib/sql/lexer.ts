/** Text to tokens. The lexer never throws: what is no token becomes `invalid`, and the parser reports it if it gets there. */
import type { Span } from './ast.ts';

/** What is wrong with an invalid token. */
export interface Problem {
  /** `lexical`: Flink's lexer ends there; `unclosed`: it reaches the end of the text; `unexpected`: a token that no rule of its grammar takes. */
  readonly kind: 'lexical' | 'unclosed' | 'unexpected';
  readonly hint: string;
}

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'invalid' | 'end';
  /** What the grammar matches: a word in upper case or a symbol; empty for all others. */
  readonly keyword: string;
  /** The name, the string or the number, quotes and escapes removed. */
  readonly value: string;
  readonly span: Span;
  readonly problem: Problem | null;
}

const SPACE = /\s+/y;
const WORD = /[\p{L}_$][\p{L}\p{Nd}\p{M}_$]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SYMBOL = /<>|<=|>=|!=|=>|\|\||[-+*/%=<>(),.;[\]]/y;
const LINE = /[^\r\n]*/y;

/** All tokens of the text, the last one `end`. Comments are left out; hints stand between `/*+` and its end. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let inHint = false;
  while (at < text.length) {
    const skipped = skip(text, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const token = inHint && text.startsWith('*/', at) ? symbol(text, at, 2) : tokenAt(text, at);
    if (token.keyword === '/*+') inHint = true;
    if (token.keyword === '*/') inHint = false;
    tokens.push(token);
    at = token.span.end;
  }
  const end = tokens.at(-1)?.span.end ?? 0;
  tokens.push({ kind: 'end', keyword: '', value: '', span: { start: end, end }, problem: null });
  return tokens;
}

/** The end of the white space or comment at `at`; `at` itself if there is none. */
function skip(text: string, at: number): number {
  if (text.startsWith('--', at) || text.startsWith('//', at)) return at + lengthOf(LINE, text, at);
  if (!text.startsWith('/*', at) || text[at + 2] === '+') return at + lengthOf(SPACE, text, at);
  const close = text.indexOf('*/', at + 2);
  return close < 0 ? at : close + 2;
}

function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

function tokenAt(text: string, at: number): Token {
  const first = text[at];
  if (first === "'") return delimited('string', text, at);
  if (first === '`') return delimited('quoted', text, at);
  if (text.startsWith('/*+', at)) return symbol(text, at, 3);
  if (text.startsWith('/*', at)) return invalid(text, at, text.length, UNCLOSED_COMMENT);
  if (/^U&'/i.test(text.slice(at, at + 3))) return wordAt(text, at, 2);
  const word = lengthOf(WORD, text, at);
  if (word > 0) return wordAt(text, at, word);
  const number = lengthOf(NUMBER, text, at);
  if (number > 0) return { ...plain(text, at, number), kind: 'number' };
  const length = lengthOf(SYMBOL, text, at);
  return length > 0 ? symbol(text, at, length) : stray(text, at);
}

const plain = (text: string, at: number, length: number): Omit<Token, 'kind'> => ({
  keyword: '',
  value: text.slice(at, at + length),
  span: { start: at, end: at + length },
  problem: null,
});

const symbol = (text: string, at: number, length: number): Token => ({
  ...plain(text, at, length),
  kind: 'symbol',
  keyword: text.slice(at, at + length),
});

/** Only ASCII words are keywords: the upper case of a dotless i would be one, too. */
function wordAt(text: string, at: number, length: number): Token {
  const token = plain(text, at, length);
  return { ...token, kind: 'word', keyword: /^[\w$]+$|^U&$/i.test(token.value) ? token.value.toUpperCase() : token.value };
}

/** A string or a name in backticks; its delimiter, doubled, stands for itself. */
function delimited(kind: 'string' | 'quoted', text: string, at: number): Token {
  const delimiter = kind === 'string' ? "'" : '`';
  const close = closing(text, at + 1, delimiter);
  if (close < 0) return invalid(text, at, text.length, kind === 'string' ? UNCLOSED_STRING : UNCLOSED_NAME);
  if (kind === 'quoted' && close === at + 1) return invalid(text, at, close + 1, EMPTY_NAME);
  const value = text.slice(at + 1, close).replaceAll(delimiter + delimiter, delimiter);
  return { ...plain(text, at, close + 1 - at), kind, value };
}

function closing(text: string, from: number, delimiter: string): number {
  let at = text.indexOf(delimiter, from);
  while (at >= 0 && text[at + 1] === delimiter) at = text.indexOf(delimiter, at + 2);
  return at;
}

/** Flink's lexer takes the quote for a token of its own then. */
const UNCLOSED_STRING: Problem = { kind: 'unexpected', hint: "End the string with '; inside a string, '' stands for '." };
const UNCLOSED_NAME: Problem = { kind: 'unclosed', hint: 'End the name with `.' };
const UNCLOSED_COMMENT: Problem = { kind: 'unclosed', hint: 'End the comment with */.' };
const EMPTY_NAME: Problem = { kind: 'lexical', hint: 'Write a name between the backticks.' };

function invalid(text: string, at: number, end: number, problem: Problem): Token {
  return { ...plain(text, at, end - at), kind: 'invalid', problem };
}

/** Characters that other databases or word processors would have put there, and what to write instead. */
const STRAY_HINTS: Readonly<Record<string, string>> = {
  '"': "Names stand in backticks (`name`), strings in single quotes ('text').",
  '‘': "Strings stand in plain single quotes: 'text'.",
  '’': "Strings stand in plain single quotes: 'text'.",
  '“': "Strings stand in plain single quotes: 'text'.",
  '”': "Strings stand in plain single quotes: 'text'.",
  ':': 'A cast is written CAST(value AS type).',
  '!': 'The negation is written NOT, the comparison <>.',
  '#': 'A comment starts with --.',
  '|': 'Strings are joined by ||; there are no bit operators.',
};

function stray(text: string, at: number): Token {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const hint = STRAY_HINTS[char] ?? 'Remove it, or put the name that it belongs to in backticks.';
  const token = invalid(text, at, at + char.length, { kind: FOREIGN.has(char) ? 'unexpected' : 'lexical', hint });
  // One of them has a place: JSON_OBJECT('key': value).
  return char === ':' ? { ...token, keyword: char } : token;
}

/** Tokens of Calcite that stand in no statement of Flink's, or nearly none. */
const FOREIGN: ReadonlySet<string> = new Set('{}?:"|^');
