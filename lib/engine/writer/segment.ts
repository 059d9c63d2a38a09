/**
 * What one batch becomes: a segment of partial aggregates and stateless rows (protocol §6). An entry's payload is a list of segments;
 * with cadence `on-periodic` it has one.
 */
import type { PaneColumns } from '../../core/window/pane.ts';
import type { JsonValue } from '../../core/plan.ts';
import { decodeWatermark, encodeWatermark } from '../../core/watermark.ts';
import type { EventTime, WallTime } from '../../core/numbers.ts';
import type { KeyChange } from '../../core/process/changes.ts';
import type { FunctionTime } from '../../core/process/partitioned-state.ts';

export interface Segment {
  /** Watermark of the partition behind the last record. */
  readonly watermark: EventTime;
  /** Rows the writer itself dropped as late, per operator (W8). */
  readonly late: Readonly<Record<string, number>>;
  /** Partial aggregates per operator uid, one set of columns per slice; the records of functions. */
  readonly sections: Readonly<Record<string, readonly PaneColumns[]>>;
  /** Encoded output rows of stateless paths, per sink uid. */
  readonly rows: Readonly<Record<string, readonly JsonValue[][]>>;
  /** Where functions run in the writer: the time that they have come to behind the last record. */
  readonly functionTime?: FunctionTime;
  /** What has changed of the state of such functions, per uid (13.3). */
  readonly changes?: Readonly<Record<string, readonly KeyChange[]>>;
  /** Timers of such functions that failed and were left out, per uid (W10); absent where none did. */
  readonly failed?: Readonly<Record<string, number>>;
}

/** As it is stored. */
interface SegmentJson extends Omit<Segment, 'watermark' | 'functionTime'> {
  readonly watermark: number | null;
  readonly functionTime?: { readonly watermark: number | null; readonly procTime: WallTime };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeSegments(segments: readonly Segment[]): Uint8Array {
  return encoder.encode(JSON.stringify(segments.map(encodeSegment)));
}

export function decodeSegments(bytes: Uint8Array): Segment[] {
  if (bytes.length === 0) return [];
  const json: SegmentJson[] = JSON.parse(decoder.decode(bytes));
  return json.map(decodeSegment);
}

function encodeSegment({ watermark, functionTime: time, ...rest }: Segment): SegmentJson {
  return { ...rest, watermark: encodeWatermark(watermark), ...(time && { functionTime: { ...time, watermark: encodeWatermark(time.watermark) } }) };
}

function decodeSegment({ watermark, functionTime: time, ...rest }: SegmentJson): Segment {
  return { ...rest, watermark: decodeWatermark(watermark), ...(time && { functionTime: { ...time, watermark: decodeWatermark(time.watermark) } }) };
}
