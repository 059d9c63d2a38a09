/**
 * Patterns of java.util.regex (Java 17, no flags) as regular expressions of JavaScript in `v` mode. What differs:
 *
 * - a back reference to a group that took no part matches nothing in Java, the empty string here;
 * - a group inside a repetition is forgotten with each round here, where Java keeps what an earlier round found;
 * - `\b` knows letters, digits and `_`, but not the marks that belong to a letter;
 * - `\X`, `\G`, `\b{g}`, `\N{…}`, blocks (`\p{InGreek}`) and the flags `d` and `U` are refused.
 *
 * Matching backtracks as in Java: a pattern that takes exponential time there does so here.
 */
import { characterClass, classEscape, dot, escapedCodePoint, quoteCodePoint, type Flags } from './regex-class.ts';
import { PatternReader, PatternSyntaxError } from './regex-reader.ts';

export { PatternSyntaxError };

/** A compiled pattern. `groups[i]` is the number in `regex` of the group that Java counts as i; possessive repetitions need groups of their own. */
export interface JavaPattern {
  readonly regex: RegExp;
  readonly groups: readonly number[];
}

const cache = new Map<string, JavaPattern>();
/** Patterns that come with the records may be many. */
const CACHED = 256;

/** Compiles a pattern; PatternSyntaxError where Java throws PatternSyntaxException. */
export function javaPattern(pattern: string): JavaPattern {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const made = new Translation(pattern).compile();
  if (cache.size >= CACHED) cache.clear();
  cache.set(pattern, made);
  return made;
}

const LINE_END = '[\\n\\u0085\\u2028\\u2029]|\\r(?!\\n)';
/** Without the flag `m` these are the ends of the whole text. */
const START = '^';
const END = '$';
/** `$` and `\Z`: at the end, or before the last line terminator. */
const LAST_LINE_END = `(?=(?:\\r\\n|(?<!\\r)\\n|[\\r\\u0085\\u2028\\u2029])?${END})`;
const WORD = '[\\p{L}\\p{Nd}_]';
const BOUNDARY = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
const NO_BOUNDARY = `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`;
const LINE_BREAK = '(?:\\r\\n|[\\n\\v\\f\\r\\u0085\\u2028\\u2029])';

/** One translation: reads the pattern from left to right and counts the groups of both sides. */
class Translation {
  private readonly reader: PatternReader;
  private readonly groups: number[] = [0];
  private readonly names = new Map<string, number>();
  private made = 0;
  private depth = 0;

  constructor(pattern: string) {
    this.reader = new PatternReader(pattern);
  }

  compile(): JavaPattern {
    const source = this.alternatives({ ignoreCase: false, dotAll: false, multiline: false, comments: false, unicodeCase: false });
    if (!this.reader.done) throw this.reader.error("Unmatched closing ')'");
    try {
      return { regex: new RegExp(source, 'gv'), groups: this.groups };
    } catch (error) {
      if (error instanceof SyntaxError) throw this.reader.error(error.message);
      throw error;
    }
  }

  /** Up to the closing parenthesis, which stays, or the end. Flags that are switched on last to the end of the group. */
  private alternatives(outer: Flags): string {
    let source = '';
    let flags = outer;
    for (;;) {
      if (flags.comments) this.reader.skipComments();
      if (this.reader.done || this.reader.at(')')) return source;
      if (this.reader.take('|')) {
        source += '|';
        continue;
      }
      const switched = this.switchedFlags(flags);
      if (switched !== null) flags = switched;
      else source += this.quantified(flags);
    }
  }

  /** `(?i)` and the like; null for anything else. */
  private switchedFlags(flags: Flags): Flags | null {
    const letters = this.reader.match(/\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?\)/y);
    return letters === null ? null : this.withFlags(flags, letters[1] ?? '', letters[2] ?? '');
  }

  private withFlags(flags: Flags, on: string, off: string): Flags {
    const changed = { ...flags };
    for (const [letters, value] of [[on, true], [off, false]] as const) {
      for (const letter of letters) {
        const flag = FLAGS.get(letter);
        if (flag === undefined) throw this.reader.error(`Unknown inline modifier '${letter}'`);
        changed[flag] = value;
      }
    }
    return changed;
  }

  /** An atom with its repetition; a possessive one cannot be given up again, which a group in a lookahead does here. */
  private quantified(flags: Flags): string {
    const groupsBefore = this.made;
    const atom = this.atom(flags);
    if (flags.comments) this.reader.skipComments();
    const repetition = this.reader.match(/[?*+]|\{(\d+)(?:,(\d*))?\}/y);
    if (repetition === null) return this.reader.at('{') ? this.refuse('Illegal repetition') : atom;
    const [text, least = '', most = ''] = repetition;
    if (most !== '' && Number(most) < Number(least)) throw this.reader.error('Illegal repetition range');
    const repeated = `(?:${atom})${text}`;
    if (this.reader.take('?')) return `${repeated}?`;
    return this.reader.take('+') ? this.atomic(repeated, groupsBefore) : repeated;
  }

  private refuse(message: string): never {
    throw this.reader.error(message);
  }

  /** Groups inside were numbered already; the new one stands in front of them. */
  private atomic(source: string, groupsBefore: number): string {
    const number = groupsBefore + 1;
    this.made++;
    this.groups.forEach((group, i) => {
      if (group >= number) this.groups[i] = group + 1;
    });
    const shifted = source.replace(/\\k<g(\d+)>|\(\?<g(\d+)>/g, (text, reference: string | undefined, name: string | undefined) => {
      const old = Number(reference ?? name);
      return old < number ? text : text.replace(/\d+/, String(old + 1));
    });
    return `(?:(?=(?<g${number}>${shifted}))\\k<g${number}>)`;
  }

  private atom(flags: Flags): string {
    const { reader } = this;
    const char = reader.next();
    switch (char) {
      case '(':
        return this.group(flags);
      case '[':
        return characterClass(reader, flags);
      case '.':
        return dot(flags);
      case '^':
        return flags.multiline ? `(?:${START}|(?<=${LINE_END})(?=[\\s\\S]))` : START;
      case '$':
        return flags.multiline ? `(?=(?<!\\r)\\n|[\\r\\u0085\\u2028\\u2029]|${END})` : LAST_LINE_END;
      case '\\':
        return this.escape(flags);
      case '*':
      case '+':
      case '?':
        throw reader.error(`Dangling meta character '${char}'`);
      case '{':
        throw reader.error('Illegal repetition');
      default:
        return quoteCodePoint(char.codePointAt(0) ?? 0, flags);
    }
  }

  /** Behind an opening parenthesis. */
  private group(flags: Flags): string {
    if (++this.depth > MAX_DEPTH) throw this.reader.error('the pattern is nested too deeply');
    const source = this.groupBody(flags);
    if (!this.reader.take(')')) throw this.reader.error('Unclosed group');
    this.depth--;
    return source;
  }

  private groupBody(flags: Flags): string {
    const { reader } = this;
    if (!reader.take('?')) return this.capturing(null, flags);
    const lookaround = reader.match(/<?[=!]/y)?.[0];
    if (lookaround !== undefined) return this.lookaround(lookaround, flags);
    if (reader.take('>')) {
      const before = this.made;
      return this.atomic(this.alternatives(flags), before);
    }
    const name = reader.match(/<([a-zA-Z][a-zA-Z0-9]*)>/y)?.[1];
    if (name !== undefined) return this.capturing(name, flags);
    const inline = reader.match(/([a-zA-Z]*)(?:-([a-zA-Z]*))?:/y);
    if (inline === null) throw reader.error('Unknown inline modifier');
    return `(?:${this.alternatives(this.withFlags(flags, inline[1] ?? '', inline[2] ?? ''))})`;
  }

  private capturing(name: string | null, flags: Flags): string {
    const number = ++this.made;
    const index = this.groups.push(number) - 1;
    if (name !== null) {
      if (this.names.has(name)) throw this.reader.error(`Named capturing group <${name}> is already defined`);
      this.names.set(name, index);
    }
    const body = this.alternatives(flags);
    return `(?<g${this.groups[index] ?? number}>${body})`;
  }

  private lookaround(kind: string, flags: Flags): string {
    const from = this.reader.position;
    const body = this.alternatives(flags);
    if (kind.startsWith('<') && /(?<!\\)(?:\*|\+|\{\d+,\})/.test(this.reader.since(from))) {
      throw this.reader.error('Look-behind group does not have an obvious maximum length');
    }
    return `(?${kind}${body})`;
  }

  private escape(flags: Flags): string {
    const { reader } = this;
    if (reader.done) throw reader.error('Unexpected internal error: the pattern ends with a backslash');
    const reference = reader.match(/[1-9]/y)?.[0];
    if (reference !== undefined) return this.backReference(reference);
    if (reader.take('k')) return this.namedReference();
    const assertion = ASSERTIONS.get(reader.peek());
    if (assertion !== undefined) {
      reader.next();
      return assertion;
    }
    const found = classEscape(reader, flags);
    return found ?? quoteCodePoint(escapedCodePoint(reader), flags);
  }

  /** As many digits as make the number of a group that was opened before. */
  private backReference(first: string): string {
    let number = Number(first);
    for (let digit = this.reader.peek(); /^\d$/.test(digit) && number * 10 + Number(digit) < this.groups.length; digit = this.reader.peek()) {
      number = number * 10 + Number(this.reader.next());
    }
    return number < this.groups.length ? `\\k<g${this.groups[number] ?? 0}>` : NEVER;
  }

  private namedReference(): string {
    const name = this.reader.match(/<([a-zA-Z][a-zA-Z0-9]*)>/y)?.[1];
    const index = name === undefined ? undefined : this.names.get(name);
    if (index === undefined) throw this.reader.error(`named capturing group <${name ?? ''}> does not exist`);
    return `\\k<g${this.groups[index] ?? 0}>`;
  }
}

const MAX_DEPTH = 200;
/** A group that does not exist takes no part. */
const NEVER = '(?!)';

const FLAGS: ReadonlyMap<string, keyof Flags> = new Map([
  ['i', 'ignoreCase'],
  ['s', 'dotAll'],
  ['m', 'multiline'],
  ['x', 'comments'],
  ['u', 'unicodeCase'],
]);

const ASSERTIONS: ReadonlyMap<string, string> = new Map([
  ['b', BOUNDARY],
  ['B', NO_BOUNDARY],
  ['A', START],
  ['Z', LAST_LINE_END],
  ['z', END],
  ['R', LINE_BREAK],
]);
