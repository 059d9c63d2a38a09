/**
 * Expressions, by precedence climbing. Binding powers, loosest first: OR, AND, NOT, IS, comparisons,
 * BETWEEN / IN / LIKE, + and -, * / % and ||, the signs.
 */
import type { BinaryExpression, BinaryOperator, Call, Expression, Span, UnaryExpression } from './ast.ts';
import { parseCallOrColumn } from './parse-call.ts';
import { isFunctionName } from './keywords.ts';
import type { Cursor } from './parse-cursor.ts';
import { atIntervalRange, atLiteral, parseIntervalRange, parseLiteral } from './parse-literal.ts';
import { parseQuery } from './parse-query.ts';
import { parseCase, parseCast } from './parse-special.ts';

const OR = 1;
const AND = 2;
const NOT = 3;
const IS = 4;
const COMPARISON = 5;
const RANGE = 6;
const SUM = 7;
const PRODUCT = 8;
const SIGN = 9;

const POWER: Readonly<Record<BinaryOperator, number>> = {
  OR,
  AND,
  '=': COMPARISON,
  '<>': COMPARISON,
  '<': COMPARISON,
  '<=': COMPARISON,
  '>': COMPARISON,
  '>=': COMPARISON,
  '+': SUM,
  '-': SUM,
  '*': PRODUCT,
  '/': PRODUCT,
  '%': PRODUCT,
  '||': PRODUCT,
};

const isBinary = (keyword: string): keyword is BinaryOperator => Object.hasOwn(POWER, keyword);

export const parseExpression = (cursor: Cursor): Expression => parseFrom(cursor, OR);

/** An expression without comparisons and logic, where AND or IN that follow belong to the construct around it. */
export const parseSum = (cursor: Cursor): Expression => parseFrom(cursor, SUM);

function parseFrom(cursor: Cursor, power: number): Expression {
  return cursor.operand(() => {
    let left = parsePrefix(cursor);
    for (;;) {
      const longer = extend(cursor, left, power);
      if (longer === null) return left;
      cursor.countOperator();
      left = longer;
    }
  });
}

/** `left` with the operator behind it, unless that binds looser than `power`. */
function extend(cursor: Cursor, left: Expression, power: number): Expression | null {
  rejectForeign(cursor);
  cursor.offer(OPERATORS);
  const { keyword } = cursor.current;
  if (isBinary(keyword)) return POWER[keyword] >= power ? parseBinary(cursor, left, keyword) : null;
  if (keyword === 'IS') return IS >= power ? parseIs(cursor, left) : null;
  if (PERIODS.has(keyword)) return COMPARISON >= power ? parsePeriods(cursor, left) : null;
  return RANGE >= power ? parseRange(cursor, left) : null;
}

/** The operators that are words. */
const OPERATORS = ['AND', 'OR', 'IS', 'IS NULL', 'IS NOT NULL', 'BETWEEN', 'IN', 'LIKE', 'NOT'];

/** Operators of other dialects. */
function rejectForeign(cursor: Cursor): void {
  const first = cursor.current;
  if (first.keyword === '!=') throw cursor.error(first.span, "Bang equal '!=' is not allowed under the current SQL conformance level", 'The comparison is written <>.');
}

function parseBinary(cursor: Cursor, left: Expression, operator: BinaryOperator): Expression | null {
  if (!atOperand(cursor, 1)) return cursor.refuseAhead(`a value behind ${operator}`, true);
  const operatorSpan = cursor.advance().span;
  rejectQuantifier(cursor, operator);
  const right = parseFrom(cursor, POWER[operator] + 1);
  return { kind: 'binary', operator, operatorSpan, left, right, span: around(left, right) };
}

/** True if a token can begin an operand; an unclosed string cannot. */
function atOperand(cursor: Cursor, ahead: number): boolean {
  const { kind, keyword } = cursor.peek(ahead);
  if (kind === 'string' || kind === 'number' || ['(', '+', '-'].includes(keyword)) return true;
  return cursor.isName(ahead) || OPERANDS.has(keyword) || (kind === 'word' && isFunctionName(keyword));
}

/** Reserved words that begin an operand, besides functions. */
const OPERANDS: ReadonlySet<string> = new Set(
  'ALL,ANY,ARRAY,CASE,CAST,CURRENT_DATE,CURRENT_TIME,CURRENT_TIMESTAMP,DATE,EXISTS,FALSE,INTERVAL,LOCALTIME,LOCALTIMESTAMP,MAP,MULTISET,NOT,NULL,ROW,SOME,TIME,TIMESTAMP,TRUE,TRY_CAST,UNIQUE,UNKNOWN'.split(','),
);

function rejectQuantifier(cursor: Cursor, operator: string): void {
  const { keyword } = cursor.current;
  const quantified = ['ANY', 'SOME', 'ALL'].includes(keyword) && cursor.peek(1).keyword === '(';
  if (quantified) throw cursor.unsupported(`${operator} ${keyword}`);
}

function parsePrefix(cursor: Cursor): Expression {
  const { keyword } = cursor.current;
  switch (keyword) {
    case 'NOT':
      return parseUnary(cursor, 'NOT', NOT);
    case '-':
    case '+':
      return parseUnary(cursor, keyword, SIGN);
    default:
      return parseAccess(cursor, parsePrimary(cursor));
  }
}

function parsePrimary(cursor: Cursor): Expression {
  const { keyword, span } = cursor.current;
  switch (keyword) {
    case '(':
      return parseParenthesized(cursor);
    case 'CASE':
      return parseCase(cursor);
    case 'CAST':
    case 'TRY_CAST':
      return parseCast(cursor);
    case 'EXISTS':
    case 'UNIQUE':
      cursor.refuse(keyword, cursor.advance().span);
      cursor.expect('(');
      return closed(cursor, readSubquery(cursor));
    case 'MULTISET':
      throw cursor.unsupported(`the constructor ${keyword}`, span);
    case 'ROW':
      return parseRow(cursor);
    default:
      return parseBrackets(cursor) ?? (atLiteral(cursor) ? parseLiteral(cursor) : parseCallOrColumn(cursor));
  }
}

/** `ARRAY[…]` and `MAP[…]`, which may be empty. */
function parseBrackets(cursor: Cursor): Expression | null {
  const { keyword, span } = cursor.current;
  if ((keyword !== 'ARRAY' && keyword !== 'MAP') || cursor.peek(1).keyword !== '[') return null;
  cursor.advance();
  cursor.advance();
  const items = cursor.at(']') ? [] : cursor.list(() => parseExpression(cursor));
  cursor.expect(']');
  return operatorCall(`${keyword}[]`, span, items, cursor.spanFrom(span.start));
}

/** `ROW(a, b)`. */
function parseRow(cursor: Cursor): Expression {
  const { span } = cursor.advance();
  const fields = cursor.parenthesized(() => parseExpression(cursor));
  return operatorCall('ROW', span, fields, cursor.spanFrom(span.start));
}

/** `[i]` and `.field` behind an operand. */
function parseAccess(cursor: Cursor, operand: Expression): Expression {
  const { keyword, span } = cursor.current;
  if (keyword !== '[' && (keyword !== '.' || operand.kind === 'number')) return operand;
  cursor.countOperator();
  cursor.advance();
  const key = keyword === '[' ? parseExpression(cursor) : parseFieldName(cursor);
  if (keyword === '[') cursor.expect(']');
  return parseAccess(cursor, operatorCall(keyword === '[' ? '[]' : '.', span, [operand, key], cursor.spanFrom(operand.span.start)));
}

function parseFieldName(cursor: Cursor): Expression {
  const { name, span } = cursor.identifier('the name of a field');
  return { kind: 'string', value: name, span };
}

/** An operator without a kind of its own is a call of the function of its name. */
export function operatorCall(name: string, nameSpan: Span, args: readonly Expression[], span: Span): Call {
  return { kind: 'call', name, nameSpan, arguments: args, star: false, distinct: false, filter: null, span };
}

function parseUnary(cursor: Cursor, operator: UnaryExpression['operator'], power: number): Expression {
  const { start } = cursor.advance().span;
  const operand = parseFrom(cursor, power);
  return { kind: 'unary', operator, operand, span: cursor.spanFrom(start) };
}

function parseParenthesized(cursor: Cursor): Expression {
  const { start } = cursor.advance().span;
  if (atSubquery(cursor)) return closed(cursor, readSubquery(cursor));
  const [inner, ...others] = cursor.list(() => parseExpression(cursor));
  cursor.expect(')');
  const span = cursor.spanFrom(start);
  if (inner === undefined || others.length > 0) return operatorCall('ROW', span, inner === undefined ? [] : [inner, ...others], span);
  if (inner.kind === 'binary' && inner.operator === '-' && atIntervalRange(cursor)) return parseDifference(cursor, inner, start);
  return { ...inner, span };
}

/** `(a - b) DAY`: how far two times are apart. */
function parseDifference(cursor: Cursor, { left, right, operatorSpan }: BinaryExpression, start: number): Expression {
  const { from } = parseIntervalRange(cursor);
  const isMonths = ['YEAR', 'QUARTER', 'MONTH'].includes(from);
  return operatorCall(isMonths ? '- IN MONTHS' : '- IN TIME', operatorSpan, [left, right], cursor.spanFrom(start));
}

/** An opening parenthesis was taken: a query behind it is a subquery. */
const atSubquery = (cursor: Cursor): boolean => ['SELECT', 'WITH', 'VALUES'].includes(cursor.current.keyword);

/** For its syntax alone; NULL stands for it. */
function readSubquery(cursor: Cursor): Expression {
  cursor.refuse('a subquery inside an expression');
  return { kind: 'null', span: parseQuery(cursor).span };
}

function closed<T>(cursor: Cursor, inner: T): T {
  cursor.expect(')');
  return inner;
}

const TESTS: ReadonlySet<string> = new Set(['NULL', 'NOT', 'TRUE', 'FALSE', 'UNKNOWN', 'DISTINCT', 'JSON', 'A', 'EMPTY']);

function parseIs(cursor: Cursor, operand: Expression): Expression | null {
  if (!TESTS.has(cursor.peek(1).keyword)) return cursor.refuseAhead('NULL, NOT NULL, TRUE, FALSE or DISTINCT FROM behind IS', false);
  cursor.advance();
  const negated = cursor.accept('NOT');
  if (cursor.accept('DISTINCT', 'FROM')) {
    const right = parseFrom(cursor, RANGE);
    return { kind: 'distinct-from', left: operand, right, negated, span: around(operand, right) };
  }
  for (const test of ['NULL', 'TRUE', 'FALSE', 'UNKNOWN'] as const) {
    if (cursor.accept(test)) return { kind: 'is', operand, test, negated, span: cursor.spanFrom(operand.span.start) };
  }
  if (cursor.accept('JSON')) return parseIsJson(cursor, operand, negated);
  throw cursor.unexpected();
}

function parseIsJson(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const kind = ['VALUE', 'OBJECT', 'ARRAY', 'SCALAR'].find((word) => cursor.accept(word)) ?? 'VALUE';
  const span = cursor.spanFrom(operand.span.start);
  return operatorCall(`IS ${negated ? 'NOT ' : ''}JSON ${kind}`, span, [operand], span);
}

/** BETWEEN, IN and LIKE, which a NOT may precede. */
function parseRange(cursor: Cursor, operand: Expression): Expression | null {
  const negated = cursor.is('NOT');
  const keyword = cursor.peek(negated ? 1 : 0).keyword;
  const parse = RANGES.get(keyword);
  if (parse === undefined) return negated ? cursor.refuseAhead('IN, BETWEEN or LIKE behind NOT', false) : null;
  if (!negated && !beginsRange(cursor, keyword)) return cursor.refuseAhead(`what belongs to ${keyword}`, keyword !== 'IN' && keyword !== 'SIMILAR');
  if (negated) cursor.advance();
  cursor.advance();
  return { ...parse(cursor, operand, negated), span: cursor.spanFrom(operand.span.start) };
}

/** True if the token behind the operator may follow it. */
function beginsRange(cursor: Cursor, operator: string): boolean {
  const { keyword } = cursor.peek(1);
  if (operator === 'IN') return keyword === '(';
  if (operator === 'SIMILAR') return keyword === 'TO';
  return atOperand(cursor, 1) || (operator === 'BETWEEN' && ['SYMMETRIC', 'ASYMMETRIC'].includes(keyword));
}

/** `(start, end) OVERLAPS (start, length)`. */
function parsePeriods(cursor: Cursor, operand: Expression): Expression {
  const { keyword, span } = cursor.advance();
  const other = parseFrom(cursor, RANGE + 1);
  return operatorCall(keyword, span, [operand, other], around(operand, other));
}

/** As in Calcite's grammar; the planner gives them their meaning. */
const PERIODS: ReadonlySet<string> = new Set(['OVERLAPS', 'CONTAINS', 'EQUALS', 'PRECEDES', 'SUCCEEDS']);

type ParseRange = (cursor: Cursor, operand: Expression, negated: boolean) => Expression;

const RANGES: ReadonlyMap<string, ParseRange> = new Map([
  ['BETWEEN', parseBetween],
  ['IN', parseIn],
  ['LIKE', parseLike],
  ['ILIKE', parseForeignLike],
  ['RLIKE', parseForeignLike],
  ['SIMILAR', parseSimilar],
]);

function parseBetween(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const symmetric = cursor.accept('SYMMETRIC');
  if (!symmetric) cursor.accept('ASYMMETRIC');
  const low = parseSum(cursor);
  if (!cursor.accept('AND')) throw cursor.error(cursor.current.span, 'BETWEEN operator has no terminating AND', 'Write value BETWEEN low AND high.');
  const high = parseSum(cursor);
  return { kind: 'between', operand, low, high, symmetric, negated, span: operand.span };
}

function parseIn(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const { start } = cursor.current.span;
  cursor.expect('(');
  const values = atSubquery(cursor) ? [readSubquery(cursor)] : cursor.list(() => parseExpression(cursor));
  cursor.expect(')');
  return { kind: 'in', operand, values, listSpan: cursor.spanFrom(start), negated, span: operand.span };
}

function parseLike(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const pattern = parseSum(cursor);
  const escape = cursor.accept('ESCAPE') ? parseSum(cursor) : null;
  return { kind: 'like', operator: 'LIKE', operand, pattern, escape, negated, span: operand.span };
}

/** Operators that Flink's parser takes, and that its validator knows no function for. */
function parseForeignLike(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const { value, span } = cursor.peek(-1);
  const call: Expression = { kind: 'call', name: value.toUpperCase(), nameSpan: span, arguments: [operand, parseSum(cursor)], star: false, distinct: false, filter: null, span: cursor.spanFrom(operand.span.start) };
  return negated ? { kind: 'unary', operator: 'NOT', operand: call, span: call.span } : call;
}

function parseSimilar(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  cursor.expect('TO');
  const pattern = parseSum(cursor);
  const escape = cursor.accept('ESCAPE') ? parseSum(cursor) : null;
  return { kind: 'like', operator: 'SIMILAR TO', operand, pattern, escape, negated, span: operand.span };
}

const around = (left: { span: Span }, right: { span: Span }): Span => ({ start: left.span.start, end: right.span.end });
