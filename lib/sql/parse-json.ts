/**
 * The JSON functions of the SQL standard, with their clauses as arguments:
 *
 * | written | arguments |
 * |---|---|
 * | `JSON_EXISTS(j, p [b ON ERROR])` | j, p, symbol b |
 * | `JSON_VALUE(j, p [RETURNING t] [b ON EMPTY] [b ON ERROR])` | j, p, NULL of type t, symbol b, default, symbol b, default |
 * | `JSON_QUERY(j, p [RETURNING t] [w WRAPPER] [b ON EMPTY] [b ON ERROR])` | j, p, NULL of type t, symbol w, symbol b, symbol b |
 * | `JSON_OBJECT([KEY] k VALUE v … [b ON NULL])` | symbol b, then k, symbol, v; the symbol is JSON for a value that is JSON already |
 * | `JSON_ARRAY(v … [b ON NULL])` | symbol b, then symbol, v |
 */
import { STRING } from '../core/types.ts';
import type { Expression, Symbol } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseType } from './parse-type.ts';

export const JSON_FUNCTIONS: ReadonlyMap<string, (cursor: Cursor) => Expression[]> = new Map([
  ['JSON_EXISTS', parseExists],
  ['JSON_VALUE', parseValue],
  ['JSON_QUERY', parseQuery],
  ['JSON_OBJECT', parseObject],
  ['JSON_ARRAY', parseArray],
]);

const symbol = (cursor: Cursor, name: string): Symbol => ({ kind: 'symbol', name, span: cursor.current.span });

function parsePath(cursor: Cursor): Expression[] {
  const json = parseExpression(cursor);
  cursor.expect(',');
  return [json, parseExpression(cursor)];
}

function parseExists(cursor: Cursor): Expression[] {
  const args = parsePath(cursor);
  const behaviour = ['TRUE', 'FALSE', 'UNKNOWN', 'ERROR'].find((word) => cursor.accept(word, 'ON', 'ERROR'));
  return [...args, symbol(cursor, behaviour ?? 'FALSE')];
}

/** `RETURNING type`, as a NULL of this type; a string otherwise. */
function parseReturning(cursor: Cursor): Expression {
  const { span } = cursor.current;
  const type = cursor.accept('RETURNING') ? parseType(cursor) : ({ kind: 'type', type: STRING, nullable: true, span } as const);
  return { kind: 'cast', operand: { kind: 'null', span: type.span }, type, safe: false, span: type.span };
}

function parseValue(cursor: Cursor): Expression[] {
  const args = parsePath(cursor);
  const returning = parseReturning(cursor);
  const behaviours = { EMPTY: nothing(cursor), ERROR: nothing(cursor) };
  while (!cursor.at(')')) {
    const behaviour = parseDefault(cursor);
    cursor.expect('ON');
    behaviours[parseEvent(cursor)] = behaviour;
  }
  return [...args, returning, ...behaviours.EMPTY, ...behaviours.ERROR];
}

const nothing = (cursor: Cursor): [Symbol, Expression] => [symbol(cursor, 'NULL'), { kind: 'null', span: cursor.current.span }];

/** `NULL`, `ERROR` or `DEFAULT value`. */
function parseDefault(cursor: Cursor): [Symbol, Expression] {
  const [, none] = nothing(cursor);
  if (cursor.accept('DEFAULT')) return [symbol(cursor, 'DEFAULT'), parseExpression(cursor)];
  if (cursor.accept('ERROR')) return [symbol(cursor, 'ERROR'), none];
  cursor.expect('NULL');
  return [symbol(cursor, 'NULL'), none];
}

function parseEvent(cursor: Cursor): 'EMPTY' | 'ERROR' {
  if (cursor.accept('EMPTY')) return 'EMPTY';
  cursor.expect('ERROR');
  return 'ERROR';
}

function parseQuery(cursor: Cursor): Expression[] {
  const args = parsePath(cursor);
  const returning = parseReturning(cursor);
  const wrapper = symbol(cursor, parseWrapper(cursor));
  const behaviours = { EMPTY: symbol(cursor, 'NULL'), ERROR: symbol(cursor, 'NULL') };
  while (!cursor.at(')')) {
    const behaviour = parseEmptyValue(cursor);
    cursor.expect('ON');
    behaviours[parseEvent(cursor)] = symbol(cursor, behaviour);
  }
  return [...args, returning, wrapper, behaviours.EMPTY, behaviours.ERROR];
}

/** `WITHOUT [ARRAY] WRAPPER`, `WITH [CONDITIONAL | UNCONDITIONAL] [ARRAY] WRAPPER`. */
function parseWrapper(cursor: Cursor): string {
  const without = cursor.accept('WITHOUT');
  if (!without && !cursor.accept('WITH')) return 'WITHOUT';
  const isConditional = !without && cursor.accept('CONDITIONAL');
  if (!without && !isConditional) cursor.accept('UNCONDITIONAL');
  cursor.accept('ARRAY');
  cursor.expect('WRAPPER');
  return without ? 'WITHOUT' : isConditional ? 'CONDITIONAL' : 'UNCONDITIONAL';
}

function parseEmptyValue(cursor: Cursor): string {
  if (cursor.accept('EMPTY', 'ARRAY')) return 'EMPTY ARRAY';
  if (cursor.accept('EMPTY', 'OBJECT')) return 'EMPTY OBJECT';
  if (cursor.accept('ERROR')) return 'ERROR';
  cursor.expect('NULL');
  return 'NULL';
}

function parseObject(cursor: Cursor): Expression[] {
  const members = atOnNull(cursor) || cursor.at(')') ? [] : cursor.list(() => parseMember(cursor)).flat();
  return [parseOnNull(cursor, 'NULL'), ...members];
}

/** `KEY k VALUE v`, `k VALUE v`, `k: v` or `k, v`. */
function parseMember(cursor: Cursor): Expression[] {
  const hasWord = cursor.is('KEY') && ![',', 'VALUE', '.', ')'].includes(cursor.peek(1).keyword);
  if (hasWord) cursor.advance();
  const key = parseExpression(cursor);
  if (hasWord || !(cursor.accept(',') || cursor.accept(':'))) cursor.expect('VALUE');
  return [key, ...parseJsonItem(cursor)];
}

function parseArray(cursor: Cursor): Expression[] {
  const items = atOnNull(cursor) || cursor.at(')') ? [] : cursor.list(() => parseJsonItem(cursor)).flat();
  return [parseOnNull(cursor, 'ABSENT'), ...items];
}

/** A value, and whether it is JSON already (JsonGenerateUtils.createNodeTerm). */
function parseJsonItem(cursor: Cursor): Expression[] {
  const value = parseExpression(cursor);
  const isJson = value.kind === 'call' && ['JSON_OBJECT', 'JSON_ARRAY', 'JSON'].includes(value.name);
  return [{ kind: 'symbol', name: isJson ? 'JSON' : 'VALUE', span: value.span }, value];
}

const atOnNull = (cursor: Cursor): boolean => cursor.is('NULL', 'ON', 'NULL') || cursor.is('ABSENT', 'ON', 'NULL');

function parseOnNull(cursor: Cursor, byDefault: 'NULL' | 'ABSENT'): Symbol {
  const onNull = (['NULL', 'ABSENT'] as const).find((word) => cursor.accept(word, 'ON', 'NULL'));
  return symbol(cursor, onNull ?? byDefault);
}
