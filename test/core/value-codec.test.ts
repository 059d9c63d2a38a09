import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilFromDays, daysFromCivil } from '../../lib/core/calendar.ts';
import { isError } from '../../lib/core/errors.ts';
import { BIGINT, BOOLEAN, DOUBLE, STRING, type SqlType, type Value } from '../../lib/core/types.ts';
import { decodeValue, encodeValue, isoText, valueText } from '../../lib/core/value-codec.ts';

const timestamp = (precision: number): SqlType => ({ kind: 'TIMESTAMP', precision });
const zoned = (precision: number): SqlType => ({ kind: 'TIMESTAMP_LTZ', precision });
const decimal = (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale });
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** A type together with one of its values. */
const typed: fc.Arbitrary<readonly [SqlType, Value]> = fc.oneof(
  fc.tuple(fc.constant(BIGINT), long),
  fc.tuple(fc.constant(timestamp(9)), long),
  fc.tuple(fc.constant(decimal(38, 7)), long),
  fc.tuple(fc.constant(DOUBLE), fc.double()),
  fc.tuple(fc.constant(STRING), fc.string({ unit: 'binary' })),
  fc.tuple(fc.constant(BOOLEAN), fc.boolean()),
  fc.tuple(fc.constant<SqlType>({ kind: 'VARBINARY', length: 100 }), fc.uint8Array()),
  fc.tuple(fc.constant(timestamp(3)), fc.maxSafeInteger()),
);

describe('values as JSON', () => {
  it('come back as they were, also through text', () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        expect(decodeValue(type, JSON.parse(JSON.stringify(encodeValue(type, value))))).toStrictEqual(value);
      }),
    );
  });

  it('are numbers where a number is exact, and text beyond', () => {
    expect(encodeValue(BIGINT, 2n ** 53n - 1n)).toBe(9007199254740991);
    expect(encodeValue(BIGINT, 2n ** 53n)).toBe('9007199254740992');
    expect(encodeValue(decimal(10, 2), 1250n)).toBe('12.50');
    expect(encodeValue(DOUBLE, -0)).toBe('-0');
  });

  it('are refused if they cannot have been written', () => {
    const wrong: [SqlType, string | number | boolean][] = [[BIGINT, '1.5'], [STRING, 5], [decimal(5, 2), 'x'], [DOUBLE, 'abc']];
    for (const [type, json] of wrong) {
      expect(() => decodeValue(type, json)).toThrow(expect.toSatisfy((error) => isError(error, 'STORE_CORRUPT')));
    }
  });
});

describe('values as text', () => {
  it.each<[SqlType, Value, string]>([
    [timestamp(6), 1767088800000000000n, '2025-12-30 10:00:00.000000'],
    [timestamp(0), 1767088800000, '2025-12-30 10:00:00'],
    [timestamp(3), -1, '1969-12-31 23:59:59.999'],
    [BOOLEAN, true, 'TRUE'],
    [DOUBLE, 1e7, '1.0E7'],
    [DOUBLE, 0.001, '0.001'],
    [DOUBLE, 1234567.5, '1234567.5'],
    [{ kind: 'FLOAT' }, Math.fround(0.1), '0.1'],
    [decimal(5, 2), -5n, '-0.05'],
    [{ kind: 'TIME', precision: 3 }, 3_723_004, '01:02:03.004'],
    [{ kind: 'INTERVAL_DAY' }, -90_061_001, '-1 01:01:01.001'],
    [{ kind: 'INTERVAL_YEAR' }, 14, '+1-02'],
    [STRING, null, '<NULL>'],
  ])('%j %s is %s', (type, value, text) => {
    expect(valueText(type, value)).toBe(text);
  });

  it('have a T, and a Z with time zone, in ISO form', () => {
    expect(isoText(timestamp(3), 1767088800000)).toBe('2025-12-30T10:00:00.000');
    expect(isoText(zoned(6), 1767088800000000000n)).toBe('2025-12-30T10:00:00.000000Z');
  });
});

describe('the calendar', () => {
  it('agrees with Date over 20,000 years', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3_000_000, max: 4_000_000 }), (days) => {
        const date = new Date(days * 86_400_000);
        const civil = civilFromDays(days);
        expect(civil).toEqual({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
        expect(daysFromCivil(civil.year, civil.month, civil.day)).toBe(days);
      }),
    );
  });
});
