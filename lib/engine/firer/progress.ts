/** How far event time has come: `G` per source, and the watermark of each operator with several sources above it (protocol F5). Pure. */
import type { Dataflow, OperatorFlow } from '../../core/dataflow.ts';
import { eventTime, partsOf, type EventTime, type PartitionId, type WallTime } from '../../core/numbers.ts';
import { MIN_WATERMARK, operatorWatermark, sourceWatermark, type PartitionProgress, type SourceWatermark } from '../../core/watermark.ts';
import type { Position } from '../position.ts';

export type Progress = Pick<Position, 'watermarks' | 'operatorWatermarks' | 'procTime'>;

/** The watermark that an operator sees; for windows of processing time, that time (E9). */
export function watermarkOf(operator: OperatorFlow, { watermarks, operatorWatermarks, procTime }: Progress): EventTime {
  if (operator.node.timeColumn === null) return eventTime(procTime);
  return operatorWatermarks[operator.uid] ?? watermarks[operator.sources[0] ?? 0] ?? MIN_WATERMARK;
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
  const joint = dataflow.operators.filter((operator) => operator.sources.length > 1 && operator.node.timeColumn !== null);
  const ofOperator = (operator: OperatorFlow): EventTime =>
    operatorWatermark(watermarkOf(operator, before), operator.sources.flatMap((s) => sources[s] ?? []));
  return {
    procTime,
    watermarks: sources.map((s) => s.watermark),
    operatorWatermarks: Object.fromEntries(joint.map((operator) => [operator.uid, ofOperator(operator)])),
  };
}
