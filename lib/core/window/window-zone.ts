/**
 * Windows over instants (TIMESTAMP_LTZ, processing time) in the time zone of the session: their bounds are wall clocks, and the watermark is an
 * instant (Flink's TimeWindowUtil). A window without a zone has row times that are wall clocks themselves: nothing is converted.
 */
import { eventTime, type EventTime } from '../numbers.ts';
import type { TimeWindow } from '../plan.ts';
import { sessionZone } from '../time/zone-id.ts';
import { toEpoch, toLocal, type TimeZone } from '../time/zone.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const zoneOfWindow = ({ zone }: TimeWindow): TimeZone | null => (zone === undefined ? null : sessionZone(zone));

/** The wall clock at a row time. */
export function wallClockOf(window: TimeWindow, time: EventTime): EventTime {
  const zone = zoneOfWindow(window);
  return zone === null ? time : eventTime(toLocal(zone, time));
}

/** `window_time`, the last millisecond of a window, as a row time: of an hour that comes twice the first time. */
export function windowTimeOf(window: TimeWindow, end: number): number {
  const zone = zoneOfWindow(window);
  return zone === null ? end - 1 : toEpoch(zone, end - 1);
}

/**
 * E2: the watermark with which the window that ends at `end` fires. In the hour that daylight saving time skips it is the first instant of what comes
 * behind; where an hour comes twice, its second time (Flink's toEpochMillsForTimer).
 */
export function timerOf(window: TimeWindow, end: number): number {
  const zone = zoneOfWindow(window);
  return zone === null ? end - 1 : timerAt(zone, end - 1);
}

function timerAt(zone: TimeZone, local: number): number {
  const first = toEpoch(zone, local);
  if (!zone.usesDaylightTime) return first;
  const hourLater = toEpoch(zone, local + HOUR);
  if (hourLater === first) return first - (first % HOUR);
  return hourLater - first > HOUR ? first + HOUR : first;
}

/** What the wall clock may be ahead of UTC around an instant. */
export interface Offsets {
  readonly least: number;
  readonly most: number;
}

/**
 * Of the days around a watermark. Windows that end farther away fire or do not whatever the clock does; as long as both offsets are the same, so do
 * all others by plain arithmetic.
 */
export function offsetsAround(zone: TimeZone, time: EventTime): Offsets {
  const offsets = [zone.offsetAt(time - 2 * DAY), zone.offsetAt(time), zone.offsetAt(time + 2 * DAY)];
  return { least: Math.min(...offsets), most: Math.max(...offsets) };
}

/** How much later than its own wall clock a window may fire, where the clock changes. */
export const slackOf = ({ least, most }: Offsets): number => (least === most ? 0 : most - least + HOUR);
