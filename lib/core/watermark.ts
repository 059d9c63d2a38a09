/**
 * Watermarks (protocol E1, F5, F6; Flink's WatermarkOutputMultiplexer and StatusWatermarkValve). A partition's watermark is the
 * maximum of the WATERMARK expression over its rows; a source's is the minimum over its partitions that are not idle; an
 * operator's the minimum over its sources that are not idle. None of them ever goes back.
 */
import { eventTime, type EventTime, type PartitionId, type WallTime } from './numbers.ts';

/** Before any watermark; written as null. */
export const MIN_WATERMARK: EventTime = eventTime(Number.MIN_SAFE_INTEGER);
/** End of input (`stop --drain`): every window fires. */
export const MAX_WATERMARK: EventTime = eventTime(Number.MAX_SAFE_INTEGER);

export const encodeWatermark = (wm: EventTime): number | null => (wm === MIN_WATERMARK ? null : wm);
export const decodeWatermark = (json: number | null): EventTime => (json === null ? MIN_WATERMARK : eventTime(json));

export const maxTime = (a: EventTime, b: EventTime): EventTime => (a > b ? a : b);
const minTime = (a: EventTime, b: EventTime): EventTime => (a < b ? a : b);

/** What the watermark of a source depends on, per partition. */
export interface PartitionProgress {
  readonly partition: PartitionId;
  readonly source: number;
  readonly watermark: EventTime;
  readonly idle: boolean;
}

export interface SourceWatermark {
  readonly watermark: EventTime;
  /** All partitions are idle, or there are none. */
  readonly idle: boolean;
}

/** F5 for one source; `previous` is its value in FIRE f-1. */
export function sourceWatermark(previous: EventTime, partitions: readonly PartitionProgress[]): SourceWatermark {
  const active = partitions.filter((p) => !p.idle);
  if (active.length > 0) {
    const low = active.map((p) => p.watermark).reduce(minTime);
    return { watermark: maxTime(previous, low), idle: false };
  }
  const high = partitions.map((p) => p.watermark).reduce(maxTime, previous);
  return { watermark: high, idle: true };
}

/** F5 for an operator above several sources; `previous` is its own last watermark. */
export function operatorWatermark(previous: EventTime, sources: readonly SourceWatermark[]): EventTime {
  const active = sources.filter((s) => !s.idle);
  const seen = active.length > 0 ? active : sources;
  if (seen.length === 0) return previous;
  const combine = active.length > 0 ? minTime : maxTime;
  return maxTime(previous, seen.map((s) => s.watermark).reduce(combine));
}

/** Facts about one partition that decide idleness. */
export interface Activity {
  /** New DATA entries in this step, or entries not read to the head (F13). */
  readonly hasNews: boolean;
  /** `procTime` of the last FIRE that covered a DATA entry; `at` of INIT before. */
  readonly lastDataAt: WallTime;
  /** Records wait in the topic behind the log. */
  readonly lagging: boolean;
}

/** F6: a partition is idle when its source has a timeout, nothing came within it, and nothing waits. */
export function isIdle(activity: Activity, idleTimeoutMs: number, now: WallTime): boolean {
  if (idleTimeoutMs <= 0 || activity.hasNews || activity.lagging) return false;
  return now - activity.lastDataAt > idleTimeoutMs;
}

/** The partition that holds the watermark of its source back, for people; null if none does. */
export function holderOf(partitions: readonly PartitionProgress[]): PartitionId | null {
  const active = partitions.filter((p) => !p.idle);
  const slowest = active.reduce<PartitionProgress | null>((a, b) => (a === null || b.watermark < a.watermark ? b : a), null);
  return slowest?.partition ?? null;
}
