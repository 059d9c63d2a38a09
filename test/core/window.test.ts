/** Windows as slices: every time lies in exactly one, before and after 1970, with any offset, and it fires at its last millisecond. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTime } from '../../lib/core/numbers.ts';
import type { SlicedWindow } from '../../lib/core/plan.ts';
import { fireTimeOf, isLate, sliceEndOf, windowStartOf } from '../../lib/core/window/slices.ts';

const HOUR = 3_600_000;
const tumble = (sizeMs: number, offsetMs = 0): Extract<SlicedWindow, { kind: 'tumble' }> => ({ kind: 'tumble', sizeMs, offsetMs });
const at = (text: string): number => Date.parse(`${text}Z`);

test.each([
  ['in the middle', tumble(HOUR), '2025-12-30T10:59:59.999', '2025-12-30T11:00'],
  ['at its start', tumble(HOUR), '2025-12-30T10:00', '2025-12-30T11:00'],
  ['before 1970', tumble(HOUR), '1969-12-31T23:59:59.999', '1970-01-01T00:00'],
  ['at a start before 1970', tumble(HOUR), '1969-12-31T23:00', '1970-01-01T00:00'],
  ['with an offset', tumble(24 * HOUR, 8 * HOUR), '2025-12-30T07:59', '2025-12-30T08:00'],
  ['with a negative offset', tumble(24 * HOUR, -8 * HOUR), '2025-12-30T16:00', '2025-12-31T16:00'],
  ['with an offset, before 1970', tumble(24 * HOUR, 8 * HOUR), '1969-12-31T08:00', '1970-01-01T08:00'],
  ['of a size that does not divide the day', tumble(7 * HOUR), '1970-01-01T06:59', '1970-01-01T07:00'],
])('a row %s', (_, spec, time, end) => {
  expect(sliceEndOf(spec, eventTime(at(time)))).toBe(at(end));
});

const specs = fc.tuple(fc.integer({ min: 1, max: 10 * HOUR }), fc.integer({ min: -20 * HOUR, max: 20 * HOUR })).map(([size, offset]) => tumble(size, offset));
const times = fc.integer({ min: -1e13, max: 1e13 }).map(eventTime);

describe('whatever the size, the offset and the time', () => {
  test('a row lies in its window, and so does every other row of that window', () => {
    fc.assert(
      fc.property(specs, times, (spec, t) => {
        const end = sliceEndOf(spec, t);
        const start = windowStartOf(spec, end);
        expect(start <= t && t < end).toBe(true);
        expect(sliceEndOf(spec, start)).toBe(end);
        expect(sliceEndOf(spec, fireTimeOf(end))).toBe(end);
        expect(sliceEndOf(spec, end)).toBe(end + spec.sizeMs);
      }),
    );
  });

  test('windows are aligned with the offset', () => {
    fc.assert(
      fc.property(specs, times, (spec, t) => {
        expect(Math.abs((sliceEndOf(spec, t) - spec.offsetMs) % spec.sizeMs)).toBe(0);
      }),
    );
  });

  test('a window has fired exactly when the watermark has reached its last millisecond', () => {
    fc.assert(
      fc.property(specs, times, fc.integer({ min: -2, max: 2 }), (spec, t, distance) => {
        const end = sliceEndOf(spec, t);
        expect(isLate(spec, end, eventTime(end - 1 + distance))).toBe(distance >= 0);
      }),
    );
  });
});
