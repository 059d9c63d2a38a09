/** Values that come too late for all their windows, as a stream of their own (Flink's sideOutputLateData). */
import type { TimeWindow } from '../../core/plan.ts';
import { eventTime } from '../../core/numbers.ts';
import { sideOutput } from '../side-output.ts';
import { isLate, sliceEndOf } from '../../core/window/slices.ts';
import { keyedRows, type KeyedStream } from '../keyed-stream.ts';
import { processed } from '../process-function.ts';
import type { Transformation } from '../transformation.ts';

/** The keyed rows that are in time, and the stream of those that are late: a function in front of the window tells them apart as the window would (E4). */
export function withoutLate<K, T>(keyed: KeyedStream<K, T>, uid: string, window: TimeWindow, latenessMs: number): { readonly onTime: Transformation; readonly late: Transformation } {
  const tag = sideOutput<unknown>('late');
  const sorted = processed<K, {}, T, never>(keyed.graph, `${uid}-late`, keyed.timed(), {}, {
    inputs: [
      (value, context) => {
        const { timestamp } = context;
        const watermark = context.timers.currentWatermark();
        if (timestamp === null || watermark === null || !isTooLate(window, timestamp, watermark, latenessMs)) return [value];
        context.output(tag, value);
        return [];
      },
    ],
  });
  return { onTime: keyed.graph.add(keyedRows(sorted.transformation, keyed.keyOf, 0)), late: sorted.sideOutput(tag).transformation };
}

function isTooLate(window: TimeWindow, timestamp: number, watermark: number, latenessMs: number): boolean {
  return window.kind !== 'session' && isLate(window, sliceEndOf(window, eventTime(timestamp)), eventTime(watermark), latenessMs);
}
