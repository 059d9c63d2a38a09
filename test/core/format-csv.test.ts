/** Records of Flink's `csv` format to rows: the values of CsvRowDataSerDeSchemaTest, and what Jackson's CSV parser takes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCsvDecoder } from '../../lib/core/format/csv.ts';
import { compileCsvEncoder } from '../../lib/core/format/csv-encode.ts';
import type { RecordError } from '../../lib/core/format/decoder.ts';
import type { RecordBytes } from '../../lib/core/format/record-bytes.ts';
import type { CsvReadFormat } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, BYTES, DOUBLE, INT, STRING, type Column, type SqlType, type Value } from '../../lib/core/types.ts';

const FORMAT: CsvReadFormat = { kind: 'csv', fields: [], delimiter: ',', quote: '"', escape: null, nullLiteral: null, arrayDelimiter: ';', allowComments: false, ignoreParseErrors: false };

interface Decoded {
  readonly rows: readonly (readonly Value[])[];
  readonly error: RecordError | null;
}

function bytesOf(records: readonly (string | null)[]): RecordBytes {
  const parts = records.map((record) => new TextEncoder().encode(`${record ?? ''}\n`));
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part.length, 0));
  const ends = records.map((record, i) => (record === null ? -1 : (starts[i] ?? 0) + (parts[i]?.length ?? 0) - 1));
  return { bytes: Uint8Array.from(parts.flatMap((part) => [...part])), starts, ends };
}

/** Rows of records that have these columns, of which those of `read` are read. */
function decode(types: readonly SqlType[], records: readonly (string | null)[], format: Partial<CsvReadFormat> = {}, read = types.map((_, i) => i)): Decoded {
  const columns = types.map((type, i): Column => ({ name: `f${i}`, type, nullable: true }));
  const decoder = compileCsvDecoder(columns.filter((_, i) => read.includes(i)), { ...FORMAT, fields: columns.map(({ name }) => name), ...format });
  const rows: Value[][] = [];
  const error = decoder(bytesOf(records), { from: 0, to: records.length }, 'nonce', (row) => void rows.push([...row]));
  return { rows, error };
}

/** The value between two texts. */
const between = (type: SqlType, text: string, format: Partial<CsvReadFormat> = {}): Value | string => {
  const delimiter = format.delimiter ?? ',';
  const { rows, error } = decode([STRING, type, STRING], [`BEGIN${delimiter}${text}${delimiter}END`], format);
  return error === null ? (rows[0]?.[1] ?? null) : error.message;
};

const decimal = (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale });
const time = (precision: number): SqlType => ({ kind: 'TIME', precision });
const timestamp = (precision: number): SqlType => ({ kind: 'TIMESTAMP', precision });
const LTZ: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 3 };
const arrayOf = (type: SqlType): SqlType => ({ kind: 'ARRAY', element: { type, nullable: true } });
const ROW: SqlType = { kind: 'ROW', fields: [['f0', STRING] as const, ['f1', INT] as const, ['f2', BOOLEAN] as const].map(([name, type]) => ({ name, type, nullable: true })) };
const NOON = ((12 * 60 + 12) * 60 + 12) * 1000;

describe('values', () => {
  test.each<[SqlType, string, Value]>([
    [STRING, 'null', null],
    [STRING, '"This is a test."', 'This is a test.'],
    [STRING, '"This is a test\n\r."', 'This is a test\n\r.'],
    [STRING, ' padded ', ' padded '],
    [STRING, '', ''],
    [BOOLEAN, 'true', true],
    [BOOLEAN, ' TRUE ', true],
    [BOOLEAN, 'yes', false],
    [BOOLEAN, 'null', null],
    [{ kind: 'TINYINT' }, '124', 124],
    [{ kind: 'SMALLINT' }, '10000', 10000],
    [INT, '1234567', 1234567],
    [INT, '       12          ', 12],
    [INT, '+7', 7],
    [BIGINT, '12345678910', 12345678910n],
    [BIGINT, '-9223372036854775808', -9223372036854775808n],
    [{ kind: 'FLOAT' }, '0.33333334', Math.fround(0.33333334)],
    [DOUBLE, '0.33333333332', 0.33333333332],
    [DOUBLE, '1e3', 1000],
    [decimal(38, 25), '"1234.0000000000000000000000001"', 12340000000000000000000000001n],
    [decimal(38, 0), '"123400000000000000000000000001"', 123400000000000000000000000001n],
    [decimal(4, 1), '12345.6', null],
    [{ kind: 'DATE' }, '2018-10-12', 17816],
    [{ kind: 'DATE' }, '2018-2-30', 17592],
    [time(0), '12:12:12', NOON],
    [time(0), '12:12:12.45', NOON],
    [time(3), '12:12:12.232342', NOON + 232],
    [time(2), '12:12:12.232312', NOON + 230],
    [time(1), '12:12:12.2235', NOON + 200],
    [time(0), '12:12', NOON - 12_000],
    [timestamp(0), '"2018-10-12 12:12:12"', 1539346332000],
    [timestamp(3), '"2018-10-12 12:12:12.123"', 1539346332123],
    [timestamp(6), '2018-10-12 12:12:12.123456', 1539346332123456000n],
    [LTZ, '1970-01-01 00:02:03.456Z', 123456],
    [arrayOf(STRING), 'a;b;c', ['a', 'b', 'c']],
    [arrayOf({ kind: 'TINYINT' }), '12;4;null', [12, 4, null]],
    [arrayOf(INT), '', []],
    [ROW, 'Hello;42;false', ['Hello', 42, false]],
    [ROW, '', null],
    [BYTES, 'awML', Uint8Array.of(107, 3, 11)],
  ])('of %o: %j', (type, text, value) => {
    expect(between(type, text, { nullLiteral: 'null' })).toEqual(value);
  });

  test.each<[SqlType, string]>([
    [INT, ''],
    [INT, '12.5'],
    [INT, '2147483648'],
    [BIGINT, '9223372036854775808'],
    [decimal(4, 1), ' 1.5'],
    [{ kind: 'DATE' }, '18-10-12'],
    [time(3), '24:00:00'],
    [timestamp(3), '2018-10-12T12:12:12'],
    [LTZ, '1970-01-01 00:02:03.456'],
    [ROW, 'Hello;42'],
  ])('that are none of %o: %j', (type, text) => {
    expect(between(type, text)).toMatch(`Fail to deserialize at field: f1. '${text}' cannot be read as `);
    expect(between(type, text, { ignoreParseErrors: true })).toEqual(type.kind === 'ROW' ? ['Hello', 42, null] : null);
  });

  test('are quoted and escaped by the characters of the options', () => {
    const own: Partial<CsvReadFormat> = { delimiter: ';', quote: "'", escape: '*' };
    expect(between(STRING, "123*'4**", own)).toBe("123'4*");
    expect(between(STRING, "'123''4**'", own)).toBe("123'4*");
    expect(between(STRING, "'a;b*'c'", own)).toBe("a;b'c");
    expect(between(STRING, "'a;b''c'  ", own)).toBe("a;b'c");
    expect(between(STRING, '"abc', { quote: null })).toBe('"abc');
    expect(between(STRING, 'a"b', {})).toBe('a"b');
    expect(between(STRING, 'a*tb*0c', { escape: '*' })).toBe('a\tb\0c');
  });
});

describe('records', () => {
  const TYPES = [STRING, INT, STRING];

  test('of more or fewer fields than the table are wrong', () => {
    expect(decode(TYPES, ['a,1,b', 'Test'])).toMatchObject({ rows: [['a', 1, 'b']], error: { index: 1, message: 'Row length mismatch. 3 fields expected but was 1.', excerpt: 'Test' } });
    expect(decode(TYPES, ['Test,12,Test,Test']).error?.message).toBe('Row length mismatch. 3 fields expected but was 4.');
  });

  test('where errors are ignored: missing fields are NULL, too many leave the record out', () => {
    expect(decode(TYPES, ['Test', 'Test,12,Test,Test', 'Test,x,Test', '"open'], { ignoreParseErrors: true })).toEqual({ rows: [['Test', null, null], ['Test', null, 'Test']], error: null });
  });

  test('that are empty or tombstones are skipped', () => {
    expect(decode(TYPES, ['', null, 'a,1,b'])).toEqual({ rows: [['a', 1, 'b']], error: null });
  });

  test('may be comments', () => {
    expect(decode(TYPES, ['#Test,12,Test']).rows).toEqual([['#Test', 12, 'Test']]);
    expect(decode(TYPES, ['#Test,12,Test', '# head\n#\r\na,1,b', '#'], { allowComments: true })).toEqual({ rows: [['a', 1, 'b']], error: null });
  });

  test('end with their first line', () => {
    expect(decode(TYPES, ['a,1,b\nc,2,d', 'a,1,b\r\n']).rows).toEqual([['a', 1, 'b'], ['a', 1, 'b']]);
  });

  test('are read by place, whichever columns the plan needs', () => {
    expect(decode(TYPES, ['a,x,b'], {}, [0, 2])).toEqual({ rows: [['a', 'b']], error: null });
    expect(decode(TYPES, ['a,x,b'], {}, [])).toEqual({ rows: [[]], error: null });
  });

  test('with wrong quotes say so', () => {
    expect(decode(TYPES, ['a,1,"b']).error?.message).toBe('missing closing quote for value');
    expect(decode(TYPES, ['a,1,"b"c']).error?.message).toBe("expected the delimiter ',' or the end of the line behind a quoted value, not 'c'");
  });
});

test('what is written as CSV is read again', () => {
  const characters = fc.constantFrom({ delimiter: ',', quote: '"', escape: null }, { delimiter: '\t', quote: "'", escape: '\\' }, { delimiter: ';', quote: '"', escape: '*' });
  const texts = fc.array(fc.option(fc.string({ unit: fc.constantFrom('a', ' ', ',', ';', '\t', '"', "'", '*', '\\', '\n', '#', 'é', 'n') })), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(characters, texts, (chars, row) => {
      const columns = row.map((_, i): Column => ({ name: `f${i}`, type: STRING, nullable: true }));
      const line = compileCsvEncoder(columns, { ...chars, nullLiteral: 'NULL', isScientific: true })(row);
      expect(decode(row.map(() => STRING), [line], { ...chars, nullLiteral: 'NULL' })).toEqual({ rows: [row], error: null });
    }),
  );
});
