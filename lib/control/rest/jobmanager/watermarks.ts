/** Watermarks of vertices, and how Java writes them. */
import type { EventTime } from '../../../core/numbers.ts';
import { MAX_WATERMARK, MIN_WATERMARK } from '../../../core/watermark.ts';
import type { StateDescription } from '../../describe.ts';
import type { Vertex } from './vertices.ts';

/** Of a source its own, else the least of the sources above; null where none of them has event time. */
export function watermarkOf(state: StateDescription, vertex: Vertex, all: readonly Vertex[]): EventTime | null {
  const own = state.sources.find(({ uid }) => uid === vertex.uid);
  if (own !== undefined) return own.watermark;
  const above = all.filter(({ id }) => vertex.inputs.includes(id)).flatMap((input) => watermarkOf(state, input, all) ?? []);
  return above.length === 0 ? null : above.reduce((least, watermark) => (watermark < least ? watermark : least));
}

/** Java's least and greatest `long` stand for none and for the end of the input. */
export function watermarkText(watermark: number): string {
  if (watermark === MIN_WATERMARK) return '-9223372036854775808';
  return watermark === MAX_WATERMARK ? '9223372036854775807' : String(watermark);
}
