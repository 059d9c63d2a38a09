/** Values as Iceberg's specification writes them. */
import { describe, expect, test } from 'vitest';
import { ColumnBounds, comparison, metricsMode } from '../../lib/adapters/iceberg/bounds.ts';
import { murmur3 } from '../../lib/adapters/iceberg/murmur3.ts';
import { parquetSettings } from '../../lib/adapters/iceberg/parquet.ts';
import { decimalSize, singleValue, unscaledBytes } from '../../lib/adapters/iceberg/single-value.ts';
import { hashOf, transform } from '../../lib/adapters/iceberg/transforms.ts';
import { conversion, icebergType, icebergTypeText, primitiveType, sqlType, type PrimitiveType } from '../../lib/adapters/iceberg/types.ts';
import { daysFromCivil } from '../../lib/core/calendar.ts';
import { BIGINT, INT, STRING, TIMESTAMP3, type SqlType } from '../../lib/core/types.ts';
import type { Present } from '../../lib/core/value-access.ts';

const typed = (text: string): PrimitiveType => {
  const type = primitiveType(text);
  if (type === null) throw new Error(`${text} is no type`);
  return type;
};
const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'));
const utf8 = (bytes: Uint8Array | null): string | null => (bytes === null ? null : new TextDecoder('utf-8', { fatal: true }).decode(bytes));
const micros = (text: string): bigint => BigInt(Date.parse(text)) * 1000n;

describe('hashes are those of appendix B', () => {
  const UUID = Buffer.from('f79c3e09677c4bbda4793f349cb785e7', 'hex');
  const BYTES = Uint8Array.of(0, 1, 2, 3);
  const VECTORS: [string, Present, number][] = [
    ['int', 34, 2017239379],
    ['long', 34n, 2017239379],
    ['decimal(9, 2)', 1420n, -500754589],
    ['date', daysFromCivil(2017, 11, 16), -653330422],
    ['time', 81_068_000_000n, -662762989],
    ['timestamp', micros('2017-11-16T22:31:08Z'), -2047944441],
    ['timestamp', micros('2017-11-16T22:31:08Z') + 1n, -1207196810],
    ['timestamptz', micros('2017-11-16T14:31:08-08:00'), -2047944441],
    ['string', 'iceberg', 1210000089],
    ['uuid', UUID, 1488055340],
    ['fixed[4]', BYTES, -188683207],
    ['binary', BYTES, -188683207],
  ];
  test.each(VECTORS)('%s %s', (type, value, hash) => {
    expect(hashOf(typed(type))?.(value)).toBe(hash);
    expect(transform('bucket[16]', typed(type))?.apply(value)).toBe((hash & 0x7fffffff) % 16);
  });

  test('of bytes of every length', () => {
    // Computed with mmh3, which PyIceberg uses.
    expect(['', 'a', 'ab', 'abc', 'abcd', 'abcde'].map((text) => murmur3(Buffer.from(text)))).toEqual([0, 1009084850, -1681926305, -1277324294, 1139631978, -392455434]);
  });
});

describe('transforms', () => {
  const BEFORE = micros('1969-12-31T23:30:00Z');
  const CASES: [string, string, Present, Present | null][] = [
    ['identity', 'string', 'x', 'x'],
    ['void', 'string', 'x', null],
    ['truncate[10]', 'int', 19, 10],
    ['truncate[10]', 'int', -1, -10],
    ['truncate[10]', 'long', -1n, -10n],
    ['truncate[50]', 'decimal(9, 2)', 1065n, 1050n],
    ['truncate[50]', 'decimal(9, 2)', -5n, -50n],
    ['truncate[3]', 'string', 'iceberg', 'ice'],
    ['truncate[2]', 'string', '😀😀😀', '😀😀'],
    ['truncate[2]', 'string', 'i', 'i'],
    ['truncate[2]', 'binary', Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2)],
    ['year', 'date', daysFromCivil(2017, 11, 16), 47],
    ['month', 'date', daysFromCivil(2017, 11, 16), 574],
    ['day', 'date', daysFromCivil(2017, 11, 16), 17486],
    ['year', 'timestamp', micros('2017-11-16T22:31:08Z'), 47],
    ['month', 'timestamptz', micros('2017-11-16T22:31:08Z'), 574],
    ['day', 'timestamp', micros('2017-11-16T22:31:08Z'), 17486],
    ['hour', 'timestamp', micros('2017-11-16T22:31:08Z'), 419686],
    ['year', 'timestamp', BEFORE, -1],
    ['month', 'timestamp', BEFORE, -1],
    ['day', 'timestamp', BEFORE, -1],
    ['hour', 'timestamp', BEFORE, -1],
    ['hour', 'timestamp', -1n, -1],
  ];
  test.each(CASES)('%s of %s %s', (name, type, value, expected) => {
    expect(transform(name, typed(type))?.apply(value)).toEqual(expected);
  });

  const REFUSED: [string, string][] = [['hour', 'date'], ['day', 'string'], ['bucket[4]', 'double'], ['truncate[2]', 'timestamp'], ['bucket[0]', 'int'], ['truncate', 'int'], ['zorder', 'int']];
  test.each(REFUSED)('there is no %s of %s', (name, type) => expect(transform(name, typed(type))).toBeNull());

  test('have the types of their values', () => {
    const of = (name: string, type: string): string | undefined => transform(name, typed(type))?.type.kind;
    expect([of('identity', 'long'), of('truncate[2]', 'string'), of('bucket[2]', 'string'), of('year', 'date'), of('day', 'timestamp'), of('hour', 'timestamp')]).toEqual([
      'long',
      'string',
      'int',
      'int',
      'date',
      'int',
    ]);
  });
});

describe('single values are those of appendix D', () => {
  const CASES: [string, Present, string][] = [
    ['boolean', true, '01'],
    ['boolean', false, '00'],
    ['int', 34, '22000000'],
    ['int', -2, 'feffffff'],
    ['date', -1, 'ffffffff'],
    ['long', 34n, '2200000000000000'],
    ['long', -9223372036854775808n, '0000000000000080'],
    ['time', 81_068_000_000n, '008307e012000000'],
    ['timestamp', -1n, 'ffffffffffffffff'],
    ['float', -4.5, '000090c0'],
    ['double', 6, '0000000000001840'],
    ['string', 'ä😀', 'c3a4f09f9880'],
    ['fixed[2]', Uint8Array.of(1, 255), '01ff'],
    ['decimal(9, 2)', 1420n, '058c'],
    ['decimal(9, 2)', 128n, '0080'],
    ['decimal(9, 2)', -128n, '80'],
    ['decimal(9, 2)', 0n, '00'],
  ];
  test.each(CASES)('%s %s is %s', (type, value, bytes) => expect(hex(singleValue(typed(type), value))).toBe(bytes));

  test('every decimal fits the bytes of its precision', () => {
    for (let precision = 1; precision <= 38; precision++) {
      const [most, size] = [10n ** BigInt(precision) - 1n, decimalSize(precision)];
      expect([unscaledBytes(most).length, unscaledBytes(-most).length]).toEqual([size, size]);
    }
  });
});

describe('types', () => {
  const SQL: [SqlType, string, SqlType][] = [
    [{ kind: 'SMALLINT' }, 'int', INT],
    [BIGINT, 'long', BIGINT],
    [STRING, 'string', STRING],
    [{ kind: 'DECIMAL', precision: 10, scale: 2 }, 'decimal(10, 2)', { kind: 'DECIMAL', precision: 10, scale: 2 }],
    [{ kind: 'BINARY', length: 3 }, 'fixed[3]', { kind: 'BINARY', length: 3 }],
    [TIMESTAMP3, 'timestamp', { kind: 'TIMESTAMP', precision: 6 }],
    [{ kind: 'TIMESTAMP_LTZ', precision: 3 }, 'timestamptz', { kind: 'TIMESTAMP_LTZ', precision: 6 }],
  ];
  test.each(SQL)('%j is %s', (type, text, back) => {
    const natural = icebergType(type);
    expect(natural === null ? null : icebergTypeText(natural)).toBe(text);
    expect(sqlType(typed(text))).toEqual(back);
  });

  test('intervals and nested types have none', () => {
    expect(icebergType({ kind: 'INTERVAL_DAY' })).toBeNull();
    expect(primitiveType('timestamp_ns')).toBeNull();
    expect(primitiveType({ type: 'list', 'element-id': 2, 'element-required': false, element: 'int' })).toBeNull();
  });

  const NANOS: SqlType = { kind: 'TIMESTAMP', precision: 9 };
  const CONVERTED: [SqlType, string, Present, Present][] = [
    [INT, 'long', -7, -7n],
    [{ kind: 'FLOAT' }, 'double', 0.5, 0.5],
    [TIMESTAMP3, 'timestamp', -1, -1000n],
    [NANOS, 'timestamp', -1n, -1n],
    [NANOS, 'timestamp', 1999n, 1n],
    [{ kind: 'TIME', precision: 3 }, 'time', 5, 5000n],
    [{ kind: 'DECIMAL', precision: 5, scale: 2 }, 'decimal(9, 2)', 125n, 125n],
  ];
  test.each(CONVERTED)('%j becomes %s: %s', (from, to, value, expected) => expect(conversion(from, typed(to))?.(value)).toEqual(expected));

  const LOSING: [SqlType, string][] = [
    [BIGINT, 'int'],
    [{ kind: 'DOUBLE' }, 'float'],
    [STRING, 'long'],
    [TIMESTAMP3, 'timestamptz'],
    [{ kind: 'TIMESTAMP_LTZ', precision: 3 }, 'timestamp'],
    [{ kind: 'DECIMAL', precision: 9, scale: 2 }, 'decimal(5, 2)'],
    [{ kind: 'DECIMAL', precision: 5, scale: 2 }, 'decimal(9, 3)'],
    [{ kind: 'BINARY', length: 15 }, 'uuid'],
  ];
  test.each(LOSING)('%j does not become %s', (from, to) => expect(conversion(from, typed(to))).toBeNull());
});

test('files are never wanted larger than memory holds beside the rows, whatever the table says', () => {
  const target = (bytes?: string): number => parquetSettings(bytes === undefined ? {} : { 'write.target-file-size-bytes': bytes }).targetBytes;
  expect([target(), target('536870912'), target('1000')]).toEqual([64 * 1024 * 1024, 64 * 1024 * 1024, 1000]);
});

describe('bounds', () => {
  const metrics = (type: string, values: readonly (Present | null)[], properties: Record<string, string> = {}) => {
    const bounds = new ColumnBounds(typed(type));
    for (const value of values) bounds.add([value]);
    return bounds.metrics(metricsMode(properties, 'c'));
  };

  test('count values, nulls and NaN, and leave NaN out', () => {
    expect(metrics('double', [1, null, NaN, -3])).toMatchObject({ values: 4, nulls: 1, nans: 1, lower: singleValue(typed('double'), -3), upper: singleValue(typed('double'), 1) });
    expect(metrics('int', [null])).toEqual({ values: 1, nulls: 1, nans: undefined, lower: null, upper: null });
    expect(metrics('double', [0, -0]).lower).toEqual(singleValue(typed('double'), -0));
    expect(metrics('double', [-0, 0]).upper).toEqual(singleValue(typed('double'), 0));
  });

  test('order text by code points', () => {
    expect(['\u{1f600}', '\uffee', 'a', '\ud7ff', 'ab'].toSorted(comparison(typed('string')))).toEqual(['a', 'ab', '\ud7ff', '\uffee', '\u{1f600}']);
    expect(utf8(metrics('string', ['\u{1f600}', '\uffee']).upper)).toBe('\u{1f600}');
  });

  test('are those of text as it is written: a lone surrogate becomes U+FFFD', () => {
    const { lower, upper } = metrics('string', ['\ud800', '\uffff']);
    expect([utf8(lower), utf8(upper)]).toEqual(['\ufffd', '\uffff']);
  });

  test('cut long text, the upper one upwards', () => {
    const { lower, upper } = metrics('string', ['abcdefghijklmnopqrst']);
    expect([utf8(lower), utf8(upper)]).toEqual(['abcdefghijklmnop', 'abcdefghijklmnoq']);
    expect(utf8(metrics('string', ['abcdefghijklmnop']).upper)).toBe('abcdefghijklmnop');
    expect(utf8(metrics('string', ['aaa\u{10ffff}\u{10ffff}'], { 'write.metadata.metrics.default': 'truncate(4)' }).upper)).toBe('aab');
    expect(utf8(metrics('string', ['a\ud7ffb'], { 'write.metadata.metrics.default': 'truncate(2)' }).upper)).toBe('a\ue000');
    expect(metrics('string', ['\u{10ffff}\u{10ffff}'], { 'write.metadata.metrics.default': 'truncate(1)' })).toMatchObject({ upper: null, lower: expect.anything() });
  });

  test('cut long bytes, the upper one upwards', () => {
    const one = { 'write.metadata.metrics.column.c': 'truncate(2)' };
    expect(hex(metrics('binary', [Uint8Array.of(1, 255, 3)], one).upper)).toBe('02');
    expect(hex(metrics('binary', [Uint8Array.of(1, 255, 3)], one).lower)).toBe('01ff');
    expect(metrics('binary', [Uint8Array.of(255, 255, 255)], one).upper).toBeNull();
  });

  test('are kept as the properties say', () => {
    expect(metrics('int', [1], { 'write.metadata.metrics.default': 'counts' })).toMatchObject({ values: 1, lower: null });
    expect(metricsMode({ 'write.metadata.metrics.default': 'none', 'write.metadata.metrics.column.c': 'full' }, 'c')).toEqual({ kind: 'full' });
    expect(metricsMode({ 'write.metadata.metrics.default': 'nonsense' }, 'c')).toEqual({ kind: 'truncate', length: 16 });
  });
});
