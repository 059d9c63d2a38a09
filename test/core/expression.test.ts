import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalText, divideHalfUp, parseDecimal, parseTruncated, pow10, rescale } from '../../lib/core/decimal.ts';
import { isError } from '../../lib/core/errors.ts';
import { callFunction, castTo, columnAt, columnsOf, compileExpression, foldConstants, isNullable, literal } from '../../lib/core/expression.ts';
import type { Expression } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP3, typeText, type SqlType, type Value } from '../../lib/core/types.ts';
import { valueText } from '../../lib/core/value-codec.ts';

const decimal = (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale });
const NULL = literal({ kind: 'NULL' }, null);
const text = (value: string): Expression => literal(STRING, value);
const int = (value: number): Expression => literal(INT, value);
const long = (value: bigint): Expression => literal(BIGINT, value);
const seconds = (n: number): Expression => literal({ kind: 'INTERVAL_DAY' }, n * 1000);

function call(fn: string, ...args: Expression[]): Expression {
  const made = callFunction(fn, args);
  if (typeof made === 'string') throw new Error(`${fn}: ${made}`);
  return made;
}

function cast(e: Expression, type: SqlType, safe = false): Expression {
  const made = castTo(e, type, safe);
  if (typeof made === 'string') throw new Error(made);
  return made;
}

const evaluate = (e: Expression): Value => compileExpression(e)([]);
/** `type text` of a constant expression. */
const shown = (e: Expression): string => `${typeText(e.type)} ${valueText(e.type, evaluate(e))}`;
const number = (value: string): Expression => {
  const scale = value.split('.')[1]?.length ?? 0;
  return literal(decimal(value.replace(/[-.]/g, '').length, scale), parseDecimal(value, scale));
};

describe('arithmetic', () => {
  it.each<[Expression, string]>([
    [call('+', int(2147483647), int(1)), 'INT -2147483648'],
    [call('*', long(2n ** 62n), long(2n)), 'BIGINT -9223372036854775808'],
    [call('+', int(1), long(2n)), 'BIGINT 3'],
    [call('/', int(-7), int(2)), 'INT -3'],
    [call('MOD', int(-7), long(4n)), 'BIGINT -3'],
    [call('+', number('1.50'), number('2.255')), 'DECIMAL(5, 3) 3.755'],
    [call('*', number('1.50'), number('2.5')), 'DECIMAL(6, 3) 3.750'],
    [call('/', literal(decimal(10, 2), 100n), int(3)), 'DECIMAL(21, 13) 0.3333333333333'],
    [call('/', literal(DOUBLE, 1), int(0)), 'DOUBLE Infinity'],
    [call('UNARY MINUS', int(-2147483648)), 'INT -2147483648'],
    [call('ROUND', number('2.675'), int(2)), 'DECIMAL(4, 2) 2.68'],
    [call('ROUND', literal(DOUBLE, -2.5)), 'DOUBLE -3.0'],
    [call('FLOOR', number('-1.5')), 'DECIMAL(2, 0) -2'],
    [call('CEIL', number('-1.5')), 'DECIMAL(2, 0) -1'],
    [call('ABS', int(-5)), 'INT 5'],
    [call('+', literal(INT, null), int(1)), 'INT <NULL>'],
  ])('%j is %s', (e, result) => {
    expect(shown(e)).toBe(result);
  });

  it('fails on an integer division by zero, as Flink does at run time', () => {
    for (const fn of ['/', 'MOD']) {
      expect(() => evaluate(call(fn, int(1), int(0)))).toThrow(expect.toSatisfy((error) => isError(error, 'EXPRESSION_FAILED')));
    }
  });

  it('gives NULL for a decimal with too many digits', () => {
    const large = literal(decimal(38, 0), 10n ** 38n - 1n);
    expect(evaluate(call('+', large, large))).toBeNull();
  });

  it('names what it takes', () => {
    expect(callFunction('+', [text('a'), int(1)])).toBe("Cannot apply '+' to arguments of type '<VARCHAR(2147483647)> + <INTEGER>'. Supported form(s): '<NUMERIC> + <NUMERIC>'");
    expect(callFunction('UPPER', [int(1)])).toBe("Cannot apply 'UPPER' to arguments of type 'UPPER(<INTEGER>)'. Supported form(s): 'UPPER(<CHARACTER>)'");
  });
});

describe('decimals', () => {
  const scaled = fc.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(12));

  it('add and multiply as integers of the common scale do', () => {
    fc.assert(
      fc.property(scaled, scaled, ([a, s], [b, t]) => {
        const [x, y] = [literal(decimal(38, s), a), literal(decimal(38, t), b)];
        const sum = call('+', x, y);
        const scale = sum.type.kind === 'DECIMAL' ? sum.type.scale : 0;
        const common = Math.max(s, t);
        const exact = a * pow10(common - s) + b * pow10(common - t);
        expect(evaluate(sum)).toBe(rescale(exact, common, scale));
      }),
    );
  });

  it('come back from their text', () => {
    fc.assert(
      fc.property(scaled, ([value, scale]) => {
        expect(parseDecimal(decimalText(value, scale), scale)).toBe(value);
        expect(parseTruncated(decimalText(value, scale))).toBe(value / pow10(scale));
      }),
    );
  });

  it('round half away from zero', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt().filter((n) => n !== 0n), (a, b) => {
        const error = 2n * (divideHalfUp(a, b) * b - a);
        const bound = b < 0n ? -b : b;
        expect(error <= bound && error >= -bound).toBe(true);
      }),
    );
    expect(divideHalfUp(-5n, 2n)).toBe(-3n);
  });
});

describe('three-valued logic', () => {
  const values = [true, false, null];
  const truth = (value: boolean | null): Expression => literal(BOOLEAN, value);

  it.each(values.flatMap((a) => values.map((b) => [a, b])))('%s and %s', (a = null, b = null) => {
    const and = a === false || b === false ? false : a === null || b === null ? null : true;
    const or = a === true || b === true ? true : a === null || b === null ? null : false;
    expect(evaluate(call('AND', truth(a), truth(b)))).toBe(and);
    expect(evaluate(call('OR', truth(a), truth(b)))).toBe(or);
    expect(evaluate(call('IS DISTINCT FROM', truth(a), truth(b)))).toBe(a !== b);
  });

  it('compares numbers of different types, and strings by code point', () => {
    expect(evaluate(call('=', int(1), number('1.00')))).toBe(true);
    expect(evaluate(call('<', long(3n), literal(DOUBLE, 3.5)))).toBe(true);
    expect(evaluate(call('<', text('\uFFFF'), text('\u{10000}')))).toBe(true);
    expect(evaluate(call('=', literal(DOUBLE, NaN), literal(DOUBLE, NaN)))).toBe(true);
    expect(callFunction('=', [text('1'), int(1)])).toContain('implicit type conversion between VARCHAR and INTEGER');
  });
});

describe('casts', () => {
  it.each<[Value, SqlType, SqlType, string]>([
    [70000, INT, { kind: 'TINYINT' }, '112'],
    [1e300, DOUBLE, INT, '2147483647'],
    [1e300, DOUBLE, { kind: 'SMALLINT' }, '-1'],
    [-9999999999n, decimal(10, 2), { kind: 'TINYINT' }, '1'],
    [' 42 ', STRING, INT, '42'],
    ['3.7', STRING, INT, '3'],
    ['yes', STRING, BOOLEAN, 'TRUE'],
    [true, BOOLEAN, { kind: 'VARCHAR', length: 3 }, 'TRU'],
    ['ab', STRING, { kind: 'CHAR', length: 4 }, 'ab  '],
    [12345n, decimal(5, 2), decimal(3, 2), '<NULL>'],
    ['2023-02-29', STRING, TIMESTAMP3, '2023-02-28 00:00:00.000'],
    ['12', STRING, { kind: 'DATE' }, '0012-01-01'],
    [1767088800123, TIMESTAMP3, { kind: 'TIMESTAMP', precision: 6 }, '2025-12-30 10:00:00.123000'],
    [1767088800123456789n, { kind: 'TIMESTAMP', precision: 9 }, { kind: 'TIMESTAMP', precision: 1 }, '2025-12-30 10:00:00.1'],
    [1767088800123, TIMESTAMP3, { kind: 'DATE' }, '2025-12-30'],
    [1767088800123, TIMESTAMP3, { kind: 'TIME', precision: 0 }, '10:00:00'],
  ])('%s %j as %j is %s', (value, from, to, result) => {
    expect(valueText(to, evaluate(cast(literal(from, value), to)))).toBe(result);
  });

  it.each<[string, SqlType]>([['1e3', INT], ['99999999999', INT], ['', INT], ['maybe', BOOLEAN], ['2023-02-29', { kind: 'DATE' }], ['12345', decimal(5, 2)]])(
    'fails for %j as %j, where TRY_CAST gives NULL',
    (value, type) => {
      expect(() => evaluate(cast(text(value), type))).toThrow(expect.toSatisfy((error) => isError(error, 'EXPRESSION_FAILED')));
      expect(evaluate(cast(text(value), type, true))).toBeNull();
    },
  );

  it('does not exist between times and numbers', () => {
    expect(castTo(literal(TIMESTAMP3, 0), BIGINT)).toContain('is not allowed');
  });
});

describe('functions', () => {
  it.each<[string, Expression, Value]>([
    ['UPPER', call('UPPER', text('aß')), 'ASS'],
    ['SUBSTRING from 0', call('SUBSTRING', text('hello'), int(0)), 'hello'],
    ['SUBSTRING from the end', call('SUBSTRING', text('hello'), int(-3), int(2)), 'll'],
    ['SUBSTRING of negative length', call('SUBSTRING', text('hello'), int(1), int(-1)), null],
    ['CHAR_LENGTH', call('CHAR_LENGTH', text('a\u{1F600}')), 2],
    ['TRIM', call('TRIM', text('BOTH'), text('x'), text('xxaxx')), 'a'],
    ['POSITION', call('POSITION', text('l'), text('hello')), 3],
    ['REPLACE', call('REPLACE', text('aba'), text('a'), text('$&')), '$&b$&'],
    ['REPLACE of nothing', call('REPLACE', text('ab'), text(''), text('-')), '-a-b-'],
    ['CONCAT_WS', call('CONCAT_WS', text('-'), text('a'), literal(STRING, null), text('b')), 'a-b'],
    ['||', call('||', text('a'), literal(STRING, null)), null],
    ['LIKE', call('LIKE', text('50%\nx'), text('5_!%%'), text('!')), true],
    ['CASE', call('CASE', literal(BOOLEAN, null), int(1), literal(BOOLEAN, true), long(2n), NULL), 2n],
    ['COALESCE', call('COALESCE', NULL, int(7)), 7],
    ['NULLIF', call('NULLIF', int(0), int(0)), null],
    ['IF', call('IF', literal(BOOLEAN, false), int(1), int(2)), 2],
    ['GREATEST', call('GREATEST', int(1), int(3), int(2)), 3],
    ['LEAST of a NULL', call('LEAST', int(1), literal(INT, null)), null],
    ['TO_TIMESTAMP', call('TO_TIMESTAMP', text('2025-12-30 10:00:00')), 1767088800000],
    ['TO_TIMESTAMP of nonsense', call('TO_TIMESTAMP', text('2025-12-30T10:00:00')), null],
    ['TO_TIMESTAMP_LTZ', call('TO_TIMESTAMP_LTZ', long(5n), int(0)), 5000],
    ['timestamp - interval', call('-', literal(TIMESTAMP3, 10_000), seconds(5)), 5000],
    ['date + 25 hours', call('+', literal({ kind: 'DATE' }, 0), seconds(90_000)), 1],
    ['timestamp + month', call('+', literal(TIMESTAMP3, 30 * 86_400_000 + 1), literal({ kind: 'INTERVAL_YEAR' }, 1)), 58 * 86_400_000 + 1],
    ['EXTRACT(HOUR)', call('EXTRACT', text('HOUR'), literal(TIMESTAMP3, 86_399_999)), 23n],
    ['EXTRACT(HOUR) before 1970, which Flink divides without regard to its sign', call('EXTRACT', text('HOUR'), literal(TIMESTAMP3, -1)), 0n],
    ['EXTRACT(WEEK)', call('EXTRACT', text('WEEK'), literal({ kind: 'DATE' }, 18628)), 53n],
    ['EXTRACT(EPOCH)', call('EXTRACT', text('EPOCH'), literal(TIMESTAMP3, 1500)), 1n],
    ['YEAR', call('YEAR', literal({ kind: 'DATE' }, 0)), 1970n],
  ])('%s', (_, e, result) => {
    expect(evaluate(e)).toEqual(result);
  });
});

describe('expressions', () => {
  const a = columnAt(0, INT);

  it('fold what does not depend on the row', () => {
    const folded = foldConstants(call('+', a, call('*', int(2), int(3))));
    expect(folded).toEqual(call('+', a, int(6)));
    expect(columnsOf(folded)).toEqual([0]);
    expect(compileExpression(folded)([4])).toBe(10);
  });

  it('know whether they may be NULL', () => {
    const columns = [{ nullable: true }];
    expect(isNullable(call('IS NULL', a), columns)).toBe(false);
    expect(isNullable(call('COALESCE', a, int(0)), columns)).toBe(false);
    expect(isNullable(call('+', a, int(0)), columns)).toBe(true);
    expect(isNullable(call('TO_TIMESTAMP', text('x')), columns)).toBe(true);
  });
});
