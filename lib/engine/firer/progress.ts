/** How far event time has come: `G` per source, and the watermark of each stage that has not one source above it (protocol F5). Pure. */
import type { Dataflow, StageFlow } from '../../core/dataflow.ts';
import { eventTime, partsOf, type EventTime, type PartitionId, type WallTime } from '../../core/numbers.ts';
import { MAX_WATERMARK, MIN_WATERMARK, operatorWatermark, sourceWatermark, type PartitionProgress, type SourceWatermark } from '../../core/watermark.ts';
import type { Position } from '../position.ts';

export type Progress = Pick<Position, 'watermarks' | 'operatorWatermarks' | 'procTime'>;

const isOfProcessingTime = (flow: StageFlow): boolean => flow.kind === 'operator' && flow.node.timeColumn === null;

/** Of stages above which there are VALUES only; none has this place. */
const NO_SOURCE = -1;

/** The watermark that a stage sees; for windows of processing time, that time (E9). */
export function watermarkOf(flow: StageFlow, { watermarks, operatorWatermarks, procTime }: Progress): EventTime {
  if (isOfProcessingTime(flow)) return eventTime(procTime);
  return operatorWatermarks[flow.uid] ?? watermarks[flow.sources[0] ?? NO_SOURCE] ?? MIN_WATERMARK;
}

/** F5 for every source; `at` says where each partition stands, `idle` which of them are. */
export function sourceWatermarks(dataflow: Dataflow, before: Progress, at: ReadonlyMap<PartitionId, EventTime>, idle: ReadonlySet<PartitionId>): SourceWatermark[] {
  const ofSource: PartitionProgress[][] = dataflow.sources.map(() => []);
  for (const [partition, watermark] of at) {
    const { source } = partsOf(partition);
    ofSource[source]?.push({ partition, source, watermark, idle: idle.has(partition) });
  }
  return ofSource.map((partitions, s) => sourceWatermark(before.watermarks[s] ?? MIN_WATERMARK, partitions));
}

/**
 * The progress when the sources stand at `sources` and processing time at `procTime`. A stage with nothing but VALUES above it has all its rows, and comes to
 * the end of time, as behind a bounded source of Flink; or as far as `upTo`.
 */
export function progressAt(dataflow: Dataflow, before: Progress, sources: readonly SourceWatermark[], procTime: WallTime, upTo: EventTime = MAX_WATERMARK): Progress {
  const ofOwn = dataflow.stages.filter((flow) => flow.sources.length !== 1 && !isOfProcessingTime(flow));
  const inputsOf = (flow: StageFlow): SourceWatermark[] => (flow.sources.length === 0 ? [{ watermark: upTo, idle: false }] : flow.sources.flatMap((s) => sources[s] ?? []));
  return {
    procTime,
    watermarks: sources.map((s) => s.watermark),
    operatorWatermarks: Object.fromEntries(ofOwn.map((flow) => [flow.uid, operatorWatermark(watermarkOf(flow, before), inputsOf(flow))])),
  };
}
