/**
 * Windows as slices (protocol E2-E4; Flink's TimeWindowUtil and SliceAssigners). A slice is the largest interval that every window
 * contains or excludes as a whole; it is named by its end (exclusive, epoch ms; with a time zone the wall clock as if it were UTC). A TUMBLE window
 * is one slice.
 */
import { eventTime, type EventTime } from '../numbers.ts';
import type { SlicedWindow, TimeWindow, WindowSpec } from '../plan.ts';
import { offsetsAround, slackOf, timerOf, zoneOfWindow } from './window-zone.ts';

/** Length of every slice, ms. */
export function sliceMsOf(window: SlicedWindow): number {
  switch (window.kind) {
    case 'tumble':
      return window.sizeMs;
    case 'hop':
      return greatestDivisor(window.sizeMs, window.slideMs);
    case 'cumulate':
      return window.stepMs;
  }
}

/** End of the slice that contains `t`, a wall clock where the window has a zone. */
export function sliceEndOf(window: SlicedWindow, t: EventTime): EventTime {
  const length = sliceMsOf(window);
  return eventTime(alignDown(t, length, window.offsetMs) + length);
}

/** Start of the slice that ends at `end`. */
export function sliceStartOf(window: SlicedWindow, end: EventTime): EventTime {
  return eventTime(end - sliceMsOf(window));
}

/** Start of the window that ends at `end`. */
export function windowStartOf(window: SlicedWindow, end: EventTime): EventTime {
  return eventTime(window.kind === 'cumulate' ? alignDown(end - 1, window.sizeMs, window.offsetMs) : end - window.sizeMs);
}

/** Ends of the windows that contain a slice: `first`, then every `everyMs` up to `last`. None where `first` is above `last`. */
interface WindowEnds {
  readonly first: number;
  readonly last: number;
  readonly everyMs: number;
}

function windowEndsOf(window: SlicedWindow, sliceEnd: number): WindowEnds {
  switch (window.kind) {
    case 'tumble':
      return { first: sliceEnd, last: sliceEnd, everyMs: window.sizeMs };
    case 'cumulate': {
      const start = alignDown(sliceEnd - 1, window.sizeMs, window.offsetMs);
      return { first: sliceEnd, last: start + window.sizeMs, everyMs: window.stepMs };
    }
    case 'hop': {
      const { sizeMs, slideMs, offsetMs } = window;
      const lastStart = alignDown(sliceEnd - sliceMsOf(window), slideMs, offsetMs);
      const firstStart = alignDown(sliceEnd - sizeMs + slideMs - 1, slideMs, offsetMs);
      return { first: firstStart + sizeMs, last: lastStart + sizeMs, everyMs: slideMs };
    }
  }
}

/** False where a HOP whose slide is longer than its size leaves rows out of every window. */
export function isInSomeWindow(window: SlicedWindow, sliceEnd: EventTime): boolean {
  const { first, last } = windowEndsOf(window, sliceEnd);
  return first <= last;
}

/** End of the first window with the slice that has not fired when the watermark is `watermark`; null if all have. */
export function nextWindowEnd(window: SlicedWindow, sliceEnd: number, watermark: EventTime): EventTime | null {
  const { first, last, everyMs } = windowEndsOf(window, sliceEnd);
  const fired = Math.max(0, Math.ceil((firedBefore(window, watermark) + 2 - first) / everyMs));
  let end = first + fired * everyMs;
  while (end <= last && fireTimeOf(window, eventTime(end)) <= watermark) end += everyMs;
  return end <= last ? eventTime(end) : null;
}

/** All windows whose last millisecond is not behind this have fired when the watermark is `watermark`; mostly no other has. */
function firedBefore(window: TimeWindow, watermark: EventTime): number {
  const zone = zoneOfWindow(window);
  if (zone === null) return watermark;
  const offsets = offsetsAround(zone, watermark);
  return watermark + offsets.least - slackOf(offsets);
}

/** Ends of the windows with the slice that fire while the watermark moves from `from` (fired already) to `to`, ascending. */
export function windowEndsBetween(window: SlicedWindow, sliceEnd: number, from: EventTime, to: EventTime): EventTime[] {
  const { last, everyMs } = windowEndsOf(window, sliceEnd);
  const ends: EventTime[] = [];
  const first = nextWindowEnd(window, sliceEnd, from) ?? Number.POSITIVE_INFINITY;
  for (let end = first; end <= last && fireTimeOf(window, eventTime(end)) <= to; end += everyMs) ends.push(eventTime(end));
  return ends;
}

/** Ends of the windows that contain `t`, a wall clock where the window has a zone, ascending. */
export function windowEndsAt(window: SlicedWindow, t: EventTime): EventTime[] {
  const { first, last, everyMs } = windowEndsOf(window, sliceEndOf(window, t));
  const ends: EventTime[] = [];
  for (let end = first; end <= last; end += everyMs) ends.push(eventTime(end));
  return ends;
}

/** Ends of the slices that the window ending at `end` consists of, ascending. */
export function slicesOf(window: SlicedWindow, end: EventTime): EventTime[] {
  const length = sliceMsOf(window);
  const ends: EventTime[] = [];
  for (let slice = windowStartOf(window, end) + length; slice <= end; slice += length) ends.push(eventTime(slice));
  return ends;
}

/** E2: a window fires when the watermark reaches its last millisecond; a later window that shares slices with it never fires before it. */
export function fireTimeOf(window: WindowSpec, windowEnd: EventTime): EventTime {
  if (window.kind === 'unbounded') return windowEnd;
  const zone = zoneOfWindow(window);
  if (zone === null) return eventTime(windowEnd - 1);
  const own = timerOf(window, windowEnd);
  if (window.kind === 'tumble' || window.kind === 'session') return eventTime(own);
  const offsets = offsetsAround(zone, eventTime(own));
  const change = offsets.most - offsets.least;
  // Where the clock changes by a whole hour, timers follow one another as the ends of windows do.
  if (change === 0 || change === WHOLE_HOUR) return eventTime(own);
  let latest = own;
  for (let end = windowEnd - everyMsOf(window); end > windowEnd - slackOf(offsets); end -= everyMsOf(window)) latest = Math.max(latest, timerOf(window, end));
  return eventTime(latest);
}

const WHOLE_HOUR = 3_600_000;

const everyMsOf = (window: SlicedWindow): number => (window.kind === 'hop' ? window.slideMs : window.kind === 'cumulate' ? window.stepMs : window.sizeMs);

/** When the last window with the slice is cleaned up: its fire time plus the allowed lateness, event time in ms (E4, E6). */
export function cleanupTimeOf(window: SlicedWindow, sliceEnd: EventTime, latenessMs: number): EventTime {
  return eventTime(fireTimeOf(window, eventTime(windowEndsOf(window, sliceEnd).last)) + latenessMs);
}

/** E4: a row is late if every window that contains its slice has been cleaned up. */
export function isLate(window: SlicedWindow, sliceEnd: EventTime, watermark: EventTime, latenessMs = 0): boolean {
  return cleanupTimeOf(window, sliceEnd, latenessMs) <= watermark;
}

/** Slices of a zone that are shorter than this are not looked for one by one: where clocks change, hours of them lie in between. */
const ZONED_SLICE_MIN_MS = 1000;

/** The first watermark above `watermark` at which a slice ends, or may end (E8). */
export function nextSliceFire(window: SlicedWindow, watermark: EventTime): EventTime {
  if (window.zone !== undefined && sliceMsOf(window) < ZONED_SLICE_MIN_MS) return eventTime(watermark + 1);
  let end = sliceEndOf(window, eventTime(firedBefore(window, watermark) + 1));
  while (timerOf(window, end) <= watermark) end = eventTime(end + sliceMsOf(window));
  return eventTime(timerOf(window, end));
}

function alignDown(t: number, length: number, offset: number): number {
  const into = (t - offset) % length;
  return t - (into < 0 ? into + length : into);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
