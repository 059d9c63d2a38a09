/** Windows in the time zone of a session: wall clocks as bounds, instants as watermarks, and the hours that are skipped or come twice. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTime, wallTime } from '../../lib/core/numbers.ts';
import type { SlicedWindow } from '../../lib/core/plan.ts';
import { SESSIONS } from '../../lib/core/window/pane.ts';
import { assignProcessingTime } from '../../lib/core/window/processing-time.ts';
import { fireTimeOf, isLate, nextSliceFire, nextWindowEnd, sliceEndOf, sliceMsOf, windowEndsAt, windowEndsBetween, windowStartOf } from '../../lib/core/window/slices.ts';
import { timerOf, wallClockOf, windowTimeOf } from '../../lib/core/window/window-zone.ts';

const HOUR = 3_600_000;
const LOS_ANGELES = 'America/Los_Angeles';
const LORD_HOWE = 'Australia/Lord_Howe';
const at = (text: string): number => Date.parse(`${text}Z`);
const tumble = (hours: number, zone = LOS_ANGELES): SlicedWindow => ({ kind: 'tumble', sizeMs: hours * HOUR, offsetMs: 0, zone });
const cumulate: SlicedWindow = { kind: 'cumulate', sizeMs: 4 * HOUR, stepMs: HOUR, offsetMs: 0, zone: LOS_ANGELES };

/** The first window of each row, as Flink's TumblingSliceAssignerTest and CumulativeSliceAssignerTest have them (testDstSaving). */
describe('rows of days on which the clock changes', () => {
  const instants = [1615708800000, 1615712400000, 1615716000000, 1615719600000, 1636268400000, 1636272000000, 1636275600000, 1636279200000, 1636282800000, 1636286400000];
  const firstWindow = (window: SlicedWindow, instant: number): string => {
    const [end = eventTime(0)] = windowEndsAt(window, wallClockOf(window, eventTime(instant)));
    const text = (ms: number): string => new Date(ms).toISOString().slice(5, 13);
    return `${text(windowStartOf(window, end))} ${text(end)}`;
  };

  test('TUMBLE of four hours', () => {
    expect(instants.map((instant) => firstWindow(tumble(4), instant))).toEqual([
      '03-14T00 03-14T04', '03-14T00 03-14T04', '03-14T00 03-14T04', '03-14T04 03-14T08',
      '11-07T00 11-07T04', '11-07T00 11-07T04', '11-07T00 11-07T04', '11-07T00 11-07T04', '11-07T00 11-07T04', '11-07T04 11-07T08',
    ]);
  });

  test('CUMULATE by the hour', () => {
    expect(instants.map((instant) => firstWindow(cumulate, instant))).toEqual([
      '03-14T00 03-14T01', '03-14T00 03-14T02', '03-14T00 03-14T04', '03-14T04 03-14T05',
      '11-07T00 11-07T01', '11-07T00 11-07T02', '11-07T00 11-07T02', '11-07T00 11-07T03', '11-07T00 11-07T04', '11-07T04 11-07T05',
    ]);
  });
});

test.each([
  // The hour that is skipped: as soon as it would have begun.
  ['2021-03-14T03:00:00', '2021-03-14T10:00:00.000'],
  ['2021-03-14T04:00:00', '2021-03-14T10:59:59.999'],
  // The hour that comes twice: the second time.
  ['2021-11-07T02:00:00', '2021-11-07T09:59:59.999'],
  ['2021-11-07T01:00:00', '2021-11-07T07:59:59.999'],
])('the window of an hour that ends at %s fires at %s', (end, timer) => {
  expect(new Date(timerOf(tumble(1), at(end))).toISOString()).toBe(`${timer}Z`);
});

test('window_time is the last millisecond of the window, of an hour that comes twice the first time', () => {
  expect(new Date(windowTimeOf(tumble(1), at('2021-11-07T02:00:00'))).toISOString()).toBe('2021-11-07T08:59:59.999Z');
  expect(windowTimeOf({ kind: 'tumble', sizeMs: HOUR, offsetMs: 0 }, 7200_000)).toBe(7199_999);
});

test('a row of the second hour is not late for the window that both share', () => {
  const window = tumble(1);
  const end = sliceEndOf(window, wallClockOf(window, eventTime(at('2021-11-07T09:59:00'))));
  expect(isLate(window, end, eventTime(at('2021-11-07T09:30:00')))).toBe(false);
  expect(isLate(window, end, eventTime(at('2021-11-07T10:00:00')))).toBe(true);
});

/** Some weeks around changes of the clock. */
const NEAR_CHANGES = fc.constantFrom(at('2021-03-14T10:00:00'), at('2021-11-07T09:00:00'), at('2024-04-06T15:00:00'), at('2024-10-05T15:30:00'), at('2024-07-01T00:00:00')).chain(
  (change) => fc.integer({ min: -72 * 60, max: 72 * 60 }).map((minutes) => change + minutes * 60_000),
);
const WINDOWS = fc.constantFrom<SlicedWindow>(
  tumble(1),
  tumble(24, LORD_HOWE),
  { kind: 'tumble', sizeMs: HOUR / 4, offsetMs: 60_000, zone: LORD_HOWE },
  cumulate,
  { kind: 'cumulate', sizeMs: 12 * HOUR, stepMs: HOUR / 2, offsetMs: 0, zone: LORD_HOWE },
  { kind: 'hop', sizeMs: 6 * HOUR, slideMs: HOUR / 4, offsetMs: 0, zone: LORD_HOWE },
  { kind: 'hop', sizeMs: 12 * HOUR, slideMs: 6 * HOUR, offsetMs: 0, zone: 'Europe/Berlin' },
);

test('windows fire when their fire time has come, and once, whatever the clock does', () => {
  fc.assert(
    fc.property(WINDOWS, NEAR_CHANGES, fc.integer({ min: -30 * 60, max: 30 * 60 }), fc.nat({ max: 3000 }), (window, instant, minutes, step) => {
      const slice = sliceEndOf(window, wallClockOf(window, eventTime(instant)));
      const ends = windowEndsAt(window, wallClockOf(window, eventTime(instant)));
      const from = eventTime(instant + minutes * 60_000);
      const to = eventTime(from + step * 60_000);
      const fired = ends.filter((end) => fireTimeOf(window, end) > from && fireTimeOf(window, end) <= to);
      expect(windowEndsBetween(window, slice, from, to)).toEqual(fired);
      expect(nextWindowEnd(window, slice, from)).toBe(ends.find((end) => fireTimeOf(window, end) > from) ?? null);
      if (window.kind !== 'tumble') expect(ends.map((end) => fireTimeOf(window, end))).toEqual(ends.map((end) => fireTimeOf(window, end)).toSorted((a, b) => a - b));
    }),
    { numRuns: 1000 },
  );
});

test('no slice ends between a watermark and the next end of a slice', () => {
  fc.assert(
    fc.property(WINDOWS, NEAR_CHANGES, (window, instant) => {
      const next = nextSliceFire(window, eventTime(instant));
      expect(next).toBeGreaterThan(instant);
      const first = sliceEndOf(window, eventTime(wallClockOf(window, eventTime(instant)) - 3 * HOUR));
      for (let end = first; end < first + 8 * HOUR; end = eventTime(end + sliceMsOf(window))) {
        const timer = timerOf(window, end);
        if (window.zone === LOS_ANGELES || window.zone === 'Europe/Berlin') expect(timer > instant && timer < next).toBe(false);
      }
    }),
  );
});

test('a window without change nearby is an hour of the zone', () => {
  fc.assert(
    fc.property(fc.integer({ min: at('2024-05-01T00:00:00'), max: at('2024-09-01T00:00:00') }), (instant) => {
      const window = tumble(1);
      const end = sliceEndOf(window, wallClockOf(window, eventTime(instant)));
      expect(fireTimeOf(window, end)).toBe(end - 1 + 7 * HOUR);
      expect(isLate(window, end, eventTime(instant))).toBe(fireTimeOf(window, end) <= instant);
    }),
  );
});

test('processing time is a wall clock too', () => {
  const columns = { end: 0, keys: ['k'], rows: [1], accumulators: [] };
  const entry = wallTime(at('2024-07-01T06:30:00'));
  expect(assignProcessingTime(tumble(24), columns, entry, wallTime(entry - 1)).end).toBe(at('2024-07-01T00:00:00'));
  // Fired already: the window of the time up to which they have.
  expect(assignProcessingTime(tumble(24), columns, entry, wallTime(at('2024-07-01T08:00:00'))).end).toBe(at('2024-07-02T00:00:00'));
  const session = assignProcessingTime({ kind: 'session', gapMs: HOUR, zone: LOS_ANGELES }, columns, entry, wallTime(entry - 1));
  expect(session).toMatchObject({ end: SESSIONS, spans: [[at('2024-06-30T23:30:00'), at('2024-07-01T00:30:00')]] });
});
