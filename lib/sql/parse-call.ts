/** Function calls, with the special forms of the SQL standard, and column references. */
import type { Call, Expression, Span, Symbol } from './ast.ts';
import { isClauseWord, isFunctionName, NILADIC } from './keywords.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExpression, parseSum } from './parse-expression.ts';
import { JSON_FUNCTIONS } from './parse-json.ts';
import { JSON_AGGREGATES, parseJsonAggregate } from './parse-json-aggregate.ts';
import { readOver } from './parse-over.ts';
import { parseOrderBy } from './parse-order.ts';

export function parseCallOrColumn(cursor: Cursor): Expression {
  const { kind, keyword } = cursor.current;
  if (cursor.peek(1).keyword === '(' && kind === 'word' && isFunctionName(keyword)) return parseCall(cursor);
  if (kind === 'word' && NILADIC.has(keyword)) return call(cursor, []);
  rejectForeignLiteral(cursor);
  if (isClauseWord(keyword)) throw cursor.unexpectedValue();
  const name = cursor.qualifiedName('an expression');
  if (cursor.is('(')) throw cursor.unsupported('a function with a qualified name or in backticks', name.span);
  return { kind: 'column', name, span: name.span };
}

/** `x'45'`, `n'text'`, `_utf8'text'`: a string that follows a word without a space. */
function rejectForeignLiteral(cursor: Cursor): void {
  const [word, string] = [cursor.current, cursor.peek(1)];
  if (word.kind !== 'word' || string.kind !== 'string' || word.span.end !== string.span.start) return;
  throw cursor.unsupported('a string literal with a prefix', { start: word.span.start, end: string.span.end });
}

/** The name is taken; the parts of the call that are absent have their defaults. */
function call(cursor: Cursor, args: readonly Expression[]): Call {
  const { keyword, span } = cursor.advance();
  return {
    kind: 'call',
    name: keyword,
    nameSpan: span,
    arguments: args,
    star: false,
    distinct: false,
    filter: null,
    span,
  };
}

function parseCall(cursor: Cursor): Call {
  const name = call(cursor, []);
  cursor.expect('(');
  const inner = parseInner(cursor, name);
  const nulls = parseNulls(cursor);
  rejectClauses(cursor, name.name);
  cursor.expect(')');
  const span = cursor.spanFrom(name.span.start);
  return { ...inner, ...nulls, ...parseSuffix(cursor, span), span };
}

/** What stands between the parentheses. */
function parseInner(cursor: Cursor, name: Call): Call {
  // Any function may be called with it, and all but COUNT are refused later.
  if (name.name === 'COUNT' ? cursor.accept('*') : cursor.is('*', ')') && cursor.accept('*')) return { ...name, star: true };
  if (JSON_AGGREGATES.has(name.name)) return parseJsonAggregate(cursor, name);
  const special = SPECIAL.get(name.name) ?? JSON_FUNCTIONS.get(name.name);
  if (special !== undefined) return { ...name, arguments: special(cursor) };
  const distinct = cursor.accept('DISTINCT');
  if (!distinct) cursor.accept('ALL');
  if (!distinct && cursor.at(')')) return name;
  return { ...name, distinct, arguments: parseArguments(cursor) };
}

function parseArguments(cursor: Cursor): Expression[] {
  if (['SELECT', 'WITH', 'VALUES'].includes(cursor.current.keyword)) throw cursor.unsupported('a subquery as an argument');
  const args = cursor.list(() => parseExpression(cursor));
  if (cursor.is('=>')) throw cursor.unsupported('a named argument outside of window functions');
  return args;
}

const SPECIAL: ReadonlyMap<string, (cursor: Cursor) => Expression[]> = new Map([
  ['EXTRACT', parseExtract],
  ['FLOOR', parseRounding],
  ['CEIL', parseRounding],
  ['CEILING', parseRounding],
  ['TRIM', parseTrim],
  ['POSITION', (cursor) => parseSeparated(cursor, ['IN', 'FROM'])],
  ['SUBSTRING', (cursor) => parseSeparated(cursor, ['FROM', 'FOR'])],
  ['OVERLAY', (cursor) => parseSeparated(cursor, ['PLACING', 'FROM', 'FOR'])],
  ['TIMESTAMPADD', parseUnitFirst],
  ['TIMESTAMPDIFF', parseUnitFirst],
]);

function parseExtract(cursor: Cursor): Expression[] {
  const unit = parseSymbol(cursor, 'a time unit');
  cursor.expect('FROM');
  return [unit, parseExpression(cursor)];
}

/** `FLOOR(number)` or `FLOOR(time TO unit)`. */
function parseRounding(cursor: Cursor): Expression[] {
  const operand = parseExpression(cursor);
  return cursor.accept('TO') ? [operand, parseSymbol(cursor, 'a time unit')] : [operand];
}

/** `TRIM([BOTH | LEADING | TRAILING] [characters] [FROM] text)`. */
function parseTrim(cursor: Cursor): Expression[] {
  const { start } = cursor.current.span;
  const side = ['BOTH', 'LEADING', 'TRAILING'].find((keyword) => cursor.accept(keyword));
  const symbol: Symbol = { kind: 'symbol', name: side ?? 'BOTH', span: cursor.spanFrom(start) };
  const blank: Expression = { kind: 'string', value: ' ', span: symbol.span };
  if (side !== undefined && cursor.accept('FROM')) return [symbol, blank, parseExpression(cursor)];
  const first = parseExpression(cursor);
  if (cursor.accept('FROM')) return [symbol, first, parseExpression(cursor)];
  if (side !== undefined) throw cursor.unexpected();
  return [symbol, blank, first];
}

/** Arguments between words, or between commas as in any other call. */
function parseSeparated(cursor: Cursor, words: readonly string[]): Expression[] {
  const args = [parseSum(cursor)];
  for (let word = 0; word < words.length; ) {
    if (cursor.accept(',')) word++;
    else {
      const found = words.findIndex((separator, index) => index >= word && cursor.accept(separator));
      if (found < 0) break;
      word = found + 1;
    }
    args.push(parseExpression(cursor));
  }
  return args;
}

function parseUnitFirst(cursor: Cursor): Expression[] {
  const unit = parseSymbol(cursor, 'a time unit');
  cursor.expect(',');
  return [unit, ...cursor.list(() => parseExpression(cursor))];
}

/** A unit is a word that is no name: DAY is reserved, WEEK is not. */
function parseSymbol(cursor: Cursor, what: string): Symbol {
  if (cursor.current.kind !== 'word') throw cursor.unexpected(what);
  const { keyword, span } = cursor.advance();
  return { kind: 'symbol', name: keyword, span };
}

function parseFilter(cursor: Cursor): Expression | null {
  if (!cursor.accept('FILTER')) return null;
  cursor.expect('(', 'WHERE');
  const condition = parseExpression(cursor);
  cursor.expect(')');
  return condition;
}

/** Clauses inside the parentheses that only some functions have. */
function rejectClauses(cursor: Cursor, name: string): void {
  const { keyword } = cursor.current;
  if (name.startsWith('JSON_') && keyword !== ')') throw cursor.unexpected();
  if (keyword === 'ORDER') throw cursor.unsupported('ORDER BY inside a function call');
}

/** The clauses behind a call, in Calcite's order. The call is what its errors point at, without them. */
function parseSuffix(cursor: Cursor, { start }: Span): Pick<Call, 'filter' | 'nulls' | 'withinGroup'> {
  const nulls = parseNulls(cursor);
  const withinGroup = parseWithinGroup(cursor, start);
  const filter = parseFilter(cursor);
  if (cursor.is('OVER')) readOver(cursor);
  return { ...nulls, ...withinGroup, filter };
}

function parseNulls(cursor: Cursor): Pick<Call, 'nulls'> {
  const nulls = (['IGNORE', 'RESPECT'] as const).find((word) => cursor.is(word, 'NULLS'));
  if (nulls === undefined) return {};
  cursor.expect(nulls, 'NULLS');
  return { nulls };
}

function parseWithinGroup(cursor: Cursor, start: number): Pick<Call, 'withinGroup'> {
  if (!cursor.is('WITHIN', 'GROUP')) return {};
  cursor.expect('WITHIN', 'GROUP', '(');
  if (!cursor.at('ORDER')) throw cursor.unexpected();
  parseOrderBy(cursor);
  cursor.expect(')');
  return { withinGroup: cursor.spanFrom(start) };
}
