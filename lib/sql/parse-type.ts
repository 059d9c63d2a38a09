/** Data types, as columns and casts write them. */
import { LENGTH_MAX, type Inner, type RowField, type SqlType } from '../core/types.ts';
import type { TypeNode } from './ast.ts';
import { didYouMean, sqlError } from './diagnostic.ts';
import { isReserved } from './keywords.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseIntervalRange, parseNatural } from './parse-literal.ts';

/** `BIGINT`, `DECIMAL(10, 2) NOT NULL`, `ROW<a INT, b STRING ARRAY>` … */
export function parseType(cursor: Cursor): TypeNode {
  const { start } = cursor.current.span;
  const { type, nullable } = parseInner(cursor);
  return { kind: 'type', type, nullable, span: cursor.spanFrom(start) };
}

/** A type and whether it may be NULL; `INT ARRAY` is `ARRAY<INT>`. */
function parseInner(cursor: Cursor): Inner {
  let inner = cursor.nested(() => parseNullable(cursor, parseBareType(cursor)));
  for (;;) {
    const kind = (['ARRAY', 'MULTISET'] as const).find((keyword) => cursor.is(keyword));
    if (kind === undefined) return inner;
    cursor.advance();
    inner = parseNullable(cursor, { kind, element: inner });
  }
}

function parseNullable(cursor: Cursor, type: SqlType): Inner {
  const nullable = !cursor.accept('NOT', 'NULL');
  if (nullable) cursor.accept('NULL');
  return { type, nullable };
}

function parseBareType(cursor: Cursor): SqlType {
  const { kind, keyword, span } = cursor.current;
  if (kind !== 'word') throw cursor.unexpected('a type');
  if (FOREIGN.has(keyword)) throw cursor.unsupported(`the type ${keyword}`, span);
  const parse = TYPES.get(keyword);
  if (parse === undefined) throw isReserved(keyword) ? cursor.unexpected('a type') : unknownType(cursor);
  cursor.advance();
  return parse(cursor);
}

/** Flink's parser takes any name for a type; its validator knows no other. */
const unknownType = ({ source, current: { span, value } }: Cursor): Error => sqlError('SQL_VALIDATE', source, span, `Unknown identifier '${value}'`, typeHint(value));

function typeHint(name: string): string | undefined {
  const here = ELSEWHERE.get(name.toUpperCase());
  return here === undefined ? didYouMean(name, TYPES.keys()) : `The type is called ${here}.`;
}

/** Types of other dialects. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['TEXT', 'STRING'],
  ['LONG', 'BIGINT'],
  ['BOOL', 'BOOLEAN'],
  ['BLOB', 'BYTES'],
  ['DATETIME', 'TIMESTAMP'],
  ['TIMESTAMPTZ', 'TIMESTAMP_LTZ'],
]);

const FOREIGN = new Set(['RAW', 'STRUCTURED', 'VARIANT']);

type ParseType = (cursor: Cursor) => SqlType;

const simple =
  (type: SqlType): ParseType =>
  () =>
    type;

const decimal: ParseType = (cursor) => {
  if (!cursor.accept('(')) return { kind: 'DECIMAL', precision: 10, scale: 0 };
  const precision = bounded(cursor, 'precision of DECIMAL', 1, 38, 'clamped');
  const scale = cursor.accept(',') ? bounded(cursor, 'scale of DECIMAL', 0, precision) : 0;
  cursor.expect(')');
  return { kind: 'DECIMAL', precision, scale };
};

const double: ParseType = (cursor) => {
  cursor.accept('PRECISION');
  return { kind: 'DOUBLE' };
};

/** CHAR or BINARY, or, with VARYING, their open kind. */
const fixed =
  (kind: 'CHAR' | 'BINARY', varying: 'VARCHAR' | 'VARBINARY'): ParseType =>
  (cursor) => {
    const open = cursor.accept('VARYING');
    const length = parseParameter(cursor, `length of ${kind}`, open ? 0 : 1, LENGTH_MAX) ?? (open ? LENGTH_MAX : 1);
    return { kind: open ? varying : kind, length };
  };

const varying =
  (kind: 'VARCHAR' | 'VARBINARY'): ParseType =>
  (cursor) => ({ kind, length: parseParameter(cursor, `length of ${kind}`, 0, LENGTH_MAX) ?? LENGTH_MAX });

const time: ParseType = (cursor) => {
  const precision = parseParameter(cursor, 'precision of TIME', 0, 9, 'clamped') ?? 0;
  if (cursor.is('WITH')) throw cursor.unsupported('TIME WITH TIME ZONE');
  if (cursor.accept('WITHOUT')) cursor.expect('TIME', 'ZONE');
  return { kind: 'TIME', precision };
};

const timestamp: ParseType = (cursor) => {
  const precision = parseParameter(cursor, 'precision of TIMESTAMP', 0, 9, 'clamped') ?? 6;
  if (cursor.accept('WITHOUT')) cursor.expect('TIME', 'ZONE');
  else if (cursor.accept('WITH')) {
    if (cursor.is('TIME')) throw cursor.unsupported('TIMESTAMP WITH TIME ZONE', undefined, 'Use TIMESTAMP_LTZ.');
    cursor.expect('LOCAL', 'TIME', 'ZONE');
    return { kind: 'TIMESTAMP_LTZ', precision };
  }
  return { kind: 'TIMESTAMP', precision };
};

const timestampLtz: ParseType = (cursor) => ({
  kind: 'TIMESTAMP_LTZ',
  precision: parseParameter(cursor, 'precision of TIMESTAMP_LTZ', 0, 9, 'clamped') ?? 6,
});

const interval: ParseType = (cursor) => {
  const { from } = parseIntervalRange(cursor);
  return { kind: ['YEAR', 'QUARTER', 'MONTH'].includes(from) ? 'INTERVAL_YEAR' : 'INTERVAL_DAY' };
};

const collection =
  (kind: 'ARRAY' | 'MULTISET'): ParseType =>
  (cursor) => {
    cursor.expect('<');
    const element = parseInner(cursor);
    cursor.expect('>');
    return { kind, element };
  };

const map: ParseType = (cursor) => {
  cursor.expect('<');
  const key = parseInner(cursor);
  cursor.expect(',');
  const value = parseInner(cursor);
  cursor.expect('>');
  return { kind: 'MAP', key, value };
};

/** `ROW<name type 'comment', …>`, in angle brackets or parentheses. */
const row: ParseType = (cursor) => {
  const { span } = cursor.peek(-1);
  if (cursor.accept('<>')) return { kind: 'ROW', fields: [] };
  const close = cursor.accept('(') ? ')' : '>';
  if (close === '>') cursor.expect('<');
  const fields = cursor.accept(close) ? null : cursor.list(() => parseField(cursor));
  if (fields !== null) cursor.expect(close);
  const names = (fields ?? []).map(({ name }) => name);
  const again = names.find((name, i) => names.indexOf(name) < i);
  if (again !== undefined) throw sqlError('SQL_VALIDATE', cursor.source, span, `Field names must be unique. Found duplicates: [${again}]`);
  return { kind: 'ROW', fields: fields ?? [] };
};

function parseField(cursor: Cursor): RowField {
  const { name } = cursor.identifier('the name of a field');
  const field = { name, ...parseInner(cursor) };
  return cursor.current.kind === 'string' ? { ...field, comment: cursor.text('a comment').value } : field;
}

const TYPES: ReadonlyMap<string, ParseType> = new Map([
  ['BOOLEAN', simple({ kind: 'BOOLEAN' })],
  ['TINYINT', simple({ kind: 'TINYINT' })],
  ['SMALLINT', simple({ kind: 'SMALLINT' })],
  ['INT', simple({ kind: 'INT' })],
  ['INTEGER', simple({ kind: 'INT' })],
  ['BIGINT', simple({ kind: 'BIGINT' })],
  ['FLOAT', simple({ kind: 'FLOAT' })],
  ['REAL', simple({ kind: 'FLOAT' })],
  ['DOUBLE', double],
  ['DECIMAL', decimal],
  ['DEC', decimal],
  ['NUMERIC', decimal],
  ['CHAR', fixed('CHAR', 'VARCHAR')],
  ['CHARACTER', fixed('CHAR', 'VARCHAR')],
  ['VARCHAR', varying('VARCHAR')],
  ['STRING', simple({ kind: 'VARCHAR', length: LENGTH_MAX })],
  ['BINARY', fixed('BINARY', 'VARBINARY')],
  ['VARBINARY', varying('VARBINARY')],
  ['BYTES', simple({ kind: 'VARBINARY', length: LENGTH_MAX })],
  ['DATE', simple({ kind: 'DATE' })],
  ['TIME', time],
  ['TIMESTAMP', timestamp],
  ['TIMESTAMP_LTZ', timestampLtz],
  ['INTERVAL', interval],
  ['ARRAY', collection('ARRAY')],
  ['MULTISET', collection('MULTISET')],
  ['MAP', map],
  ['ROW', row],
]);

/** Their names, for completion. */
export const TYPE_NAMES: readonly string[] = [...TYPES.keys()];

/** `(n)`, if there is one. */
function parseParameter(cursor: Cursor, what: string, low: number, high: number, above: Above = 'refused'): number | null {
  if (!cursor.accept('(')) return null;
  const value = bounded(cursor, what, low, high, above);
  cursor.expect(')');
  return value;
}

/** What becomes of a number that is too high: Flink takes the highest precision that it has. */
type Above = 'refused' | 'clamped';

function bounded(cursor: Cursor, what: string, low: number, high: number, above: Above = 'refused'): number {
  const { span } = cursor.current;
  const value = parseNatural(cursor);
  if (value >= low && value <= high) return value;
  if (value > high && above === 'clamped') return high;
  throw sqlError('SQL_VALIDATE', cursor.source, span, `the ${what} must be ${low} to ${high}`);
}
