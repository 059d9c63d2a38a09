/**
 * What one batch becomes: a segment of partial aggregates and stateless rows (protocol §6). An entry's payload is a list of segments;
 * with cadence `on-periodic` it has one.
 */
import type { PaneColumns } from '../../core/window/pane.ts';
import type { JsonValue } from '../../core/plan.ts';
import { decodeWatermark, encodeWatermark } from '../../core/watermark.ts';
import type { EventTime } from '../../core/numbers.ts';

export interface Segment {
  /** Watermark of the partition behind the last record. */
  readonly watermark: EventTime;
  /** Rows the writer itself dropped as late, per operator (W8). */
  readonly late: Readonly<Record<string, number>>;
  /** Partial aggregates per operator uid, one set of columns per slice. */
  readonly sections: Readonly<Record<string, readonly PaneColumns[]>>;
  /** Encoded output rows of stateless paths, per sink uid. */
  readonly rows: Readonly<Record<string, readonly JsonValue[][]>>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeSegments(segments: readonly Segment[]): Uint8Array {
  return encoder.encode(JSON.stringify(segments.map((s) => ({ ...s, watermark: encodeWatermark(s.watermark) }))));
}

export function decodeSegments(bytes: Uint8Array): Segment[] {
  if (bytes.length === 0) return [];
  const json: (Omit<Segment, 'watermark'> & { watermark: number | null })[] = JSON.parse(decoder.decode(bytes));
  return json.map((s) => ({ ...s, watermark: decodeWatermark(s.watermark) }));
}
