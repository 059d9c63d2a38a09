/** Types and values of results, as Flink's serializers write them. */
import { expect, test } from 'vitest';
import { logicalType } from '../../../../lib/control/rest/gateway/logical-type.ts';
import { fieldsIn } from '../../../../lib/control/rest/gateway/row-format.ts';
import { resultColumn } from '../../../../lib/control/table.ts';
import { sessionZone, UTC } from '../../../../lib/core/time/zone-id.ts';
import { BIGINT, BOOLEAN, BYTES, DOUBLE, INT, STRING, type Inner, type SqlType, type Value } from '../../../../lib/core/types.ts';

const inner = (type: SqlType, nullable = true): Inner => ({ type, nullable });
const DECIMAL: SqlType = { kind: 'DECIMAL', precision: 30, scale: 2 };
const timestamp = (kind: 'TIMESTAMP' | 'TIMESTAMP_LTZ', precision: number): SqlType => ({ kind, precision });
const ROW: SqlType = { kind: 'ROW', fields: [{ name: 'a', ...inner(INT) }, { name: 'b', ...inner(STRING, false), comment: 'why' }] };

test.each<[SqlType, object]>([
  [STRING, { type: 'VARCHAR', nullable: true, length: 2147483647 }],
  [BYTES, { type: 'VARBINARY', nullable: true, length: 2147483647 }],
  [{ kind: 'CHAR', length: 3 }, { type: 'CHAR', nullable: true, length: 3 }],
  [INT, { type: 'INTEGER', nullable: true }],
  [DECIMAL, { type: 'DECIMAL', nullable: true, precision: 30, scale: 2 }],
  [{ kind: 'TIME', precision: 0 }, { type: 'TIME_WITHOUT_TIME_ZONE', nullable: true, precision: 0 }],
  [timestamp('TIMESTAMP', 3), { type: 'TIMESTAMP_WITHOUT_TIME_ZONE', nullable: true, precision: 3 }],
  [timestamp('TIMESTAMP_LTZ', 6), { type: 'TIMESTAMP_WITH_LOCAL_TIME_ZONE', nullable: true, precision: 6 }],
  [{ kind: 'INTERVAL_DAY' }, { type: 'INTERVAL_DAY_TIME', nullable: true, precision: 2, fractionalPrecision: 6, resolution: 'DAY_TO_SECOND' }],
  [{ kind: 'ARRAY', element: inner(INT, false) }, { type: 'ARRAY', nullable: true, elementType: { type: 'INTEGER', nullable: false } }],
  [{ kind: 'MAP', key: inner(INT, false), value: inner(BOOLEAN) }, { type: 'MAP', nullable: true, keyType: { type: 'INTEGER', nullable: false }, valueType: { type: 'BOOLEAN', nullable: true } }],
  [ROW, { type: 'ROW', nullable: true, fields: [{ name: 'a', fieldType: { type: 'INTEGER', nullable: true } }, { name: 'b', fieldType: { type: 'VARCHAR', nullable: false, length: 2147483647 }, description: 'why' }] }],
  [{ kind: 'NULL' }, { type: 'NULL' }],
])('%o', (type, json) => {
  expect(logicalType(type, true)).toEqual(json);
});

test.each<[SqlType, Value, json: string, text: string]>([
  [BOOLEAN, true, 'true', 'TRUE'],
  [BIGINT, 9007199254740993n, '9007199254740993', '9007199254740993'],
  [DECIMAL, 12345678901234567890123n, '123456789012345678901.23', '123456789012345678901.23'],
  [DOUBLE, 1.5, '1.5', '1.5'],
  [STRING, 'a"b', String.raw`"a\"b"`, 'a"b'],
  [BYTES, new TextEncoder().encode('hi'), '"aGk="', 'hi'],
  [{ kind: 'DATE' }, 0, '"1970-01-01"', '1970-01-01'],
  [timestamp('TIMESTAMP', 3), 1500, '"1970-01-01T00:00:01.5"', '1970-01-01 00:00:01.500'],
  [timestamp('TIMESTAMP_LTZ', 3), 1000, '"1970-01-01T00:00:01Z"', '1970-01-01 00:00:01.000'],
  [{ kind: 'ARRAY', element: inner(BIGINT) }, [9007199254740993n, null], '[9007199254740993,null]', '[9007199254740993, NULL]'],
  [ROW, [1, 'x'], '{"a":1,"b":"x"}', '(1, x)'],
])('%o %s', (type, value, json, text) => {
  const head = { columns: [resultColumn('c', type)], isQuery: true, zone: UTC };
  expect(JSON.stringify(fieldsIn('JSON', head)([value]))).toBe(`[${json}]`);
  expect(fieldsIn('PLAIN_TEXT', head)([value])).toEqual([text]);
  expect([fieldsIn('JSON', head)([null]), fieldsIn('PLAIN_TEXT', head)([null])]).toEqual([[null], [null]]);
});

test('an instant as text: of a query in the zone of the session, else as Java has it', () => {
  const columns = [resultColumn('c', timestamp('TIMESTAMP_LTZ', 6))];
  const row = [1_500_000_000n];
  expect(fieldsIn('PLAIN_TEXT', { columns, isQuery: true, zone: sessionZone('Asia/Tokyo') ?? UTC })(row)).toEqual(['1970-01-01 09:00:01.500000']);
  expect(fieldsIn('PLAIN_TEXT', { columns, isQuery: false, zone: UTC })(row)).toEqual(['1970-01-01T00:00:01.500']);
});
