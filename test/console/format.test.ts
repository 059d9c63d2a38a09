import { expect, test } from 'vitest';
import { ago, bytes, clock, count, counted, duration, fullTime, span, time, usd } from '../../lib/console/words/format.js';
import { at, NOW } from './jobs.ts';

test('counts', () => {
  expect([count(1234567), count(null), counted(1, 'row'), counted(2, 'row')]).toEqual(['1,234,567', '–', '1 row', '2 rows']);
});

test('bytes have three digits', () => {
  expect([0, 999, 1000, 12_345, 123_456, 1e6, 3.2e12, 1e16].map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '12.3 kB', '123 kB', '1.0 MB', '3.2 TB', '10000 TB']);
});

test('durations have the two greatest units', () => {
  expect([-5, 12, 999, 59_999, 60_000, 65_000, 3_600_000, 3_720_000, 90_000_000].map(duration)).toEqual(['0 ms', '12 ms', '999 ms', '59 s', '1 min', '1 min 5 s', '1 h', '1 h 2 min', '1 d 1 h']);
  expect([ago(NOW - 999, NOW), ago(NOW - 65_000, NOW)]).toEqual(['just now', '1 min 5 s ago']);
});

test('times have the date where it is another day, and ms where there are some', () => {
  expect([time(at(1, 55), NOW), time(at(1) + 5, NOW), time(at(1) - 86_400_000, NOW), clock(at(1) + 999, NOW), fullTime(at(1))]).toEqual(['10:01:55', '10:01:00.005', '2026-03-13 10:01:00', '10:01:00', '2026-03-14 10:01:00 UTC']);
});

test('what is no date is unknown: the greatest watermark', () => {
  expect([time(Number.MAX_SAFE_INTEGER, NOW), span({ start: 0, end: Number.MAX_SAFE_INTEGER }, NOW)]).toEqual(['–', '–']);
});

test('windows have the precision that they need', () => {
  const day = 86_400_000;
  expect(span({ start: at(2), end: at(3) }, NOW)).toBe('10:02–10:03');
  expect(span({ start: at(2), end: at(2, 30) }, NOW)).toBe('10:02:00–10:02:30');
  expect(span({ start: at(2) - day, end: at(3) - day }, NOW)).toBe('2026-03-13 10:02–10:03');
  expect(span({ start: at(0), end: at(0) + day }, NOW)).toBe('10:00–2026-03-15 10:00');
  expect(span({ start: at(0) + 1, end: at(1) }, NOW)).toBe('10:00:00.001–10:01:00.000');
});

test('money is never nothing for something', () => {
  expect([null, 0, 0.00001, 0.00123, 0.456, 12.3, 1234.5].map(usd)).toEqual(['–', '$0', '< $0.0001', '$0.0012', '$0.46', '$12.30', '$1,234.50']);
});
