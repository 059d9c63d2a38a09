/** Values of ARRAY, MAP, MULTISET and ROW wherever values go: storage, text, keys, savepoints, JSON and CSV. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareValues } from '../../lib/core/compare.ts';
import { converter } from '../../lib/core/functions/cast.ts';
import { compileCsvEncoder } from '../../lib/core/format/csv-encode.ts';
import { compileJsonEncoder } from '../../lib/core/format/json-encode.ts';
import { jsonTypeProblem } from '../../lib/core/format/json-nested.ts';
import { compileRecordEncoder, fieldOf } from '../../lib/core/format/record-encode.ts';
import { javaText } from '../../lib/core/java-text.ts';
import { keyCodec } from '../../lib/core/key.ts';
import type { JsonWriteFormat } from '../../lib/core/plan.ts';
import { BIGINT, DOUBLE, INT, STRING, typeText, type Column, type SqlType, type Value } from '../../lib/core/types.ts';
import { decodeValue, encodeValue, isoText, valueText } from '../../lib/core/value-codec.ts';
import { parseExact } from '../../lib/savepoint/exact-json.ts';
import { fieldOf as savepointField } from '../../lib/savepoint/field.ts';

const open = (type: SqlType) => ({ type, nullable: true });
const array = (type: SqlType): SqlType => ({ kind: 'ARRAY', element: open(type) });
const map = (key: SqlType, value: SqlType): SqlType => ({ kind: 'MAP', key: open(key), value: open(value) });
const multiset = (type: SqlType): SqlType => ({ kind: 'MULTISET', element: open(type) });
const row = (...fields: readonly [string, SqlType][]): SqlType => ({ kind: 'ROW', fields: fields.map(([name, type]) => ({ name, ...open(type) })) });
const column = (name: string, type: SqlType): Column => ({ name, type, nullable: true });

const TIMES = array({ kind: 'TIMESTAMP_LTZ', precision: 3 });
const PERSON = row(['name', STRING], ['tags', array(STRING)]);

/** A type together with one of its values. */
const { typed } = fc.letrec<{ typed: readonly [SqlType, Value] }>((tie) => ({
  typed: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(fc.constant(BIGINT), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    fc.tuple(fc.constant(DOUBLE), fc.double()),
    fc.tuple(fc.constant(STRING), fc.option(fc.string({ unit: 'binary' }))),
    tie('typed').map(([type, value]): readonly [SqlType, Value] => [array(type), [value, null]]),
    tie('typed').map(([type, value]): readonly [SqlType, Value] => [map(STRING, type), [['k', value]]]),
    tie('typed').map(([type, value]): readonly [SqlType, Value] => [multiset(type), [[value, 2]]]),
    tie('typed').map(([type, value]): readonly [SqlType, Value] => [row(['a', type], ['b', INT]), [value, 1]]),
  ),
}));

describe('nested values', () => {
  it('are stored without loss, as values and in the lines of savepoints', () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        const stored = encodeValue(type, value);
        expect(decodeValue(type, JSON.parse(JSON.stringify(stored)))).toStrictEqual(value);
        const field = savepointField(type);
        expect(field.read(parseExact(field.write(stored)))).toStrictEqual(stored);
      }),
    );
  });

  it('are refused where the stored form does not fit', () => {
    for (const [type, json] of [[array(INT), 5], [map(STRING, INT), [['k']]], [row(['a', INT]), [1, 2]], [array(INT), ['x']]] as const) {
      expect(() => decodeValue(type, json)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
    }
  });

  it('are keys, which come back', () => {
    const rows: Value[][] = [[[1n, null], 'x'], [null, 'y'], [[], null]];
    for (const positions of [[0], [0, 1]]) {
      const codec = keyCodec([column('a', array(BIGINT)), column('b', STRING)].slice(0, positions.length), positions);
      for (const each of rows) expect(codec.valuesOf(codec.keyOf(each))).toEqual(each.slice(0, positions.length));
    }
  });

  it('have the text that CAST gives them', () => {
    expect(valueText(array(STRING), ['b', null, ''])).toBe('[b, NULL, ]');
    expect(valueText(map(STRING, DOUBLE), [['k', 1], ['l', null]])).toBe('{k=1.0, l=NULL}');
    expect(valueText(multiset(INT), [[7, 2]])).toBe('{7=2}');
    expect(valueText(PERSON, ['x', ['a']])).toBe('(x, [a])');
    expect([valueText(TIMES, [0]), isoText(TIMES, [0])]).toEqual(['[1970-01-01 00:00:00.000]', '[1970-01-01T00:00:00.000Z]']);
    expect(javaText(PERSON, ['x', [null]])).toBe('+I[x, [null]]');
  });

  it('have types that print as Flink does', () => {
    const type: SqlType = { kind: 'MAP', key: { type: STRING, nullable: false }, value: open(row(['a`b', array(INT)])) };
    expect(typeText(type)).toBe('MAP<STRING NOT NULL, ROW<`a``b` ARRAY<INT>>>');
    expect(typeText(multiset(BIGINT))).toBe('MULTISET<BIGINT>');
  });

  it('compare part by part', () => {
    expect(compareValues([1, 2], [1, 2])).toBe(0);
    expect(compareValues([1, null], [1, 2])).toBeLessThan(0);
    expect(compareValues([1, 2], [1])).toBeGreaterThan(0);
  });

  it('are cast part by part', () => {
    const cast = (from: SqlType, to: SqlType, value: Value) => (value === null ? null : converter(from, to)?.(value));
    expect(cast(array(INT), array(STRING), [1, null])).toEqual(['1', null]);
    expect(cast(map(STRING, INT), map(INT, BIGINT), [['3', 4]])).toEqual([[3, 4n]]);
    expect(cast(row(['a', INT], ['b', STRING]), row(['x', BIGINT], ['y', STRING]), [1, null])).toEqual([1n, null]);
    expect(cast(array(array(INT)), STRING, [[1], null])).toBe('[[1], NULL]');
    expect([converter(array(INT), INT), converter(array(INT), map(INT, INT)), converter(array(INT), array({ kind: 'DATE' }))]).toEqual([null, null, null]);
  });
});

describe('as JSON and CSV', () => {
  const columns = [column('p', PERSON), column('m', map(STRING, { kind: 'DECIMAL', precision: 5, scale: 2 }))];
  const value: Value[] = [['ä', null], [['k', 150n], ['k', 200n]]];

  it('are arrays and objects; of two equal keys the last counts', () => {
    expect(compileJsonEncoder(columns)(value)).toBe('{"p":{"name":"ä","tags":null},"m":{"k":"2.00"}}');
    const format: JsonWriteFormat = { kind: 'json', timestampStandard: 'SQL', plainDecimals: false, omitsNulls: true };
    expect(compileRecordEncoder(columns.map((_, i) => fieldOf(columns, i)), format)(value)).toBe('{"p":{"name":"ä"},"m":{"k":2}}');
  });

  it('follow map-null-key.mode', () => {
    const type = map(STRING, INT);
    const write = (mode: Pick<JsonWriteFormat, 'nullKeys'>) => compileRecordEncoder([fieldOf([column('m', type)], 0)], { kind: 'json', timestampStandard: 'SQL', plainDecimals: false, omitsNulls: false, ...mode })([[['a', 1], [null, 2]]]);
    expect(write({ nullKeys: 'DROP' })).toBe('{"m":{"a":1}}');
    expect(write({ nullKeys: { literal: 'none' } })).toBe('{"m":{"a":1,"none":2}}');
    expect(() => write({})).toThrow('null keys');
  });

  it('need string keys', () => {
    expect(jsonTypeProblem(array(map(INT, STRING)))).toBe("JSON format doesn't support non-string as key type of map. The type is: MAP<INT, STRING>");
    expect(jsonTypeProblem(row(['a', multiset(STRING)]))).toBeNull();
  });

  it('are joined in CSV', () => {
    const format = { delimiter: ',', quote: '"', escape: null, nullLiteral: 'n/a', isScientific: true } as const;
    expect(compileCsvEncoder([column('a', array(INT)), column('r', row(['x', STRING], ['y', INT]))], format)([[1, null, 3], ['p,q', 2]])).toBe('1;n/a;3,"p,q;2"');
  });

  it('escape control characters in upper case, as Jackson does', () => {
    const write = (text: string) => compileRecordEncoder([fieldOf([column('s', STRING)], 0)], { kind: 'json', timestampStandard: 'SQL', plainDecimals: false, omitsNulls: false })([text]);
    expect(write('\u001f\\u00ff\n"')).toBe('{"s":"\\u001F\\\\u00ff\\n\\""}');
  });
});
