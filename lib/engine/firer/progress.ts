/** How far event time has come: `G` per source, and the watermark of each stage with several sources above it (protocol F5). Pure. */
import type { Dataflow, StageFlow } from '../../core/dataflow.ts';
import { eventTime, partsOf, type EventTime, type PartitionId, type WallTime } from '../../core/numbers.ts';
import { MIN_WATERMARK, operatorWatermark, sourceWatermark, type PartitionProgress, type SourceWatermark } from '../../core/watermark.ts';
import type { Position } from '../position.ts';

export type Progress = Pick<Position, 'watermarks' | 'operatorWatermarks' | 'procTime'>;

const isOfProcessingTime = (flow: StageFlow): boolean => flow.kind === 'operator' && flow.node.timeColumn === null;

/** The watermark that a stage sees; for windows of processing time, that time (E9). */
export function watermarkOf(flow: StageFlow, { watermarks, operatorWatermarks, procTime }: Progress): EventTime {
  if (isOfProcessingTime(flow)) return eventTime(procTime);
  return operatorWatermarks[flow.uid] ?? watermarks[flow.sources[0] ?? 0] ?? MIN_WATERMARK;
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

/** The progress when the sources stand at `sources` and processing time at `procTime`. */
export function progressAt(dataflow: Dataflow, before: Progress, sources: readonly SourceWatermark[], procTime: WallTime): Progress {
  const joint = dataflow.stages.filter((flow) => flow.sources.length > 1 && !isOfProcessingTime(flow));
  const ofStage = (flow: StageFlow): EventTime => operatorWatermark(watermarkOf(flow, before), flow.sources.flatMap((s) => sources[s] ?? []));
  return {
    procTime,
    watermarks: sources.map((s) => s.watermark),
    operatorWatermarks: Object.fromEntries(joint.map((flow) => [flow.uid, ofStage(flow)])),
  };
}
