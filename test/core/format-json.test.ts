import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJsonEncoder } from '../../lib/core/format/json-encode.ts';
import type { RecordError } from '../../lib/core/format/decoder.ts';
import { compileJsonDecoder } from '../../lib/core/format/json.ts';
import type { RecordBytes } from '../../lib/core/format/record-bytes.ts';
import type { JsonFormat } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP3, type Column, type SqlType, type Value } from '../../lib/core/types.ts';

const column = (name: string, type: SqlType): Column => ({ name, type, nullable: true });
const strict: JsonFormat = { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'ISO-8601' };
const lenient: JsonFormat = { ...strict, ignoreParseErrors: true };
const DECIMAL: SqlType = { kind: 'DECIMAL', precision: 20, scale: 2 };

/** Records one behind the other; null is a tombstone. */
function recordsOf(values: readonly (string | Uint8Array | null)[]): RecordBytes {
  const [starts, ends, parts]: [number[], number[], number[]] = [[], [], []];
  for (const value of values) {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : (value ?? new Uint8Array());
    starts.push(parts.length);
    ends.push(value === null ? -1 : parts.length + bytes.length);
    parts.push(...bytes, 10);
  }
  return { bytes: Uint8Array.from(parts), starts, ends };
}

interface Decoded {
  readonly rows: readonly { readonly index: number; readonly row: readonly Value[] }[];
  readonly error: RecordError | null;
}

function decode(columns: readonly Column[], format: JsonFormat, records: RecordBytes): Decoded {
  const rows: { index: number; row: Value[] }[] = [];
  const range = { from: 0, to: records.starts.length };
  const error = compileJsonDecoder(columns, format)(records, range, 'n0nce', (row, index) => rows.push({ index, row: [...row] }));
  return { rows, error };
}

const valuesOf = (type: SqlType, json: string, format = lenient): Value[] =>
  decode([column('a', type)], format, recordsOf([`{"a":${json}}`])).rows.flatMap(({ row }) => row);

describe('the json format', () => {
  it.each<[SqlType, string, Value]>([
    [INT, '5.7', 5],
    [INT, '" 7 "', 7],
    [INT, '"5.5"', null],
    [INT, '2147483648', null],
    [INT, 'true', null],
    [BIGINT, '9223372036854775807', 9223372036854775807n],
    [BIGINT, '9223372036854775808', null],
    [BIGINT, '1e18', 10n ** 18n],
    [BIGINT, '"9007199254740993"', 9007199254740993n],
    [DECIMAL, '1.005', 101n],
    [DECIMAL, '123456789012345678.25', 12345678901234567825n],
    [DECIMAL, '1e30', null],
    [DOUBLE, '"NaN"', NaN],
    [DOUBLE, '1e400', Infinity],
    [DOUBLE, '" 1 "', 1],
    [BOOLEAN, '"TRUE"', true],
    [BOOLEAN, '1', false],
    [STRING, '1.50', '1.50'],
    [STRING, '12345678901234567890123', '12345678901234567890123'],
    [STRING, '{"a": 1, "b":[1, 2]}', '{"a":1,"b":[1,2]}'],
    [STRING, '"tab\there"', 'tab\there'],
    [TIMESTAMP3, '"2025-12-30T10:00:00"', 1767088800000],
    [TIMESTAMP3, '"2025-12-30T10:00:00.1239"', 1767088800123],
    [TIMESTAMP3, '"2025-12-30T10:00"', 1767088800000],
    [TIMESTAMP3, '"2025-12-30T10:00:00Z"', null],
    [TIMESTAMP3, '"2025-12-30 10:00:00"', null],
    [{ kind: 'TIMESTAMP', precision: 9 }, '"2025-12-30T10:00:00.123456789"', 1767088800123456789n],
    [{ kind: 'TIMESTAMP_LTZ', precision: 3 }, '"2025-12-30T10:00:00Z"', 1767088800000],
    [{ kind: 'TIMESTAMP_LTZ', precision: 3 }, '"2025-12-30T10:00:00"', null],
    [{ kind: 'DATE' }, '"2024-02-29"', 19782],
    [{ kind: 'DATE' }, '"2024-2-9"', null],
    [{ kind: 'TIME', precision: 0 }, '"03:04:05.678"', 11045000],
  ])('reads %j from %s', (type, json, value) => {
    expect(valuesOf(type, json)).toEqual([value]);
  });

  it('reads SQL timestamps with a blank, clamping the day as java.time does', () => {
    const sql: JsonFormat = { ...lenient, timestampStandard: 'SQL' };
    expect(valuesOf(TIMESTAMP3, '"2024-02-30 00:00:00"', sql)).toEqual(valuesOf(TIMESTAMP3, '"2024-02-29 00:00:00"', sql));
    expect(valuesOf(TIMESTAMP3, '"2024-02-29T00:00:00"', sql)).toEqual([null]);
  });

  it('skips tombstones and empty values, takes arrays as several rows and ignores what follows the first object', () => {
    const records = recordsOf([null, '', '[{"a":1},{"a":2}]', '\uFEFF{"a":3} xyz', '{}']);
    const { rows, error } = decode([column('a', INT)], strict, records);
    expect(error).toBeNull();
    expect(rows).toEqual([
      { index: 2, row: [1] },
      { index: 2, row: [2] },
      { index: 3, row: [3] },
      { index: 4, row: [null] },
    ]);
  });

  it('stops at the first bad record, naming field, value and type', () => {
    const { rows, error } = decode([column('a', INT)], strict, recordsOf(['{"a":1}', '[{"a":2},{"a":true}]', '{"a":3}']));
    expect(rows).toEqual([{ index: 0, row: [1] }]);
    expect(error).toEqual({ index: 1, message: 'Fail to deserialize at field: a. true cannot be read as INT', excerpt: '[{"a":2},{"a":true}]' });
  });

  it('names a missing field if that is forbidden', () => {
    const { error } = decode([column('a', INT)], { ...strict, failOnMissingField: true }, recordsOf(['{"b":1}']));
    expect(error?.message).toContain("Some field is missing in the JSON data. It is 'a'");
  });

  it('skips malformed records when parse errors are ignored', () => {
    const records = recordsOf(['not json', '{"a":1', '{"a":"x"}', Uint8Array.of(0x7b, 0xff, 0x7d), '"x"', '{"a":7}']);
    expect(decode([column('a', INT)], lenient, records).rows).toEqual([
      { index: 2, row: [null] },
      { index: 5, row: [7] },
    ]);
  });

  it('is not misled by records that complete each other', () => {
    const { rows, error } = decode([column('a', INT)], strict, recordsOf(['{"a":1', '"b":2}']));
    expect(rows).toEqual([]);
    expect(error?.index).toBe(0);
  });

  it('reads a column that is named like an inherited property', () => {
    expect(decode([column('constructor', STRING)], strict, recordsOf(['{}'])).rows).toEqual([{ index: 0, row: [null] }]);
  });

  it('lets errors of the visitor pass', () => {
    const decoder = compileJsonDecoder([column('a', INT)], lenient);
    const visit = (): never => {
      throw new RangeError('mine');
    };
    expect(() => decoder(recordsOf(['{"a":1}']), { from: 0, to: 1 }, 'n', visit)).toThrow('mine');
  });

  it('gives for many records what it gives for each alone', () => {
    const columns = [column('a', BIGINT), column('b', STRING), column('c', DECIMAL)];
    const json = fc.oneof(
      fc.json({ maxDepth: 1 }),
      fc.bigInt().map(String),
      fc.constantFrom('1.50', '1e400', '"2"', '12345678901234567890.12'),
    );
    const record = fc.oneof(
      { weight: 10, arbitrary: fc.tuple(json, json, json).map(([a, b, c]) => `{"a":${a},"b":${b},"c":${c}}`) },
      { weight: 1, arbitrary: fc.constantFrom(null, '', '{', '}', '[{"a":1},{"a":2}]', '{"a":1}\n{"a":2}', 'null', '{"a":1', '"b":2}') },
    );
    fc.assert(
      fc.property(fc.array(record), fc.constantFrom(strict, lenient), (values, format) => {
        const all = decode(columns, format, recordsOf(values));
        const alone = values.map((value) => decode(columns, format, recordsOf([value])));
        const bad = alone.findIndex(({ error }) => error !== null);
        const good = alone.slice(0, bad < 0 ? values.length : bad);
        expect(all.rows).toEqual(good.flatMap(({ rows }, index) => rows.map(({ row }) => ({ index, row }))));
        expect(all.error).toEqual(bad < 0 ? null : { ...alone[bad]?.error, index: bad });
      }),
    );
  });
});

describe('NDJSON lines', () => {
  it('hold exact numbers and ISO timestamps', () => {
    const columns = [
      column('n', BIGINT),
      column('d', DECIMAL),
      column('t', { kind: 'TIMESTAMP', precision: 6 }),
      column('z', { kind: 'TIMESTAMP_LTZ', precision: 3 }),
      column('x', DOUBLE),
      column('f', { kind: 'FLOAT' }),
      column('s "q"', STRING),
      column('none', INT),
    ];
    const row = [9223372036854775807n, 1250n, 1767088800000000000n, 1767088800000, NaN, Math.fround(0.1), 'a"b', null];
    expect(compileJsonEncoder(columns)(row)).toBe(
      '{"n":9223372036854775807,"d":"12.50","t":"2025-12-30T10:00:00.000000","z":"2025-12-30T10:00:00.000Z",' +
        '"x":"NaN","f":0.1,"s \\"q\\"":"a\\"b","none":null}',
    );
  });
});

describe('collections', () => {
  const open = (type: SqlType) => ({ type, nullable: true });
  const ints: SqlType = { kind: 'ARRAY', element: open(INT) };
  const longs: SqlType = { kind: 'MAP', key: open(STRING), value: open(BIGINT) };
  const rows: SqlType = { kind: 'ROW', fields: [{ name: 'x', ...open(INT) }, { name: 'y', ...open({ kind: 'ROW', fields: [{ name: 'z', ...open(STRING) }] }) }] };

  it.each<[SqlType, string, Value]>([
    [ints, '[1,null,"2"]', [1, null, 2]],
    [ints, '[]', []],
    // The order of Flink's HashMap.
    [longs, '{"k":9007199254740993,"n":null}', [['n', null], ['k', 9007199254740993n]]],
    [rows, '{"y":{"z":1.50},"zz":1}', [null, ['1.50']]],
    [rows, '{}', [null, null]],
    [{ kind: 'ARRAY', element: open(rows) }, '[{"x":1},null]', [[1, null], null]],
    [{ kind: 'MULTISET', element: open(STRING) }, '{"a":2}', [['a', 2]]],
  ])('%o: %s', (type, json, expected) => {
    expect(valuesOf(type, json, strict)).toEqual([expected]);
  });

  it.each<[SqlType, string, Value]>([
    [ints, '[1,"x",3]', [1, null, 3]],
    [ints, '5', null],
    [longs, '{"a":"b","c":1}', [['a', null], ['c', 1n]]],
    [rows, '{"x":"bad","y":{"z":true}}', [null, ['true']]],
    [rows, '{"x":2,"y":7}', [2, null]],
    [rows, '[1]', null],
  ])('lose only the parts that do not fit: %o, %s', (type, json, expected) => {
    expect(valuesOf(type, json, lenient)).toEqual([expected]);
    expect(decode([column('a', type)], strict, recordsOf([`{"a":${json}}`])).error?.message).toContain('Fail to deserialize at field: a.');
  });

  it('miss fields inside of rows where that is forbidden', () => {
    const failing = { ...strict, failOnMissingField: true };
    expect(decode([column('a', rows)], failing, recordsOf(['{"a":{"x":1}}'])).error?.message).toContain('field: a.');
  });
});

describe('what differs by the parser', () => {
  const tree: JsonFormat = { ...strict, usesTree: true };

  it('is the text of fractions', () => {
    const texts = (format: JsonFormat, columns: readonly Column[]) => ['1.50', '1e5', '5', '{"b": 1.50}'].map((json) => decode(columns, format, recordsOf([`{"a":${json}}`])).rows[0]?.row[0]);
    expect(texts(strict, [column('a', STRING)])).toEqual(['1.50', '1e5', '5', '{"b":1.5}']);
    expect(texts(tree, [column('a', STRING)])).toEqual(['1.5', '100000.0', '5', '{"b":1.5}']);
    expect(texts(tree, [column('a', STRING), column('d', DECIMAL)]).slice(0, 2)).toEqual(['1.5', '1E+5']);
  });

  it('is not what TINYINT takes: no fractions', () => {
    for (const format of [lenient, { ...lenient, usesTree: true }]) expect(valuesOf({ kind: 'TINYINT' }, '5.7', format)).toEqual([null]);
  });
});

describe('what stands in a STRING column', () => {
  it.each([
    ['{"z":1,"10":2.50,"2":[{"b":true,"0":null}]}', '{"z":1,"10":2.5,"2":[{"b":true,"0":null}]}'],
    ['{"10":"a","2":"{\\"1\\":0}"}', '{"10":"a","2":"{\\"1\\":0}"}'],
    ['{"2":1,"1":2,"2":3}', '{"2":3,"1":2}'],
    ['[1.0,100.0,1e5]', '[1.0,100.0,100000.0]'],
  ])('keeps the order of its keys: %s', (json, expected) => {
    expect(valuesOf(STRING, json, strict)).toEqual([expected]);
  });

  it('has exact fractions beside a DECIMAL, however deep that stands', () => {
    const decimals: SqlType = { kind: 'ARRAY', element: { type: DECIMAL, nullable: true } };
    const { rows } = decode([column('a', STRING), column('b', decimals)], strict, recordsOf(['{"a":[1.0,100.0,0.1234567890123456789]}']));
    expect(rows[0]?.row[0]).toBe('[1,1E+2,0.1234567890123456789]');
  });
});

describe('times at the edge', () => {
  const sql: JsonFormat = { ...lenient, timestampStandard: 'SQL' };
  const TIME: SqlType = { kind: 'TIME', precision: 0 };
  it.each<[SqlType, JsonFormat, string, Value]>([
    [TIMESTAMP3, sql, '2024-01-01 24:00:00', Date.parse('2024-01-02T00:00:00Z')],
    [TIMESTAMP3, sql, '2024-01-01 24:00:01', null],
    [TIMESTAMP3, sql, '2024-01-01 00:00:00.', Date.parse('2024-01-01T00:00:00Z')],
    [TIMESTAMP3, lenient, '2024-01-01T24:00:00', null],
    [TIME, sql, '24:00:00', 0],
  ])('%o %o %s', (type, format, text, expected) => {
    expect(valuesOf(type, JSON.stringify(text), format)).toEqual([expected]);
  });
});
