/** Numbers: functions, casts from strings, texts and comparisons, with the results that Flink 2.1 gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { callFunction, castTo, columnAt, compileExpression, foldConstants, literal } from '../../lib/core/expression.ts';
import { doubleText, floatText } from '../../lib/core/float-text.ts';
import { floatingDecimal } from '../../lib/core/java/floating-decimal.ts';
import { parseDecimal } from '../../lib/core/decimal.ts';
import type { Expression } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, typeText, type SqlType, type Value } from '../../lib/core/types.ts';
import { valueText } from '../../lib/core/value-codec.ts';
import { callOf, valueOf } from './functions-support.ts';

const decimalType = (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale });
const decimal = (text: string, precision: number, scale: number): Expression => literal(decimalType(precision, scale), parseDecimal(text, scale));

/** Type and value of a call on literals. */
function shown(fn: string, ...args: (Value | Expression)[]): string {
  const made = callOf(fn, ...args);
  return typeof made === 'string' ? made : `${typeText(made.type)} ${valueText(made.type, compileExpression(made)([]))}`;
}

describe('functions on numbers', () => {
  it.each<readonly [string, readonly (Value | Expression)[], string]>([
    ['SIGN', [-5], 'INT -1'],
    ['SIGN', [decimal('-2.50', 3, 2)], 'DECIMAL(3, 2) -1.00'],
    ['TRUNCATE', [-172, -1], 'INT -170'],
    ['TRUNCATE', [42.324, 2], 'DOUBLE 42.32'],
    ['TRUNCATE', [-0.5], 'DOUBLE 0.0'],
    ['TRUNCATE', [decimal('42.329', 5, 3), 2], 'DECIMAL(5, 2) 42.32'],
    ['ROUND', [2147483647, -1], 'INT -2147483646'],
    ['ROUND', [1.005, 2], 'DOUBLE 1.01'],
    ['ROUND', [decimal('12.345', 10, 3), -1], 'DECIMAL(8, 0) 10'],
    ['ROUND', [1.5, -2147483648], 'DOUBLE 0.0'],
    ['ROUND', [1.5, 2147483647], 'DOUBLE 1.5'],
    ['CEIL', [decimal('9.9', 2, 1)], 'DECIMAL(2, 0) 10'],
    ['LOG', [2, 8], 'DOUBLE 3.0'],
    ['LOG2', [0.5], 'DOUBLE -1.0'],
    ['SQRT', [-Infinity], 'DOUBLE Infinity'],
    ['POWER', [2, -3], 'DOUBLE 0.125'],
    ['COSH', [1], 'DOUBLE 1.543080634815244'],
    ['DEGREES', [2], 'DOUBLE 114.59155902616465'],
    ['PI', [], 'DOUBLE 3.141592653589793'],
    ['/', [decimal('2', 38, 10), decimal('3', 38, 10)], 'DECIMAL(38, 6) 0.666667'],
    ['MOD', [decimal('12.345', 10, 3), decimal('0.7', 2, 1)], 'DECIMAL(4, 3) 0.445'],
    ['ABS', ['a'], "Cannot apply 'ABS' to arguments of type 'ABS(<VARCHAR(2147483647)>)'. Supported form(s): 'ABS(<NUMERIC>)'"],
    ['MOD', [1.5, 1], "Cannot apply 'MOD' to arguments of type 'MOD(<DOUBLE>, <INTEGER>)'. Supported form(s): 'MOD(<EXACT_NUMERIC>, <EXACT_NUMERIC>)'"],
    ['+', [true, 1], "Cannot apply '+' to arguments of type '<BOOLEAN> + <INTEGER>'. Supported form(s): '<NUMERIC> + <NUMERIC>'"],
    ['ABS', [], "Invalid number of arguments to function 'ABS'. Was expecting 1 arguments"],
  ])('%s(%s) is %s', (fn, args, result) => {
    expect(shown(fn, ...args)).toBe(result);
  });

  it('rounds a quotient of decimals to 38 digits first, as Flink does', () => {
    // 1 / 3 with 38 digits ends in …3; a quotient such as 0.4999… of 39 digits becomes 0.5 and then 1.
    const [x, y] = [decimal('4999999999999999999999999999999999999.9', 38, 1), decimal('9999999999999999999999999999999999999.9', 38, 1)];
    expect(shown('/', x, y)).toBe('DECIMAL(38, 6) 0.500000');
  });

  it('names divisions by zero as Java does', () => {
    expect(() => valueOf('/', 1, 0)).toThrow('/ by zero');
    expect(() => valueOf('/', decimal('1.0', 2, 1), 0)).toThrow('Division by zero');
    expect(valueOf('/', 1.5, 0)).toBe(Infinity);
  });
});

describe('constants', () => {
  const fold = (fn: string, ...args: Expression[]): Expression => {
    const made = callFunction(fn, args);
    if (typeof made === 'string') throw new Error(made);
    return foldConstants(made);
  };
  const int = (value: number): Expression => literal(INT, value);

  it.each([
    ['/', [literal(DOUBLE, 1), literal(DOUBLE, 0)], 'Division by zero'],
    ['/', [int(1), int(0)], 'Division by zero'],
    ['LN', [int(0)], 'Infinite or NaN'],
  ] as const)('refuse %s of %j', (fn, args, message) => {
    expect(() => fold(fn, ...args)).toThrow(message);
  });

  it('stay as they are where only a record can make them fail', () => {
    expect(fold('+', fold('+', int(1), int(2)), columnAt(0, INT))).toMatchObject({ args: [{ op: 'literal', value: 3 }, { op: 'column' }] });
    const quotient = callFunction('/', [int(1), int(0)]);
    expect(fold('+', typeof quotient === 'string' ? int(0) : quotient, int(1))).toMatchObject({ op: 'call', fn: '+' });
  });
});

describe('a cast of a string', () => {
  const cast = (text: string, to: SqlType): string => {
    const made = castTo(literal(STRING, text), to);
    if (typeof made === 'string') return made;
    try {
      return valueText(to, compileExpression(made)([]));
    } catch (error) {
      if (isError(error, 'EXPRESSION_FAILED')) return error.message;
      throw error;
    }
  };

  it.each<readonly [string, SqlType, string]>([
    [' 42 ', INT, '42'],
    ['3.7', INT, '3'],
    ['.5', INT, '0'],
    ['-', INT, "For input string: '-'. Input has only positive or negative symbol."],
    ['', INT, "For input string: ''. Input is empty."],
    ['1e3', INT, "For input string: '1e3'. Invalid character found."],
    ['2147483648', INT, "For input string: '2147483648'. Overflow."],
    ['-9223372036854775808', BIGINT, '-9223372036854775808'],
    ['yes', BOOLEAN, 'TRUE'],
    ['maybe', BOOLEAN, "Cannot parse 'maybe' as BOOLEAN."],
    ['1e3', DOUBLE, '1000.0'],
    ['1.5f', DOUBLE, '1.5'],
    ['0x1p4', DOUBLE, '16.0'],
    ['x1', DOUBLE, 'For input string: "x1"'],
    ['', DOUBLE, 'empty String'],
    ['1e3', decimalType(10, 2), '1000.00'],
    ['f', decimalType(10, 2), '0.00'],
    ['12x', decimalType(10, 2), '12.00'],
    ['abc', decimalType(10, 2), "For input string: 'abc'. Overflow."],
    ['12345', decimalType(5, 2), "For input string: '12345'. Overflow."],
    [' -3.145 ', decimalType(5, 2), '-3.15'],
    ['abc', decimalType(20, 2), 'Character a is neither a decimal digit number, decimal point, nor "e" notation exponential mark.'],
    ['1e-30', decimalType(10, 2), 'Index 28 out of bounds for length 19'],
  ])('%j to %j is %s', (text, to, result) => {
    expect(cast(text, to)).toBe(result);
  });

  it.each<readonly [SqlType, SqlType, string]>([
    [{ kind: 'TIME', precision: 0 }, INT, 'Cast function cannot convert value of type TIME(0) to type INTEGER'],
    [{ kind: 'TIMESTAMP_LTZ', precision: 3 }, BIGINT, 'The cast from TIMESTAMP_LTZ type to NUMERIC type is not allowed.'],
    [INT, { kind: 'TIMESTAMP', precision: 3 }, 'The cast from NUMERIC type to TIMESTAMP type is not allowed.'],
  ])('of %j to %j does not exist', (from, to, message) => {
    expect(castTo(columnAt(0, from), to)).toContain(message);
  });
});

describe('texts of numbers', () => {
  it.each([
    [5e-324, '4.9E-324'],
    [2e23, '1.9999999999999998E23'],
    [1e7, '1.0E7'],
    [0.001, '0.001'],
    [1e-4, '1.0E-4'],
    [1234567, '1234567.0'],
    [-0, '-0.0'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
  ])('%d is %s', (value, text) => {
    expect(doubleText(value)).toBe(text);
  });

  it.each([
    [99999999999, '9.9999998E10'],
    [2147483647, '2.14748365E9'],
    [0.1, '0.1'],
    [1.4e-45, '1.4E-45'],
  ])('the FLOAT %d is %s', (value, text) => {
    expect(floatText(Math.fround(value))).toBe(text);
  });

  it('read back as the same number, and have the digits of Java where they are found faster', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-300 }), fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(1e-30) }), (double, float) => {
        expect(Number(doubleText(double))).toBe(double);
        expect(Math.fround(Number(floatText(float)))).toBe(float);
        expect(digits(doubleText(double))).toBe(floatingDecimal(double, 53).digits.replace(/0+$/, ''));
        expect(digits(floatText(float))).toBe(floatingDecimal(float, 24).digits.replace(/0+$/, ''));
      }),
      { numRuns: 2000 },
    );
  });

  const digits = (text: string): string => text.replace(/E.*/, '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
});

describe('comparisons', () => {
  it.each<readonly [string, readonly (Value | Expression)[], string]>([
    ['=', ['12', 12], 'implicit type conversion between VARCHAR and INTEGER is not supported now'],
    ['>', ['13', 12], 'BOOLEAN TRUE'],
    ['<', [decimal('1.5', 2, 1), '2'], 'BOOLEAN TRUE'],
    ['=', [1, true], "Cannot apply '=' to arguments of type '<INTEGER> = <BOOLEAN>'. Supported form(s): '<COMPARABLE_TYPE> = <COMPARABLE_TYPE>'"],
    ['NULLIF', [1, decimal('1.0', 2, 1)], 'INT <NULL>'],
    ['NOT', [1], "Cannot apply 'NOT' to arguments of type 'NOT<INTEGER>'. Supported form(s): 'NOT<BOOLEAN>'"],
    ['IS TRUE', [1], "Cannot apply 'IS TRUE' to arguments of type '<INTEGER> IS TRUE'. Supported form(s): '<BOOLEAN> IS TRUE'"],
    ['CASE', [true, 1, 'x'], 'Illegal mixing of types in CASE or COALESCE statement'],
    ['IF', [true, 'x', 2], "Cannot apply 'IF' to arguments of type 'IF(<BOOLEAN>, <VARCHAR(2147483647)>, <INTEGER>)'. Supported form(s): 'IF(<ANY_TYPE>, <NUMERIC_TYPE>, <NUMERIC_TYPE>)'"],
  ])('%s(%s) is %s', (fn, args, result) => {
    expect(shown(fn, ...args)).toBe(result);
  });

  it('take NaN as Java does, and anything as equal to itself', () => {
    const [a, b] = [columnAt(0, DOUBLE), columnAt(1, DOUBLE)];
    const of = (fn: string, left: Expression, right: Expression): Value => {
      const made = callFunction(fn, [left, right]);
      return typeof made === 'string' ? made : compileExpression(made)([NaN, NaN]);
    };
    expect(['=', '<>', '<=', '>'].map((fn) => of(fn, a, b))).toStrictEqual([false, true, false, false]);
    expect(['=', '<>', '<=', '>'].map((fn) => of(fn, a, a))).toStrictEqual([true, false, true, false]);
  });

  it('read strings as times, and as NULL where they are none', () => {
    const made = callFunction('=', [columnAt(0, { kind: 'DATE' }), columnAt(1, STRING)]);
    if (typeof made === 'string') throw new Error(made);
    expect(compileExpression(made)([0, '1970-01-01'])).toBe(true);
    expect(compileExpression(made)([0, 'never'])).toBeNull();
  });
});
