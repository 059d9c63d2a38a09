/** Windows as slices: every time lies in exactly one, before and after 1970, with any offset, and it fires at its last millisecond. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTime } from '../../lib/core/numbers.ts';
import type { SlicedWindow } from '../../lib/core/plan.ts';
import { fireTimeOf, isInSomeWindow, isLate, nextWindowEnd, sliceEndOf, slicesOf, windowEndsBetween, windowStartOf } from '../../lib/core/window/slices.ts';

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
        expect(sliceEndOf(spec, fireTimeOf(spec, end))).toBe(end);
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

describe('overlapping windows', () => {
  const overlapping = fc.oneof(
    fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: -50, max: 50 })).map(([sizeMs, slideMs, offsetMs]): SlicedWindow => ({ kind: 'hop', sizeMs, slideMs, offsetMs })),
    fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: -50, max: 50 })).map(([stepMs, steps, offsetMs]): SlicedWindow => ({ kind: 'cumulate', sizeMs: stepMs * steps, stepMs, offsetMs })),
  );
  const near = fc.integer({ min: -500, max: 500 }).map(eventTime);

  /** Every window [start, end) that contains `t`, by looking at all of them. */
  function containing(window: SlicedWindow, t: number): number[] {
    const starts = Array.from({ length: 2000 }, (_, i) => i - 1000);
    const modulo = (n: number, by: number): number => ((n % by) + by) % by;
    if (window.kind === 'hop') return starts.filter((s) => modulo(s - window.offsetMs, window.slideMs) === 0 && s <= t && t < s + window.sizeMs).map((s) => s + window.sizeMs);
    if (window.kind === 'tumble') return [];
    const start = starts.find((s) => modulo(s - window.offsetMs, window.sizeMs) === 0 && s <= t && t < s + window.sizeMs) ?? 0;
    return Array.from({ length: window.sizeMs / window.stepMs }, (_, k) => start + (k + 1) * window.stepMs).filter((end) => t < end);
  }

  const ALL = [eventTime(-1e6), eventTime(1e6)] as const;

  test('contain a row exactly if they contain its slice', () => {
    fc.assert(
      fc.property(overlapping, near, (window, t) => {
        const slice = sliceEndOf(window, t);
        const ends = windowEndsBetween(window, slice, ...ALL);
        expect(ends).toEqual(containing(window, t));
        expect(isInSomeWindow(window, slice)).toBe(ends.length > 0);
        for (const end of ends) {
          expect(slicesOf(window, end)).toContain(slice);
          expect(windowStartOf(window, end) <= t).toBe(true);
        }
      }),
    );
  });

  test('fire one after the other, and the row is late behind the last', () => {
    fc.assert(
      fc.property(overlapping, near, near, near, (window, t, a, b) => {
        const slice = sliceEndOf(window, t);
        const ends = containing(window, t);
        const [from, to] = a < b ? [a, b] : [b, a];
        expect(windowEndsBetween(window, slice, from, to)).toEqual(ends.filter((end) => from < end - 1 && end - 1 <= to));
        expect(nextWindowEnd(window, slice, from)).toBe(ends.find((end) => end - 1 > from) ?? null);
        if (ends.length > 0) expect(isLate(window, slice, from, 7)).toBe(ends.every((end) => end - 1 + 7 <= from));
      }),
    );
  });
});
