/** Time in plans: the zone of the session, windows of processing time, literals of intervals, periods. */
import { expect, test } from 'vitest';
import { isKind, type Expression } from '../../lib/core/plan.ts';
import { checkSessionOption } from '../../lib/sql/session-options.ts';
import { planOf, refusalOf, type Setting } from './plan-support.ts';

const BERLIN = { 'table.local-time-zone': 'Europe/Berlin' };
const LTZ = { columns: ['id STRING', 'ts TIMESTAMP(3)', 'lz TIMESTAMP_LTZ(3)', 'pt AS PROCTIME()'], watermark: "lz AS lz - INTERVAL '5' SECOND" };

const project = (sql: string, setting: Setting): readonly Expression[] => planOf(sql, setting).nodes.filter(isKind('calc'))[0]?.project ?? [];

test('what depends on the time zone of the session has it in the plan, and nothing else has', () => {
  const setting = { tables: { events: LTZ }, sink: ['a DATE', 'b DATE', 'c STRING', 'd BIGINT', 'e STRING'], options: BERLIN };
  const query = "SELECT CAST(lz AS DATE), CAST(ts AS DATE), DATE_FORMAT(lz, 'yyyy'), EXTRACT(HOUR FROM lz), DATE_FORMAT(ts, 'yyyy') FROM events";
  const zones = project(query, setting).map((e) => (e.op === 'call' ? (e.zone ?? null) : 'no call'));
  expect(zones).toEqual(['Europe/Berlin', null, 'Europe/Berlin', 'Europe/Berlin', null]);
  expect(JSON.stringify(planOf(query, { ...setting, options: {} }).nodes)).not.toContain('"zone"');
});

test('casts that are implied depend on it too', () => {
  const [where] = planOf("SELECT id FROM events WHERE lz > '2024-07-01 00:00:00'", { tables: { events: LTZ }, sink: ['a STRING'], options: BERLIN }).nodes.filter(isKind('calc')).map((node) => node.where);
  expect(JSON.stringify(where)).toContain('"zone":"Europe/Berlin"');
});

test.each([
  ["TUMBLE(TABLE events, DESCRIPTOR(lz), INTERVAL '1' DAY)", 'Europe/Berlin', 'lz'],
  ["HOP(TABLE events, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '1' DAY)", 'Europe/Berlin', 'lz'],
  ["TUMBLE(TABLE events, DESCRIPTOR(pt), INTERVAL '1' DAY)", 'Europe/Berlin', null],
  ["SESSION(TABLE events PARTITION BY id, DESCRIPTOR(pt), INTERVAL '1' MINUTE)", 'Europe/Berlin', null],
])('windows over instants lie in it: %s', (window, zone, time) => {
  const query = `SELECT id, window_start, COUNT(*) FROM TABLE(${window}) GROUP BY id, window_start, window_end`;
  const plan = planOf(query, { tables: { events: LTZ }, sink: ['a STRING', 'b TIMESTAMP(3)', 'c BIGINT'], options: BERLIN });
  const [node] = plan.nodes.filter(isKind('window-aggregate'));
  expect(node?.window).toMatchObject({ zone });
  const input = plan.nodes.find(({ uid }) => uid === node?.input);
  const column = node?.timeColumn === null || input === undefined || input.kind === 'sink' ? null : input.columns[node?.timeColumn ?? -1]?.name;
  expect(column).toBe(time);
});

test('windows over row times without a zone have none', () => {
  const query = "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY window_start, window_end";
  const [node] = planOf(query, { sink: ['b TIMESTAMP(3)', 'c BIGINT'], options: BERLIN }).nodes.filter(isKind('window-aggregate'));
  expect(node?.window).toEqual({ kind: 'tumble', sizeMs: 86_400_000, offsetMs: 0 });
});

test.each(['Mars/Base', '+05:30', 'PST', 'europe/berlin'])('no session is in %s', (zone) => {
  expect(() => checkSessionOption('table.local-time-zone', zone)).toThrow("Invalid time zone. The value should be a Time Zone Database (TZDB) ID such as 'America/Los_Angeles'");
});

test.each([
  ["INTERVAL '100' HOUR", 'Interval field value 100 exceeds precision of HOUR(2) field'],
  ["INTERVAL '1:99' MINUTE TO SECOND", "Illegal interval literal format '1:99' for INTERVAL MINUTE TO SECOND"],
  ["INTERVAL '1 24' DAY TO HOUR", "Illegal interval literal format '1 24' for INTERVAL DAY TO HOUR"],
  ["INTERVAL '1.5' DAY", "Illegal interval literal format '1.5' for INTERVAL DAY"],
  ["INTERVAL '0.1234567' SECOND", "Illegal interval literal format '0.1234567' for INTERVAL SECOND"],
  ["DATE '2024-02-30'", "Illegal DATE literal '2024-02-30': not in format 'yyyy-MM-dd'"],
  ["TIME '24:00:00'", "Illegal TIME literal '24:00:00': not in format 'HH:mm:ss'"],
  ["TIMESTAMP '2024-02-29T00:00:00'", "not in format 'yyyy-MM-dd HH:mm:ss'"],
  ['CURRENT_WATERMARK(seen)', 'The argument of CURRENT_WATERMARK() must be a rowtime attribute'],
  ['EXTRACT(FORTNIGHT FROM ts)', "'FORTNIGHT' is not a valid time frame"],
  ["EXTRACT(YEAR FROM TIME '12:00:00')", 'unit YEAR can not be applied to time variable'],
])('%s is refused', (expression, message) => {
  expect(refusalOf(`SELECT ${expression} FROM events`)).toContain(message);
});

test.each([
  ["INTERVAL '1 02:03:04.567' DAY TO SECOND", '+1 02:03:04.567'],
  ["INTERVAL -'2-3' YEAR TO MONTH", '-2-03'],
  ["INTERVAL '0.5' SECOND", '+0 00:00:00.500'],
  ['INTERVAL 90 MINUTES', '+0 01:30:00.000'],
  ["INTERVAL '2' WEEK", '+14 00:00:00.000'],
  ["INTERVAL '1' DAY * 3", '+3 00:00:00.000'],
  ["CAST(INTERVAL '2' DAY AS INT)", '2'],
  ["(TIME '2:55:00', INTERVAL '1' HOUR) OVERLAPS (TIME '3:30:00', INTERVAL '2' HOUR)", 'TRUE'],
  ["(TIME '9:00:00', TIME '10:00:00') OVERLAPS (TIME '10:15:00', INTERVAL '3' HOUR)", 'FALSE'],
  ["(DATE '2024-01-01', DATE '2024-02-01') CONTAINS DATE '2024-01-15'", 'TRUE'],
  ["(DATE '2024-01-01', DATE '2024-01-10') PRECEDES (DATE '2024-02-01', DATE '2024-01-20')", 'TRUE'],
  ["TIMESTAMP '2024-02-29'", '2024-02-29 00:00:00'],
  ["TIMESTAMP '2024-02-29 1:2:3.5'", '2024-02-29 01:02:03.5'],
])('%s is %s', (expression, value) => {
  const [made] = project(`SELECT CAST(${expression} AS STRING) FROM events`, { sink: ['a STRING'] });
  expect(made?.op === 'literal' ? made.value : made).toBe(value);
});
