/** Keys and values of records as Flink's formats write them. */
import { describe, expect, it } from 'vitest';
import { compileRawEncoder } from '../../lib/core/format/raw.ts';
import { compileRecordEncoder, fieldOf } from '../../lib/core/format/record-encode.ts';
import type { JsonWriteFormat } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP3, type Column, type Row, type SqlType } from '../../lib/core/types.ts';

const FORMAT: JsonWriteFormat = { kind: 'json', timestampStandard: 'SQL', plainDecimals: false, omitsNulls: false };

const LTZ6: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 6 };
const DECIMAL: SqlType = { kind: 'DECIMAL', precision: 12, scale: 4 };
const BYTES: SqlType = { kind: 'VARBINARY', length: 10 };
const column = (name: string, type: SqlType): Column => ({ name, type, nullable: true });

const json = (columns: readonly Column[], row: Row, format = FORMAT) => compileRecordEncoder(columns.map((_, i) => fieldOf(columns, i)), format)(row);
const one = (type: SqlType, value: Row[number], format = FORMAT) => json([column('v', type)], [value], format);

describe('json', () => {
  it('writes an object of all fields', () => {
    const columns = [column('a "b"', STRING), column('n', BIGINT), column('ok', BOOLEAN), column('none', INT), column('bytes', BYTES), column('day', { kind: 'DATE' })];
    expect(json(columns, ['x\n', 9223372036854775807n, true, null, Uint8Array.of(1, 2, 255), 0])).toBe('{"a \\"b\\"":"x\\n","n":9223372036854775807,"ok":true,"none":null,"bytes":"AQL/","day":"1970-01-01"}');
    expect(json(columns, [null, 1n, null, null, null, 1], { ...FORMAT, omitsNulls: true })).toBe('{"n":1,"day":"1970-01-02"}');
  });

  it('writes times in either standard, with the digits that they need', () => {
    expect([one(TIMESTAMP3, 0), one(TIMESTAMP3, 1500), one(LTZ6, 1_000_000n), one({ kind: 'TIME', precision: 3 }, 3_600_010)]).toEqual([
      '{"v":"1970-01-01 00:00:00"}', '{"v":"1970-01-01 00:00:01.5"}', '{"v":"1970-01-01 00:00:00.001Z"}', '{"v":"01:00:00"}',
    ]);
    const iso = { ...FORMAT, timestampStandard: 'ISO-8601' } as const;
    expect([one(TIMESTAMP3, 120, iso), one(LTZ6, 0n, iso)]).toEqual(['{"v":"1970-01-01T00:00:00.12"}', '{"v":"1970-01-01T00:00:00Z"}']);
  });

  it('writes decimals as numbers, as Jackson does', () => {
    const values = [12_5000n, 1000_0000n, 1n, 0n, -123_4567n];
    expect(values.map((v) => one(DECIMAL, v))).toEqual(['{"v":12.5}', '{"v":1E+3}', '{"v":0.0001}', '{"v":0}', '{"v":-123.4567}']);
    expect(values.map((v) => one(DECIMAL, v, { ...FORMAT, plainDecimals: true }))).toEqual(['{"v":12.5000}', '{"v":1000.0000}', '{"v":0.0001}', '{"v":0.0000}', '{"v":-123.4567}']);
    expect(one({ kind: 'DECIMAL', precision: 20, scale: 10 }, 27n)).toBe('{"v":2.7E-9}');
  });

  it('writes doubles as Java does, and quotes what is no number', () => {
    expect([1, 1e7, 0.1, NaN, -Infinity].map((v) => one(DOUBLE, v))).toEqual(['{"v":1.0}', '{"v":1.0E7}', '{"v":0.1}', '{"v":"NaN"}', '{"v":"-Infinity"}']);
    expect(one({ kind: 'FLOAT' }, Math.fround(0.1))).toBe('{"v":0.1}');
  });
});

it('writes CSV of the fields that it is given, without a newline', () => {
  const format = { kind: 'csv', delimiter: ';', quote: '"', escape: null, nullLiteral: 'NULL', isScientific: true } as const;
  const columns = [column('a', STRING), column('n', BIGINT), column('b', STRING)];
  expect(compileRecordEncoder([fieldOf(columns, 2), fieldOf(columns, 1), fieldOf(columns, 0)], format)(['x;y', 7n, null])).toBe('NULL;7;"x;y"');
});

describe('raw', () => {
  it('writes the bytes of one value; NULL is no value', () => {
    const raw = (type: SqlType, value: Row[number], endianness: 'big-endian' | 'little-endian' = 'big-endian') => compileRawEncoder(type, { kind: 'raw', endianness })(value);
    expect(raw(STRING, 'ä')).toBe('ä');
    expect(raw(BYTES, Uint8Array.of(7))).toEqual(Uint8Array.of(7));
    expect(raw(INT, -2)).toEqual(Uint8Array.of(255, 255, 255, 254));
    expect(raw(BIGINT, 1n, 'little-endian')).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
    expect(raw(BOOLEAN, true)).toEqual(Uint8Array.of(1));
    expect([raw(STRING, null), raw(INT, null)]).toEqual([null, null]);
  });
});
