/**
 * The laws of aggregates, on which everything else rests: however rows are cut into batches and in whatever order these are merged, stored
 * and read again, the result is that of adding the rows one by one.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Accumulator, Aggregate } from '../../lib/core/aggregates/aggregate.ts';
import { aggregateOf } from '../../lib/core/aggregates/states.ts';
import { compareValues } from '../../lib/core/compare.ts';
import type { AggregateCall } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP3, typeText, type SqlType, type Value } from '../../lib/core/types.ts';

type Fn = AggregateCall['fn'];

/** An aggregate with values to try it on. */
interface Case {
  readonly fn: Fn;
  readonly argument: SqlType;
  readonly result: SqlType;
  readonly values: fc.Arbitrary<Value>;
}

const TINYINT: SqlType = { kind: 'TINYINT' };
const SMALLINT: SqlType = { kind: 'SMALLINT' };
const FLOAT: SqlType = { kind: 'FLOAT' };
const BYTES: SqlType = { kind: 'VARBINARY', length: 100 };
const decimal = (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale });

const integer = (bits: number): fc.Arbitrary<Value> => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const big = (limit: bigint): fc.Arbitrary<Value> => fc.bigInt({ min: -limit, max: limit - 1n });
const text = fc.string({ unit: 'binary', maxLength: 4 });

/** What can be added up, with the result types of SUM and AVG in Flink. */
const NUMBERS: readonly { type: SqlType; sum: SqlType; average: SqlType; values: fc.Arbitrary<Value> }[] = [
  { type: TINYINT, sum: TINYINT, average: TINYINT, values: integer(8) },
  { type: SMALLINT, sum: SMALLINT, average: SMALLINT, values: integer(16) },
  { type: INT, sum: INT, average: INT, values: integer(32) },
  { type: BIGINT, sum: BIGINT, average: BIGINT, values: big(2n ** 63n) },
  { type: decimal(12, 2), sum: decimal(38, 2), average: decimal(38, 6), values: big(10n ** 12n) },
  { type: decimal(38, 9), sum: decimal(38, 9), average: decimal(38, 9), values: big(10n ** 38n) },
];

/** What can only be counted and compared. */
const OTHERS: readonly { type: SqlType; values: fc.Arbitrary<Value> }[] = [
  { type: STRING, values: text },
  { type: BYTES, values: fc.uint8Array({ maxLength: 4 }) },
  { type: BOOLEAN, values: fc.boolean() },
  { type: TIMESTAMP3, values: fc.maxSafeInteger() },
  { type: { kind: 'TIMESTAMP', precision: 9 }, values: big(2n ** 63n) },
  { type: DOUBLE, values: fc.double().map((n) => n + 0) },
];

const CASES: readonly Case[] = [
  ...NUMBERS.flatMap(({ type, sum, average, values }): Case[] => [
    { fn: 'SUM', argument: type, result: sum, values },
    { fn: 'AVG', argument: type, result: average, values },
  ]),
  ...[...NUMBERS, ...OTHERS].flatMap(({ type, values }): Case[] => [
    { fn: 'COUNT', argument: type, result: BIGINT, values },
    { fn: 'MIN', argument: type, result: type, values },
    { fn: 'MAX', argument: type, result: type, values },
  ]),
];

const aggregate = (fn: Fn, argumentType: SqlType, type: SqlType): Aggregate => aggregateOf({ name: 'a', fn, argument: 0, argumentType, type });
const addAll = (a: Aggregate, values: readonly Value[]): Accumulator => values.reduce((acc: Accumulator, v) => a.add(acc, v), a.zero);
const resultOf = (a: Aggregate, values: readonly Value[]): Value => a.result(addAll(a, values));
const stored = (a: Aggregate, acc: Accumulator): Accumulator => a.decode(JSON.parse(JSON.stringify(a.encode(acc))));

describe.each(CASES.map((c) => [`${c.fn}(${typeText(c.argument)})`, c] as const))('%s', (_, { fn, argument, result, values }) => {
  const a = aggregate(fn, argument, result);
  const rows = fc.array(values, { maxLength: 12 });
  const accumulators = rows.map((list) => addAll(a, list));

  test('merging batches gives what the rows give, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 5 }), (batches) => {
        const merged = batches.map((batch) => addAll(a, batch)).reduce((x, y) => a.merge(x, y), a.zero);
        expect(a.result(merged)).toStrictEqual(resultOf(a, batches.flat()));
      }),
    );
  });

  test('merge is associative and commutative, and zero changes nothing', () => {
    fc.assert(
      fc.property(accumulators, accumulators, accumulators, (x, y, z) => {
        expect(a.merge(a.merge(x, y), z)).toStrictEqual(a.merge(x, a.merge(y, z)));
        expect(a.merge(x, y)).toStrictEqual(a.merge(y, x));
        expect(a.merge(x, a.zero)).toStrictEqual(x);
        expect(a.merge(a.zero, x)).toStrictEqual(x);
      }),
    );
  });

  test('an accumulator comes back from the store as it was', () => {
    fc.assert(
      fc.property(accumulators, (acc) => {
        expect(stored(a, acc)).toStrictEqual(acc);
      }),
    );
  });

  test('an accumulator that others hold is never written to', () => {
    fc.assert(
      fc.property(accumulators, accumulators, values, (x, y, value) => {
        const before = JSON.stringify([a.encode(x), a.encode(y)]);
        a.merge(x, y);
        a.add(x, value);
        expect(JSON.stringify([a.encode(x), a.encode(y)])).toBe(before);
      }),
    );
  });
});

describe('without rows', () => {
  test.each(['SUM', 'AVG', 'MIN', 'MAX'] as const)('%s is NULL', (fn) => expect(resultOf(aggregate(fn, INT, INT), [])).toBeNull());
  test('COUNT is 0', () => expect(resultOf(aggregate('COUNT', STRING, BIGINT), [])).toBe(0n));
});

describe('overflow, as in Flink', () => {
  test.each<[string, SqlType, Value, Value, Value]>([
    ['TINYINT', TINYINT, 127, 1, -128],
    ['SMALLINT', SMALLINT, -32768, -1, 32767],
    ['INT', INT, 2147483647, 1, -2147483648],
    ['BIGINT', BIGINT, 2n ** 63n - 1n, 1n, -(2n ** 63n)],
  ])('SUM(%s) wraps', (_, type, x, y, wrapped) => {
    expect(resultOf(aggregate('SUM', type, type), [x, y])).toBe(wrapped);
  });

  test('SUM(DECIMAL) beyond 38 digits is NULL, wherever in the sum that happens', () => {
    const a = aggregate('SUM', decimal(38, 0), decimal(38, 0));
    const nines = 10n ** 38n - 1n;
    expect(resultOf(a, [nines, 1n])).toBeNull();
    expect(resultOf(a, [-nines, -1n])).toBeNull();
    expect(resultOf(a, [nines, 1n, -1n])).toBe(nines);
    expect(a.result(a.merge(stored(a, addAll(a, [nines, nines])), addAll(a, [-nines])))).toBe(nines);
  });

  test('AVG(INT) does not overflow where the sum of the integers would', () => {
    expect(resultOf(aggregate('AVG', INT, INT), [2147483647, 2147483647])).toBe(2147483647);
  });
});

describe('AVG', () => {
  test.each<[readonly Value[], Value]>([[[1, 2], 1], [[-1, -2], -1], [[7, 8, 9, 9], 8], [[-7, 0], -3]])('of the integers %s is truncated to %s', (values, average) => {
    expect(resultOf(aggregate('AVG', INT, INT), values)).toBe(average);
  });

  test.each<[readonly Value[], Value]>([
    [[100n, 200n, 200n], 1_666_667n],
    [[-100n, -200n, -200n], -1_666_667n],
    [[100n, 101n], 1_005_000n],
  ])('of DECIMAL(10, 2) %s has six digits, rounded half up: %s', (values, average) => {
    expect(resultOf(aggregate('AVG', decimal(10, 2), decimal(38, 6)), values)).toBe(average);
  });

  test('rounds away from zero at exactly the half', () => {
    const a = aggregate('AVG', decimal(38, 6), decimal(38, 6));
    expect(resultOf(a, [0n, 1n])).toBe(1n);
    expect(resultOf(a, [0n, -1n])).toBe(-1n);
  });

  test('of FLOAT is summed as DOUBLE and given back as FLOAT', () => {
    expect(resultOf(aggregate('AVG', FLOAT, FLOAT), [Math.fround(0.1), Math.fround(0.2)])).toBe(Math.fround((Math.fround(0.1) + Math.fround(0.2)) / 2));
    expect(resultOf(aggregate('AVG', DOUBLE, DOUBLE), [1, 2])).toBe(1.5);
  });
});

describe('floating point', () => {
  test.each([FLOAT, DOUBLE])('SUM and AVG of %j come back from the store as they were, special values included', (type) => {
    const value = type.kind === 'FLOAT' ? fc.float() : fc.double();
    fc.assert(
      fc.property(fc.array(value), (values) => {
        for (const fn of ['SUM', 'AVG'] as const) {
          const a = aggregate(fn, type, type);
          const acc = addAll(a, values);
          expect(stored(a, acc)).toStrictEqual(acc);
        }
      }),
    );
  });

  test('SUM(FLOAT) is rounded to FLOAT at every step', () => {
    expect(resultOf(aggregate('SUM', FLOAT, FLOAT), [16777216, 1])).toBe(16777216);
  });
});

test('text is ordered by code point, as Flink orders its bytes', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareValues(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  expect(resultOf(aggregate('MAX', STRING, STRING), ['\uFFFF', '\u{10000}'])).toBe('\u{10000}');
});
