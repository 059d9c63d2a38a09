/** Characters and classes of characters of java.util.regex, as sets of JavaScript's `v` mode. */
import type { PatternReader } from './regex-reader.ts';

export interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
  readonly comments: boolean;
  /** Without it, `ignoreCase` is about ASCII letters alone. */
  readonly unicodeCase: boolean;
}

export const dot = ({ dotAll }: Flags): string => (dotAll ? '[\\s\\S]' : '[^\\n\\r\\u0085\\u2028\\u2029]');

/** A literal character. */
export function quoteCodePoint(codePoint: number, flags: Flags): string {
  const cases = casesOf(codePoint, flags);
  return cases.length === 1 ? unit(codePoint) : `[${cases.map(unit).join('')}]`;
}

/** By number, which needs no quoting anywhere. */
const unit = (codePoint: number): string => `\\u{${codePoint.toString(16)}}`;

function casesOf(codePoint: number, { ignoreCase, unicodeCase }: Flags): number[] {
  if (!ignoreCase || (codePoint > 0x7f && !unicodeCase)) return [codePoint];
  const char = String.fromCodePoint(codePoint);
  const cases = [char, char.toLowerCase(), char.toUpperCase()].filter((text) => [...text].length === 1);
  return [...new Set(cases.map((text) => text.codePointAt(0) ?? codePoint))];
}

/** The code point of an escape that stands for a character, behind the backslash. */
export function escapedCodePoint(reader: PatternReader): number {
  const numeric = reader.match(/u([\da-fA-F]{4})|x([\da-fA-F]{2})|x\{([\da-fA-F]+)\}/y);
  if (numeric !== null) return inRange(Number.parseInt(numeric[1] ?? numeric[2] ?? numeric[3] ?? '', 16), reader);
  const octal = reader.match(/0([0-3]?[0-7]{1,2})/y);
  if (octal !== null) return Number.parseInt(octal[1] ?? '', 8);
  const control = reader.match(/c([\s\S])/y);
  if (control !== null) return (control[1] ?? '').charCodeAt(0) ^ 64;
  const char = reader.next();
  const named = NAMED.get(char);
  if (named !== undefined) return named;
  if (char === '' || /^[A-Za-z0]$/.test(char)) throw reader.error('Illegal/unsupported escape sequence');
  return char.codePointAt(0) ?? 0;
}

function inRange(codePoint: number, reader: PatternReader): number {
  if (codePoint > 0x10ffff) throw reader.error('Hexadecimal codepoint is too big');
  return codePoint;
}

const NAMED: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['r', 13],
  ['f', 12],
  ['a', 7],
  ['e', 27],
]);

/** Contents of a set. */
const HORIZONTAL = ' \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';
const VERTICAL = '\\n\\v\\f\\r\\u0085\\u2028\\u2029';
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['d', '[0-9]'],
  ['D', '[^0-9]'],
  ['w', '[a-zA-Z_0-9]'],
  ['W', '[^a-zA-Z_0-9]'],
  ['s', '[ \\t\\n\\v\\f\\r]'],
  ['S', '[^ \\t\\n\\v\\f\\r]'],
  ['h', `[${HORIZONTAL}]`],
  ['H', `[^${HORIZONTAL}]`],
  ['v', `[${VERTICAL}]`],
  ['V', `[^${VERTICAL}]`],
]);

/** `\d`, `\p{Lu}` and the like, behind the backslash; null for an escape that is no class. */
export function classEscape(reader: PatternReader, flags: Flags): string | null {
  const known = CLASSES.get(reader.peek());
  if (known !== undefined) {
    reader.next();
    return known;
  }
  const property = reader.match(/([pP])(?:\{(\^?)([^}]*)\}|(\w))/y);
  if (property === null) return null;
  const negated = (property[1] === 'P') !== (property[2] === '^');
  const set = propertySet(property[3] ?? property[4] ?? '', flags);
  if (set === null) throw reader.error(`Unknown character property name {${property[3] ?? property[4] ?? ''}}`);
  return negated ? `[^${set}]` : set;
}

/** POSIX classes, ASCII only. */
const POSIX: Readonly<Record<string, string>> = {
  Lower: '[a-z]',
  Upper: '[A-Z]',
  ASCII: '[\\x00-\\x7f]',
  Alpha: '[a-zA-Z]',
  Digit: '[0-9]',
  Alnum: '[a-zA-Z0-9]',
  Punct: '[\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e]',
  Graph: '[\\x21-\\x7e]',
  Print: '[\\x20-\\x7e]',
  Blank: '[ \\t]',
  Cntrl: '[\\x00-\\x1f\\x7f]',
  XDigit: '[0-9a-fA-F]',
  Space: '[ \\t\\n\\v\\f\\r]',
  L1: '[\\x00-\\xff]',
  all: '[\\s\\S]',
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaAlphabetic: '\\p{Alphabetic}',
  javaLetter: '\\p{L}',
  javaDigit: '\\p{Nd}',
  javaLetterOrDigit: '[\\p{L}\\p{Nd}]',
  javaTitleCase: '\\p{Lt}',
  javaIdeographic: '\\p{Ideographic}',
  javaSpaceChar: '\\p{Z}',
  javaWhitespace: '[\\t-\\r\\x1c-\\x1f[\\p{Z}--[\\u00a0\\u2007\\u202f]]]',
};

function propertySet(name: string, flags: Flags): string | null {
  const posix = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  if (posix !== undefined) return flags.ignoreCase && (name === 'Lower' || name === 'Upper') ? '[a-zA-Z]' : posix;
  const [, key = '', value = name] = /^(\w+)=(\w+)$/.exec(name) ?? [];
  const bare = key === '' && name.startsWith('Is') ? name.slice(2) : value;
  return candidateProperties(key, bare).map((candidate) => `\\p{${candidate}}`).find(isValid) ?? null;
}

function candidateProperties(key: string, value: string): string[] {
  const script = `Script=${titled(value)}`;
  if (/^(?:script|sc)$/i.test(key)) return [script];
  if (/^(?:general_category|gc)$/i.test(key)) return [value];
  return key === '' ? [value, script, BINARY.get(value.toUpperCase()) ?? ''] : [];
}

/** Java finds scripts without regard to case. */
const titled = (script: string): string => script.toLowerCase().replace(/(?:^|_)\w/g, (letter) => letter.toUpperCase());

const BINARY: ReadonlyMap<string, string> = new Map([
  ['ALPHABETIC', 'Alphabetic'],
  ['IDEOGRAPHIC', 'Ideographic'],
  ['LETTER', 'L'],
  ['LOWERCASE', 'Lowercase'],
  ['UPPERCASE', 'Uppercase'],
  ['TITLECASE', 'Lt'],
  ['PUNCTUATION', 'P'],
  ['CONTROL', 'Cc'],
  ['WHITE_SPACE', 'White_Space'],
  ['WHITESPACE', 'White_Space'],
  ['DIGIT', 'Nd'],
  ['HEX_DIGIT', 'Hex_Digit'],
  ['NONCHARACTER_CODE_POINT', 'Noncharacter_Code_Point'],
]);

function isValid(property: string): boolean {
  try {
    new RegExp(property, 'v');
    return true;
  } catch {
    return false;
  }
}

/** Behind `[`: a union of characters, ranges and classes, cut by `&&`; a `^` in front is about all of it. */
export function characterClass(reader: PatternReader, flags: Flags): string {
  const negated = reader.take('^');
  const operands: string[] = [];
  let union = '';
  let isFirst = true;
  for (;;) {
    if (flags.comments) reader.skipComments();
    if (reader.done) throw reader.error('Unclosed character class');
    if (reader.take('&&')) {
      if (union !== '') operands.push(union);
      union = '';
    } else if (!isFirst && reader.take(']')) {
      break;
    } else {
      union += classItem(reader, flags);
      isFirst = false;
    }
  }
  if (union !== '' || operands.length === 0) operands.push(union);
  const sets = operands.length === 1 ? union : operands.map((operand) => `[${operand}]`).join('&&');
  return `[${negated ? '^' : ''}${sets}]`;
}

function classItem(reader: PatternReader, flags: Flags): string {
  if (reader.take('[')) return characterClass(reader, flags);
  const from = classCharacter(reader, flags);
  if (typeof from === 'string') return from;
  const isRange = reader.at('-') && !reader.at('-]') && !reader.at('-[') && !reader.at('-&&');
  if (!isRange) return casesOf(from, flags).map(unit).join('');
  reader.take('-');
  const to = classCharacter(reader, flags);
  if (typeof to === 'string' || to < from) throw reader.error('Illegal character range');
  return rangeOf(from, to, flags);
}

/** A character, or a whole class by an escape. */
function classCharacter(reader: PatternReader, flags: Flags): number | string {
  if (!reader.take('\\')) return reader.next().codePointAt(0) ?? 0;
  return classEscape(reader, flags) ?? escapedCodePoint(reader);
}

/** With the other case of the ASCII letters in it. */
function rangeOf(from: number, to: number, flags: Flags): string {
  const range = `${unit(from)}-${unit(to)}`;
  if (!flags.ignoreCase) return range;
  const others = Array.from({ length: Math.max(Math.min(to, 0x7f) - from + 1, 0) }, (_, i) => casesOf(from + i, flags)).flat();
  return range + [...new Set(others)].filter((codePoint) => codePoint < from || codePoint > to).map(unit).join('');
}
