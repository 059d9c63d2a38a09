/** Patterns of java.time's DateTimeFormatter and of SimpleDateFormat: what Java prints and reads by them. */
import { expect, test } from 'vitest';
import { dateTimeOf, localMs } from '../../lib/core/time/date-time.ts';
import { formatDateTime } from '../../lib/core/time/datetime-format.ts';
import { parseDateTime } from '../../lib/core/time/datetime-parse.ts';
import { compilePattern } from '../../lib/core/time/datetime-pattern.ts';
import { formatSimple } from '../../lib/core/time/simple-format.ts';
import { parseSimple } from '../../lib/core/time/simple-parse.ts';
import { compileSimplePattern } from '../../lib/core/time/simple-pattern.ts';
import { UTC, lenientZone } from '../../lib/core/time/zone-id.ts';

const at = (text: string): number => Date.parse(`${text}Z`);

test.each([
  ['yyyy/M/d H:m:s', '2021/1/3 23:0:0'],
  ['EEE, d MMM yyyy', 'Sun, 3 Jan 2021'],
  ['EEEE MMMM', 'Sunday January'],
  ['yy DDD w', '21 003 2'],
  ['hh:mm a', '11:00 PM'],
  ['SSSSSS', '500500'],
  ['Q QQQ', '1 Q1'],
  ['e Y W F', '1 2021 2 1'],
  ["yyyy-MM-dd'T'HH ''", "2021-01-03T23 '"],
  ['[yyyy] G', '2021 AD'],
])('java.time prints %s as %s', (pattern, text) => {
  expect(formatDateTime(compilePattern(pattern), dateTimeOf(at('2021-01-03T23:00:00.500'), 500_000))).toBe(text);
});

test.each([
  ['yyyyMMddHHmmssSSS', '20240506070809123', '2024-05-06T07:08:09.123'],
  ['dd/MM/yyyy HH:mm', '06/05/2024 07:08', '2024-05-06T07:08:00'],
  ["yyyy-MM-dd'T'HH:mm:ssX", '2024-05-06T07:08:09Z', '2024-05-06T07:08:09'],
  ['yyyy-MM-dd', '2023-02-30', '2023-02-28'],
  ['yyyy-MM-dd HH:mm', '2024-01-01 24:00', '2024-01-02T00:00:00'],
  ['yy-M-d', '24-2-9', '2024-02-09'],
  ['d MMM yyyy h:mm a', '9 Feb 2024 12:05 AM', '2024-02-09T00:05:00'],
  ['yyyy-DDD', '2024-366', '2024-12-31'],
  ['HH:mm', '12:34', '1970-01-01T12:34:00'],
])('java.time reads %s: %s is %s', (pattern, text, expected) => {
  const read = parseDateTime(compilePattern(pattern), text);
  expect(typeof read === 'string' ? read : localMs(read)).toBe(at(expected.length === 10 ? `${expected}T00:00:00` : expected));
});

test.each([
  ['yyyy', 'bad', "Text 'bad' could not be parsed at index 0"],
  ['yyyy-MM-dd', '2024-02-09 12', "Text '2024-02-09 12' could not be parsed, unparsed text found at index 10"],
  ['yyyy-MM-dd', '2024-13-01', 'Invalid value for MonthOfYear (valid values 1 - 12): 13'],
  ['yyyy-MM-dd', '2024-2-1', "Text '2024-2-1' could not be parsed at index 5"],
  ['EEE yyyy-MM-dd', 'Mon 2021-01-03', 'Conflict found: Field DayOfWeek 7 differs from DayOfWeek 1'],
])('java.time refuses %s: %s', (pattern, text, message) => {
  expect(parseDateTime(compilePattern(pattern), text)).toBe(message);
});

test.each([
  ['bogus{', 'Unknown pattern letter: b'],
  ["yyyy'", 'Pattern ends with an incomplete string literal'],
  ['HHH', 'Too many pattern letters: H'],
  ['yyyy]', 'Pattern invalid as it contains ] without previous ['],
  ['yyyy#', "Pattern includes reserved character: '#'"],
])('java.time has no pattern %s', (pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(message);
});

test.each([
  ['yyyy-MM-dd HH:mm:ss', '2021-01-03 15:00:00'],
  ['yyyy/MM/dd HH', '2021/01/03 15'],
  ['EEE MMM d h a', 'Sun Jan 3 3 PM'],
  ['SSS u D', '500 7 3'],
  ['XXX Z', '-08:00 -0800'],
])('SimpleDateFormat prints %s as %s', (pattern, text) => {
  expect(formatSimple(compileSimplePattern(pattern), at('2021-01-03T23:00:00.500'), lenientZone('America/Los_Angeles'))).toBe(text);
});

test.each([
  ['yyyy-MM-dd HH:mm:ss', '2024-02-29 12:34:56.789 and more', '2024-02-29T12:34:56'],
  ['yyyy-MM-dd', '2024-02-30', '2024-03-01T00:00:00'],
  ['yyyyMM', '202405', '2024-05-01T00:00:00'],
  ['dd.MM.yyyy', '6.5.2024', '2024-05-06T00:00:00'],
  ['yyyy-MM-dd', '1582-10-04', '1582-10-14T00:00:00'],
])('SimpleDateFormat reads %s: %s is %s', (pattern, text, expected) => {
  expect(parseSimple(compileSimplePattern(pattern), text, UTC)).toBe(at(expected));
});

test('SimpleDateFormat reads nothing else', () => {
  expect(parseSimple(compileSimplePattern('yyyy-MM-dd HH:mm:ss'), '2021-01-03', UTC)).toBeNull();
  expect(() => compileSimplePattern('bogus')).toThrow("Illegal pattern character 'b'");
});
