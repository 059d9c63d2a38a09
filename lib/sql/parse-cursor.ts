/** The parser's place in the tokens, with the memory that its error messages are made from. */
import { assert, type SluiceError } from '../core/errors.ts';
import type { Identifier, QualifiedName, Span, Text } from './ast.ts';
import { endOf, positionOf, sqlError } from './diagnostic.ts';
import { isReserved } from './keywords.ts';
import { tokenize, type Problem, type Token } from './lexer.ts';
import { nearest } from '../core/nearest.ts';

/** Levels of parentheses, operands and subqueries: deeper input must not use up the stack. */
const MAX_DEPTH = 200;
/** Operators of one expression: a chain of them becomes a tree that is as deep as the chain is long. */
const MAX_OPERATORS = 1000;
/** More alternatives than this would hide the message. */
const MAX_EXPECTED = 8;

export class Cursor {
  readonly source: string;
  private readonly tokens: readonly Token[];
  private index = 0;
  private depth = 0;
  private operands = 0;
  private operators = 0;
  /** What the grammar would have taken at this token. */
  private readonly expected = new Set<string>();
  /** What it would have taken, too, and what no error message lists: there is too much of it. */
  private readonly offered = new Set<string>();
  /** Where a name would have been right, too: Flink then takes a keyword for the mistake. */
  private nameAt = -1;
  /** A token that was not taken for what follows it. */
  private ahead: { readonly index: number; readonly what: string } | null = null;
  /** What is not run of the statement that is read; a mistake of syntax behind it is told instead, as in Flink. */
  private refused: SluiceError | null = null;
  /** The last alias without AS: if what follows does not fit, it may have been meant as a keyword. */
  private bareAlias: { readonly token: Token; readonly index: number; readonly followers: readonly string[] } | null = null;

  constructor(source: string) {
    this.source = source;
    this.tokens = tokenize(source);
  }

  get current(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    const token = this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)];
    assert(token, 'the tokens end with one of kind end');
    return token;
  }

  advance(): Token {
    const token = this.current;
    this.index++;
    this.expected.clear();
    this.offered.clear();
    return token;
  }

  /** True if the next tokens are these keywords or symbols. */
  is(...keywords: readonly string[]): boolean {
    return keywords.every((keyword, ahead) => this.peek(ahead).keyword === keyword);
  }

  /** The same, for what would be right here: an error message will list it. */
  at(...keywords: readonly string[]): boolean {
    this.expected.add(keywords.join(' '));
    return this.is(...keywords);
  }

  /** These would be right here as well; completion alone shows them. */
  offer(keywords: readonly string[]): void {
    for (const keyword of keywords) this.offered.add(keyword);
  }

  /** What may follow the text, of which no more is there than was read: keywords, and in small letters what is none. Null if it was left before its end. */
  get followers(): readonly string[] | null {
    if (this.current.kind === 'end') return [...this.expected, ...this.offered];
    return this.ahead?.index === this.index && this.peek(1).kind === 'end' ? [this.ahead.what] : null;
  }

  /** Takes these keywords or symbols if all of them are next. */
  accept(...keywords: readonly string[]): boolean {
    if (!this.at(...keywords)) return false;
    for (let taken = 0; taken < keywords.length; taken++) this.advance();
    return true;
  }

  /** Takes these keywords or symbols, one by one: the error stands at the first that is missing. */
  expect(...keywords: readonly string[]): void {
    for (const keyword of keywords) if (!this.accept(keyword)) throw this.unexpected();
  }

  /** True if the next token may be a name. */
  atName(): boolean {
    this.nameAt = this.index;
    return this.isName(0);
  }

  /** True if the token is a name, whatever the grammar would take here. */
  isName(ahead: number): boolean {
    const { kind, keyword } = this.peek(ahead);
    return kind === 'quoted' || (kind === 'word' && !isReserved(keyword));
  }

  identifier(what: string): Identifier {
    if (!this.atName()) throw this.unexpected(what, reservedHint(this.current));
    const { value, span } = this.advance();
    return { kind: 'identifier', name: value, span };
  }

  /** `[AS] alias`, if there is one; `followers` are the keywords that an alias without AS may be a misspelling of. */
  alias(followers: readonly string[]): Identifier | null {
    if (this.accept('AS')) return this.identifier('a name');
    if (!this.atName()) return null;
    this.bareAlias = { token: this.current, index: this.index, followers };
    return this.identifier('a name');
  }

  qualifiedName(what: string): QualifiedName {
    const first = this.identifier(what);
    const rest: Identifier[] = [];
    while (this.is('.')) {
      if (!this.isName(1)) {
        this.refuseAhead('a name behind the point', true);
        throw this.unexpected();
      }
      this.advance();
      rest.push(this.identifier(what));
    }
    return { kind: 'qualified-name', parts: [first, ...rest], span: this.spanFrom(first.span.start) };
  }

  text(what: string): Text {
    if (this.current.kind !== 'string') throw this.unexpected(what);
    const { value, span } = this.advance();
    return { kind: 'text', value, span };
  }

  /** One or more, separated by commas. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.accept(',')) items.push(item());
    return items;
  }

  /** The same in parentheses. */
  parenthesized<T>(item: () => T): T[] {
    this.expect('(');
    const items = this.list(item);
    this.expect(')');
    return items;
  }

  spanFrom(start: number): Span {
    return { start, end: this.tokens[this.index - 1]?.span.end ?? start };
  }

  /** Every recursion of the grammar passes here. */
  nested<T>(parse: () => T): T {
    if (this.depth >= MAX_DEPTH) throw this.tooComplex(`nested deeper than ${MAX_DEPTH} levels`);
    this.depth++;
    const result = parse();
    this.depth--;
    return result;
  }

  /** An expression or a part of one; the outermost begins to count operators anew. */
  operand<T>(parse: () => T): T {
    if (this.operands === 0) this.operators = 0;
    this.operands++;
    const result = this.nested(parse);
    this.operands--;
    return result;
  }

  /** Every operator that makes its left side one level deeper passes here. */
  countOperator(): void {
    if (++this.operators > MAX_OPERATORS) throw this.tooComplex(`more than ${MAX_OPERATORS} operators in one expression`);
  }

  /** The next token does not fit; `what` names what is missing if it is no keyword. */
  unexpected(what?: string, hint?: string): SluiceError {
    if (what !== undefined) this.expected.add(what);
    const token = this.current;
    if (this.ahead?.index === this.index) return this.unexpectedAhead(token, this.ahead.what);
    const meant = token.kind === 'word' ? nearest(token.value, this.expected) : undefined;
    return this.encountered([token], meant ?? alternatives([...this.expected]), this.misspeltAlias() ?? (meant === undefined ? hint : `Did you mean ${meant}?`));
  }

  /** A value is missing, in whose place a name would have been right, too. */
  unexpectedValue(): SluiceError {
    this.nameAt = this.index;
    return this.unexpected('an expression');
  }

  /** Flink has looked two tokens ahead, and shows both. */
  private unexpectedAhead(token: Token, what: string): SluiceError {
    const next = this.peek(1);
    const isLexical = next.problem !== null && next.problem.kind !== 'unexpected';
    return isLexical ? this.encountered([next], what) : this.encountered([token, next], what);
  }

  /** What follows the next token is not what it needs, so that it is not taken: if nothing else takes it, it is the mistake, and `what` is missing. */
  refuseAhead(what: string, isName: boolean): null {
    if (isName) this.nameAt = this.index;
    this.ahead = { index: this.index, what };
    return null;
  }

  /** In the words of Flink's parser, then in ours. */
  private encountered(tokens: readonly [Token, ...Token[]], expected: string, hint?: string): SluiceError {
    const [token] = tokens;
    const { problem, span } = token;
    if (problem !== null && problem.kind !== 'unexpected') return this.lexicalError(token, problem);
    const at = token.kind === 'end' ? endOf(this.source) : span;
    const { line, column } = positionOf(this.source, at);
    const image = this.imageOf(token);
    const isKeyword = this.nameAt === this.index && token.kind === 'word' && isReserved(image);
    const head = isKeyword ? `Incorrect syntax near the keyword '${image}'` : `Encountered "${tokens.map((each) => escaped(this.imageOf(each))).join(' ')}"`;
    const message = `${head} at line ${line}, column ${column}. Expected ${expected}.`;
    return sqlError('SQL_PARSE', this.source, span, message, problem?.hint ?? hint, at);
  }

  /** Of an open string Flink's parser sees the quote alone. */
  private imageOf({ kind, span, problem }: Token): string {
    if (kind === 'end') return '<EOF>';
    return this.source.slice(span.start, problem?.kind === 'unexpected' ? span.start + 1 : span.end);
  }

  private lexicalError(token: Token, { kind, hint }: Problem): SluiceError {
    const { span } = token;
    const isEnd = kind === 'unclosed';
    const { length } = this.source;
    const at = isEnd ? { start: length, end: length } : span;
    const { line, column } = positionOf(this.source, at);
    const code = this.source.codePointAt(span.start) ?? 0;
    const what = isEnd ? `<EOF> after : "${escaped(this.imageOf(token))}"` : `"${escaped(String.fromCodePoint(code))}" (${code}), after : ""`;
    return sqlError('SQL_PARSE', this.source, span, `Lexical error at line ${line}, column ${column}.  Encountered: ${what}`, hint, at);
  }

  /** Flink SQL that is not run yet: the code says so instead of calling it wrong. */
  unsupported(construct: string, span: Span = this.current.span, hint?: string): SluiceError {
    return sqlError('SQL_UNSUPPORTED', this.source, span, `${construct} is not supported yet`, hint);
  }

  /** Refuses the statement for this as soon as the rest of it is read: until then it may turn out to be no SQL at all. */
  refuse(construct: string, span: Span = this.current.span, hint?: string): void {
    this.refused ??= this.unsupported(construct, span, hint);
  }

  /** The text of a statement, or of an expression alone, was read to its end. */
  finish(): void {
    if (this.refused !== null) throw this.refused;
  }

  error(span: Span, message: string, hint?: string): SluiceError {
    return sqlError('SQL_PARSE', this.source, span, message, hint);
  }

  /** In `SELECT a FORM t` FORM is an alias and t is what does not fit, but FORM is what is wrong. */
  private misspeltAlias(): string | null {
    if (this.bareAlias?.index !== this.index - 1 || this.bareAlias.token.kind !== 'word') return null;
    const { token, followers } = this.bareAlias;
    const meant = nearest(token.value, followers);
    return meant === undefined ? null : `Did you mean ${meant} instead of ${token.value}?`;
  }

  tooComplex(problem: string): SluiceError {
    return this.error(this.current.span, problem, 'Split the statement, or move parts of it into several statements.');
  }
}

function reservedHint({ keyword, value }: Token): string | undefined {
  return isReserved(keyword) ? `${value} is a reserved word; as a name it stands in backticks: \`${value}\`.` : undefined;
}

/** As Java's parsers print it. */
const escaped = (text: string): string =>
  text.replace(/["'\\]|[^ -~]/g, (char) => ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', "'": "\\'", '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' };

function alternatives(expected: readonly string[]): string {
  const shown = expected.slice(0, MAX_EXPECTED).map((item) => (/^\w/.test(item) ? item : `'${item}'`));
  const last = shown.pop() ?? 'something else';
  if (expected.length > MAX_EXPECTED) return `${[...shown, last].join(', ')} …`;
  return shown.length === 0 ? last : `${shown.join(', ')} or ${last}`;
}
