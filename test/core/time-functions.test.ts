/** Functions on dates and times, with the results of Flink 2.1. */
import { expect, test } from 'vitest';
import { callFunction, castTo, columnAt, compileExpression, foldConstants, inZone, isNullable, literal } from '../../lib/core/expression.ts';
import type { Clock } from '../../lib/core/functions/clock.ts';
import type { Expression } from '../../lib/core/plan.ts';
import { BIGINT, INT, STRING, TIMESTAMP3, type SqlType, type Value } from '../../lib/core/types.ts';
import { valueText } from '../../lib/core/value-text.ts';

const LTZ3: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 3 };
const TIMESTAMP6: SqlType = { kind: 'TIMESTAMP', precision: 6 };
const TIME0: SqlType = { kind: 'TIME', precision: 0 };
const DATE: SqlType = { kind: 'DATE' };

const at = (text: string): number => Date.parse(`${text}Z`);
const text = (value: string): Expression => literal(STRING, value);
const timestamp = (value: string): Expression => literal(TIMESTAMP3, at(value));
const instant = (value: string): Expression => literal(LTZ3, at(value));
const date = (value: string): Expression => literal(DATE, at(value) / 86_400_000);
const int = (value: number): Expression => literal(INT, value);

function made(e: Expression | string): Expression {
  if (typeof e === 'string') throw new Error(e);
  return e;
}
const call = (name: string, ...args: Expression[]): Expression => made(callFunction(name, args));
const cast = (e: Expression, type: SqlType, safe = false): Expression => made(castTo(e, type, safe));

/** The value as text, in a session of a zone; that of a TIMESTAMP_LTZ is in UTC. */
function result(e: Expression, zone = 'UTC', clock?: Clock): string | null {
  const value: Value = compileExpression(zone === 'UTC' ? e : inZone(e, zone), clock)([]);
  return value === null ? null : valueText(e.type, value);
}

test.each<[string, Expression, string | null, string?]>([
  ['FLOOR to a week, which begins on Sunday', call('FLOOR TO', timestamp('2024-02-29T12:34:56.789'), text('WEEK')), '2024-02-25 00:00:00.000'],
  ['FLOOR to a month before 1970, which Flink takes for 1970', call('FLOOR TO', timestamp('1969-12-31T23:59:59.999'), text('MONTH')), '1970-01-01 00:00:00.000'],
  ['FLOOR to a day before 1970', call('FLOOR TO', timestamp('1969-12-31T23:59:59.999'), text('DAY')), '1969-12-31 00:00:00.000'],
  ['CEIL to a century', call('CEIL TO', timestamp('2024-02-29T00:00:00'), text('CENTURY')), '2101-01-01 00:00:00.000'],
  ['CEIL of a date to a day, which adds one', call('CEIL TO', date('2024-02-29'), text('DAY')), '2024-03-01'],
  ['FLOOR of a date to an hour', call('FLOOR TO', date('1990-10-14'), text('HOUR')), '1990-10-14'],
  ['CEIL of microseconds', call('CEIL TO', literal(TIMESTAMP6, 1_582_941_419_987_654_000n), text('MILLISECOND')), '2020-02-29 01:56:59.988000'],
  ['FLOOR of an instant by the wall clock', call('FLOOR TO', instant('2021-03-28T01:30:00'), text('DAY')), '2021-03-27 04:00:00.000', 'America/New_York'],
  ['FLOOR of an instant, with the offset that it has itself', call('FLOOR TO', instant('2021-03-28T01:30:00'), text('YEAR')), '2021-01-01 04:00:00.000', 'America/New_York'],
  ['EXTRACT from an instant', call('EXTRACT', text('HOUR'), instant('2024-01-01T00:00:00')), '5', 'Asia/Kathmandu'],
  ['EXTRACT of the ISO year', call('EXTRACT', text('ISOYEAR'), timestamp('2021-01-03T23:00:00')), '2020'],
  ['EXTRACT of microseconds', call('EXTRACT', text('MICROSECOND'), literal(TIMESTAMP6, 1_709_210_096_123_456_000n)), '123456'],
  ['TIMESTAMPADD of months', call('TIMESTAMPADD', text('MONTH'), int(1), timestamp('2024-01-31T10:00:00')), '2024-02-29 10:00:00.000'],
  ['TIMESTAMPADD of hours to a date', call('TIMESTAMPADD', text('HOUR'), int(3), date('2024-02-29')), '2024-02-29 03:00:00.000000'],
  ['TIMESTAMPDIFF in months that are not over', call('TIMESTAMPDIFF', text('MONTH'), timestamp('2024-03-31T00:00:00'), timestamp('2024-02-29T12:00:00')), '-1'],
  ['TIMESTAMPDIFF of a TIME, in months', call('TIMESTAMPDIFF', text('MONTH'), literal(TIME0, 0), timestamp('2021-02-04T12:00:00')), '613'],
  ['TIMESTAMPDIFF in years', call('TIMESTAMPDIFF', text('YEAR'), date('1961-08-04'), date('2001-02-03')), '39'],
  ['DATE_FORMAT of an instant', call('DATE_FORMAT', instant('2024-02-29T12:34:56.789'), text('HH:mm:ss.SSS')), '04:34:56.789', 'America/Los_Angeles'],
  ['DATE_FORMAT of text', call('DATE_FORMAT', text('2024-02-29 12:34:56.789'), text('yyyyMMdd')), '20240229'],
  ['DATE_FORMAT of text that is no timestamp', call('DATE_FORMAT', text('2021-01-03'), text('yyyy')), null],
  ['FROM_UNIXTIME', call('FROM_UNIXTIME', literal(BIGINT, 1_714_979_289n)), '2024-05-06 03:08:09', 'America/New_York'],
  ['FROM_UNIXTIME in summer', call('FROM_UNIXTIME', literal(BIGINT, 1_714_979_289n), text('HH z')), '03 EDT', 'America/New_York'],
  ['FROM_UNIXTIME in winter', call('FROM_UNIXTIME', literal(BIGINT, 0n), text('HH z')), '01 CET', 'Europe/Berlin'],
  ['FROM_UNIXTIME in the south', call('FROM_UNIXTIME', literal(BIGINT, 0n), text('z')), 'AEST', 'Australia/Sydney'],
  ['FROM_UNIXTIME in a zone without a name', call('FROM_UNIXTIME', literal(BIGINT, 0n), text('z')), 'GMT-03:00', 'America/Bahia'],
  ['CONVERT_TZ of an hour that comes twice', call('CONVERT_TZ', text('2024-10-27 02:30:00'), text('Europe/Berlin'), text('UTC')), '2024-10-27 01:30:00'],
  ['UNIX_TIMESTAMP of nonsense', call('UNIX_TIMESTAMP', text('x')), '-9223372036854775808'],
  ['UNIX_TIMESTAMP', call('UNIX_TIMESTAMP', text('2024-01-01 00:00:00')), '1704034800', 'Asia/Tokyo'],
  ['TO_TIMESTAMP with a pattern', call('TO_TIMESTAMP', text('06/05/2024 07:08'), text('dd/MM/yyyy HH:mm')), '2024-05-06 07:08:00.000'],
  ['TO_TIMESTAMP of what the pattern does not fit, but JDBC takes', call('TO_TIMESTAMP', text('2024-05-06 07:08:09'), text('dd/MM/yyyy')), '2024-05-06 07:08:09.000'],
  ['TO_TIMESTAMP with a pattern that is none', call('TO_TIMESTAMP', text('2024'), text('bogus')), null],
  ['TO_TIMESTAMP_LTZ of text, which is UTC', call('TO_TIMESTAMP_LTZ', text('2024-05-06 07:08:09.123')), '2024-05-06 07:08:09.123', 'Europe/Berlin'],
  ['TO_TIMESTAMP_LTZ with a zone', call('TO_TIMESTAMP_LTZ', text('2024-05-06 07'), text('yyyy-MM-dd HH'), text('Asia/Tokyo')), '2024-05-05 22:00:00.000'],
  ['TO_TIMESTAMP_LTZ of seconds beyond 9999', call('TO_TIMESTAMP_LTZ', literal(BIGINT, 10n ** 12n), int(0)), null],
  ['TO_DATE with a pattern, lenient', call('TO_DATE', text('2024-02-30'), text('yyyy-MM-dd')), '2024-03-01'],
  ['TO_DATE, strict', call('TO_DATE', text('2024-02-30')), null],
  ['CAST of an instant to text', cast(instant('1985-06-01T00:00:00'), STRING), '1985-06-01 05:30:00.000', 'Asia/Kathmandu'],
  ['CAST to an instant in a gap', cast(text('2024-03-31 02:30:00'), LTZ3), '2024-03-31 01:30:00.000', 'Europe/Berlin'],
  ['CAST to fewer digits before 1970, which cuts towards it', cast(timestamp('1969-12-31T23:59:59.999'), { kind: 'TIMESTAMP', precision: 0 }), '1970-01-01 00:00:00'],
  ['CAST of text to fewer digits', cast(text('2024-02-29 1:2:3.456'), { kind: 'TIMESTAMP', precision: 1 }), '2024-02-29 01:02:03.4'],
  ['TRY_CAST of a day that is not', cast(text('2023-02-29'), DATE, true), null],
  ['CAST of a TIME to text', cast(cast(text('12:34:56.7'), { kind: 'TIME', precision: 3 }), STRING), '12:34:56.7'],
])('%s', (_, e, expected, zone) => {
  expect(result(e, zone)).toBe(expected);
});

test.each<[string, Expression]>([
  ["For input string: '2023-02-29'.", cast(text('2023-02-29'), DATE)],
  ["Text '2024-02-29 12:34' could not be parsed, unparsed text found at index 10", cast(text('2024-02-29 12:34'), TIMESTAMP3)],
  ['Invalid value for MonthOfYear (valid values 1 - 12): 13', cast(text('2024-13-01 00:00:00'), TIMESTAMP3)],
  ['Invalid value for NanoOfSecond (valid values 0 - 999999999): -1000000', cast(timestamp('1969-12-31T23:59:59.999'), TIME0)],
  // Also where a cast that fails gives NULL.
  ['Invalid value for HourOfDay (valid values 0 - 23): 42', cast(text(' 42 '), TIME0, true)],
  ['Invalid value for HourOfDay (valid values 0 - 23): 24', call('CEIL TO', literal(TIME0, at('1970-01-01T23:59:59')), text('HOUR'))],
  ["The precision value '6' for function TO_TIMESTAMP_LTZ(numeric, precision) is unsupported", call('TO_TIMESTAMP_LTZ', literal(BIGINT, 0n), int(6))],
  ['Unknown pattern letter: b', call('DATE_FORMAT', timestamp('2024-01-01T00:00:00'), text('bogus{'))],
  ["Illegal pattern character 'b'", call('FROM_UNIXTIME', literal(BIGINT, 0n), text('bogus'))],
])('fails: %s', (message, e) => {
  expect(() => result(e)).toThrow(message);
  // The job fails, and not the planner.
  expect(foldConstants(e)).toEqual(e);
});

test('the clock is that of whoever evaluates', () => {
  const clock: Clock = { now: at('2024-07-01T22:30:00.500'), watermark: null };
  const now = (name: string): string | null => result(call(name), 'Europe/Berlin', clock);
  expect(['CURRENT_TIMESTAMP', 'NOW', 'LOCALTIMESTAMP', 'CURRENT_DATE', 'LOCALTIME', 'UNIX_TIMESTAMP'].map(now)).toEqual([
    '2024-07-01 22:30:00.500', '2024-07-01 22:30:00.500', '2024-07-02 00:30:00.500', '2024-07-02', '00:30:00', '1719873000',
  ]);
  const watermark = call('CURRENT_WATERMARK', columnAt(0, TIMESTAMP3));
  expect([result(watermark, 'UTC', clock), result(watermark, 'UTC', { ...clock, watermark: 0 })]).toEqual([null, '1970-01-01 00:00:00.000']);
  expect([foldConstants(call('NOW')).op, isNullable(call('NOW'), []), isNullable(watermark, [])]).toEqual(['call', false, true]);
});

test('what depends on the time zone is no constant before it is known', () => {
  const e = cast(text('2024-07-01 00:00:00'), LTZ3);
  expect(foldConstants(e)).toEqual(e);
  expect(foldConstants(inZone(e, 'Europe/Berlin'))).toEqual(literal(LTZ3, at('2024-06-30T22:00:00')));
});

test('a constant of the time zone is computed for the first row alone', () => {
  const e = inZone(cast(text('2024-07-01 00:00:00'), LTZ3), 'Europe/Berlin');
  const evaluate = compileExpression(e);
  expect([evaluate([]), evaluate([])]).toEqual([at('2024-06-30T22:00:00'), at('2024-06-30T22:00:00')]);
  const clock: Clock = { now: 1, watermark: null };
  const now = compileExpression(call('NOW'), clock);
  expect([now([]), (clock.now = 2), now([])]).toEqual([1, 2, 2]);
});
