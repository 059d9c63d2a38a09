/** Literals: numbers, strings, TRUE, NULL, DATE '…', INTERVAL '…' DAY. */
import type { DateTimeLiteral, Expression, IntervalLiteral, IntervalUnit } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { isPrefix, parsePrefixed, parseString } from './parse-string.ts';

/** True if a literal is next. */
export function atLiteral(cursor: Cursor): boolean {
  const { kind, keyword } = cursor.current;
  if (kind === 'number' || kind === 'string') return true;
  if (WORDS.has(keyword) || isPrefix(cursor)) return true;
  return DATE_TIME.has(keyword) && cursor.peek(1).kind === 'string';
}

const WORDS = new Set(['TRUE', 'FALSE', 'UNKNOWN', 'NULL', 'INTERVAL']);
const DATE_TIME: ReadonlySet<string> = new Set(['DATE', 'TIME', 'TIMESTAMP']);

export function parseLiteral(cursor: Cursor): Expression {
  if (cursor.current.kind === 'string') return parseString(cursor);
  if (isPrefix(cursor)) return parsePrefixed(cursor);
  const { kind, keyword, value, span } = cursor.advance();
  if (kind === 'number') return { kind: 'number', text: value, span };
  switch (keyword) {
    case 'TRUE':
    case 'FALSE':
      return { kind: 'boolean', value: keyword === 'TRUE', span };
    case 'UNKNOWN':
      return { kind: 'boolean', value: null, span };
    case 'INTERVAL':
      return parseInterval(cursor, span.start);
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return parseDateTime(cursor, keyword, span.start);
    default:
      return { kind: 'null', span };
  }
}

function parseDateTime(cursor: Cursor, type: DateTimeLiteral['type'], start: number): DateTimeLiteral {
  const text = cursor.text('a string').value;
  return { kind: 'datetime', type, text, span: cursor.spanFrom(start) };
}

/** `'5' SECOND`, `-'5' SECOND` or `5 SECOND`, behind INTERVAL. */
function parseInterval(cursor: Cursor, start: number): IntervalLiteral {
  const negative = cursor.accept('-');
  if (!negative) cursor.accept('+');
  const text = intervalText(cursor);
  const range = parseIntervalRange(cursor);
  return { kind: 'interval', negative, text, ...range, span: cursor.spanFrom(start) };
}

function intervalText(cursor: Cursor): string {
  const { kind, value, keyword } = cursor.current;
  const expression = kind === 'quoted' || keyword === '(' || (cursor.atName() && !UNITS.has(keyword));
  if (expression) throw cursor.unsupported('INTERVAL of an expression', undefined, 'Multiply: n * INTERVAL \'1\' SECOND.');
  if (kind !== 'string' && kind !== 'number') throw cursor.unexpected('a string');
  cursor.advance();
  return value;
}

/** Singular and plural. */
const UNITS: ReadonlyMap<string, IntervalUnit> = new Map(
  (['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND'] as const).flatMap((unit) => [
    [unit, unit] as const,
    [`${unit}S`, unit] as const,
  ]),
);

/** The units that may end a range, by the unit that begins it. */
const RANGES: Readonly<Partial<Record<IntervalUnit, readonly IntervalUnit[]>>> = {
  YEAR: ['MONTH'],
  DAY: ['HOUR', 'MINUTE', 'SECOND'],
  HOUR: ['MINUTE', 'SECOND'],
  MINUTE: ['SECOND'],
};

export type IntervalRange = Pick<IntervalLiteral, 'from' | 'to' | 'precision' | 'fractionPrecision'>;

/** True if an interval's range begins here: a unit. */
export const atIntervalRange = (cursor: Cursor): boolean => UNITS.has(cursor.current.keyword);

/** `DAY(3) TO SECOND(6)`. */
export function parseIntervalRange(cursor: Cursor): IntervalRange {
  const from = intervalUnit(cursor, [...UNITS.values()]);
  const [precision = 2, fraction] = cursor.at('(') ? digits(cursor, from === 'SECOND') : [];
  if (!cursor.accept('TO')) return { from, to: null, precision, fractionPrecision: fraction ?? 6 };
  const to = intervalUnit(cursor, RANGES[from] ?? []);
  const [ending] = to === 'SECOND' && cursor.at('(') ? digits(cursor, false) : [];
  return { from, to, precision, fractionPrecision: ending ?? 6 };
}

function intervalUnit(cursor: Cursor, allowed: readonly IntervalUnit[]): IntervalUnit {
  const unit = UNITS.get(cursor.current.keyword);
  if (unit !== undefined && allowed.includes(unit)) {
    cursor.advance();
    return unit;
  }
  for (const possible of new Set(allowed)) cursor.at(possible);
  throw cursor.unexpected();
}

/** `(2)`, or `(2, 3)` where the unit has a fraction. */
function digits(cursor: Cursor, fraction: boolean): number[] {
  cursor.expect('(');
  const numbers = [parseNatural(cursor)];
  if (fraction && cursor.accept(',')) numbers.push(parseNatural(cursor));
  cursor.expect(')');
  return numbers;
}

/** A number without point and exponent, as in `VARCHAR(20)`. */
export function parseNatural(cursor: Cursor): number {
  const { kind, value } = cursor.current;
  if (kind !== 'number' || !/^\d+$/.test(value)) throw cursor.unexpected('a number');
  cursor.advance();
  return Number(value);
}
