/**
 * Windows as slices (protocol E2, E3; Flink's TimeWindowUtil and SliceAssigners). A slice is the largest interval that every window
 * contains or excludes as a whole; it is named by its end. A TUMBLE window is one slice.
 */
import { eventTime, type EventTime } from './numbers.ts';
import type { WindowSpec } from './plan.ts';

/** End (exclusive, epoch ms) of the slice that contains `t`. */
export function sliceEndOf(spec: WindowSpec, t: EventTime): EventTime {
  const size = spec.sizeMs;
  const into = (t - spec.offsetMs) % size;
  return eventTime(t - (into < 0 ? into + size : into) + size);
}

/** Start of the window that ends with this slice. */
export function windowStartOf(spec: WindowSpec, sliceEnd: EventTime): EventTime {
  return eventTime(sliceEnd - spec.sizeMs);
}

/** E2: a window fires when the watermark reaches its last millisecond. */
export function fireTimeOf(windowEnd: EventTime): EventTime {
  return eventTime(windowEnd - 1);
}

/** E4 for TUMBLE: late if the only window that contains the slice has fired. */
export function isLate(sliceEnd: EventTime, watermark: EventTime): boolean {
  return fireTimeOf(sliceEnd) <= watermark;
}
